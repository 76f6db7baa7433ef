"""Real servers for tests: PostgreSQL on a free port, and the command as a process."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psycopg

MEIGARA = str(Path(sys.executable).with_name("meigara"))


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


@contextlib.contextmanager
def running_postgresql(*settings: str) -> Iterator[str]:
    """Start a private PostgreSQL server and give its URL, `postgresql://…/postgres`.

    PostgreSQL refuses to run as root; then it runs as the user `postgres`.
    """
    binaries = postgresql_binaries()
    if binaries is None:
        raise RuntimeError("PostgreSQL is not installed")
    as_user: list[str] = []
    with tempfile.TemporaryDirectory(prefix="meigara-postgresql-") as name:
        folder = Path(name)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        initdb = [f"{binaries}/initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust"]
        subprocess.run(
            [*as_user, *initdb, "-E", "UTF8", "--locale=C.UTF-8"],
            check=True,
            capture_output=True,
            cwd="/",
        )
        with _served([*as_user, *_bound_to_this_process()], binaries, folder, settings) as port:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"


def _bound_to_this_process() -> list[str]:
    """Return what ends a server together with this process, even if this process is killed."""
    return ["setpriv", "--pdeathsig=INT"] if shutil.which("setpriv") else []


@contextlib.contextmanager
def _served(
    prefix: Sequence[str], binaries: Path, folder: Path, settings: Sequence[str]
) -> Iterator[int]:
    port = free_port()
    where = [f"-cport={port}", "-clisten_addresses=127.0.0.1"]
    where.append(f"-cunix_socket_directories={folder}")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*prefix, f"{binaries}/postgres", "-D", f"{folder}/data", *where, *settings],
            stdout=log,
            stderr=log,
            cwd="/",
        )
    try:
        _wait_for_postgresql(port, server)
        yield port
    finally:
        server.send_signal(signal.SIGINT)  # SIGTERM would wait for every client to leave
        server.wait(30)


def run_meigara(
    *args: str,
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
    largest_file_bytes: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the installed command to its end; a limited file size stands for a full disk."""
    limit = ["prlimit", f"--fsize={largest_file_bytes}"] if largest_file_bytes else []
    return subprocess.run(
        [*limit, MEIGARA, *args],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@contextlib.contextmanager
def spawned_meigara(
    *args: str, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start the installed command; it is killed at the end if it still runs."""
    with subprocess.Popen(
        [MEIGARA, *args],
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _wait_for_postgresql(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the server takes clients: it listens a little earlier than it lets them in."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres"),
        ):
            return
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start")
