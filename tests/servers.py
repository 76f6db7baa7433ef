"""Real servers for tests: PostgreSQL and Redis on free ports, and the command as a process."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psycopg

from tests.processes import MEIGARA, Started


def postgresql_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server installed, None if there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if folders:
        return folders[-1]
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A server process that can be stopped and started again on the same port."""

    def __init__(self, command: Sequence[str], log: Path, is_ready: Callable[[], bool]) -> None:
        """Prepare `command`; it is ready to serve when `is_ready` says so."""
        self._command = command
        self._log = log
        self._is_ready = is_ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it serves."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for whoever started it
            )
        deadline = time.monotonic() + 30
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the process at once, whoever is connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze the server with all its children: it takes connections and is mute."""
        if self._process is None:
            raise RuntimeError("the server does not run")
        with frozen(self._process.pid):
            yield

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, such as SIGSTOP: the server then takes connections and is mute."""
        if self._process is not None:
            self._process.send_signal(number)


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Freeze a process with all its children, and let them go on at the end."""
    family = list(_family(pid))
    for each in family:
        _signal(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in family:
            _signal(each, signal.SIGCONT)


def is_frozen(pid: int) -> bool:
    """Say whether a process has been stopped."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "T"
    return False


def _family(pid: int) -> Iterator[int]:
    """Yield a process and all its children, the parents first."""
    yield pid
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        for child in children:
            yield from _family(int(child))


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


@contextlib.contextmanager
def running_postgresql(*settings: str, folder: Path | None = None) -> Iterator[str]:
    """Start a private PostgreSQL server and give its URL, `postgresql://…/postgres`."""
    with postgresql_server(*settings, folder=folder) as (_server, url):
        yield url


@contextlib.contextmanager
def postgresql_server(*settings: str, folder: Path | None = None) -> Iterator[tuple[Server, str]]:
    """Start a private PostgreSQL server; give it and its URL. Its data lies in `folder`.

    PostgreSQL refuses to run as root; then it runs as the user `postgres`.
    """
    binaries = postgresql_binaries()
    if binaries is None:
        raise RuntimeError("PostgreSQL is not installed")
    with _folder(folder, "postgresql") as place:
        as_user: list[str] = []
        if os.getuid() == 0:
            shutil.chown(place, "postgres")
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if not (place / "data").exists():
            initdb = [f"{binaries}/initdb", "-D", f"{place}/data", "-U", "postgres", "-A", "trust"]
            initdb += ["-E", "UTF8", "--locale=C.UTF-8"]
            subprocess.run([*as_user, *initdb], check=True, capture_output=True, cwd="/")
        port = free_port()
        where = [
            f"-cport={port}",
            "-clisten_addresses=127.0.0.1",
            f"-cunix_socket_directories={place}",
        ]
        postgres = [f"{binaries}/postgres", "-D", f"{place}/data", *where, *settings]
        command = [*as_user, *_bound_to_this_process(), *postgres]
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        server = Server(command, place / "log", lambda: _lets_in(url))
        try:
            server.start()
            yield server, url
        finally:
            server.stop()


@contextlib.contextmanager
def redis_server(*settings: str, folder: Path | None = None) -> Iterator[tuple[Server, str]]:
    """Start a private Redis; give it and its URL. Without more settings a stop empties it."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("Redis is not installed")
    with _folder(folder, "redis") as place:
        port = free_port()
        where = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(place), "--save", ""]
        command = [*_bound_to_this_process(), program, *where, *settings]
        server = Server(command, place / "log", lambda: is_listening(port))
        try:
            server.start()
            yield server, f"redis://127.0.0.1:{port}/0"
        finally:
            server.stop()


@contextlib.contextmanager
def _folder(given: Path | None, name: str) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix=f"meigara-{name}-") as temporary:
        yield Path(temporary)


def _bound_to_this_process() -> list[str]:
    """Return what ends a server together with this process, even if this process is killed."""
    return ["setpriv", "--pdeathsig=INT"] if shutil.which("setpriv") else []


def _lets_in(url: str) -> bool:
    """Say whether PostgreSQL takes clients: it listens a little earlier than that."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False


def is_listening(port: int) -> bool:
    """Say whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run_meigara(
    *args: str, env: Mapping[str, str] | None = None, timeout: float = 60, stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    with spawned_meigara(*args, env=env, stdin=stdin) as process:
        output, errors = process.communicate(timeout)
        return subprocess.CompletedProcess(args, process.wait(), output, errors)


@contextlib.contextmanager
def spawned_meigara(
    *args: str, env: Mapping[str, str] | None = None, stdin: str = ""
) -> Iterator[Started]:
    """Start the command; it is killed at the end if it still runs."""
    with spawned([MEIGARA, *args], env, stdin) as process:
        yield process


@contextlib.contextmanager
def spawned(
    command: Sequence[str], env: Mapping[str, str] | None = None, stdin: str = ""
) -> Iterator[Started]:
    """Start a program; it is killed at the end if it still runs."""
    with contextlib.closing(Started(command, env or {}, stdin=stdin)) as process:
        yield process
