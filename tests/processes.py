"""How does a test start the program without loading it anew each time?

A process that has loaded the program once forks: what comes out is a process as any other, with its
own environment, output, signals and end. What Python itself looks at when it starts (the locale,
libraries put before others) is of no account there: where a test sets that, the program is really
started.
"""

import atexit
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import IO

_BIN = Path(sys.executable).parent
MEIGARA, CELERY = str(_BIN / "meigara"), str(_BIN / "celery")
_ENTRIES = {MEIGARA: "meigara.__main__", CELERY: "celery.__main__"}
_STREAMS = ((0, "r"), (1, "w"), (2, "w"))
_LOOKED_AT_AT_THE_START = ("LANG", "LC_", "LD_", "PYTHON")

fast_process = multiprocessing.get_context("forkserver")
fast_process.set_forkserver_preload(
    [
        "tests.acceptance.victim",
        *("meigara.cli.main", "meigara.web.server", "meigara.bootstrap", "meigara.notices"),
        *("meigara.execution.work", "meigara.execution.beat", "meigara.execution.embedded"),
        *("meigara.db.postgresql", "meigara.db.migrate", "psycopg", "aiosqlite"),
        *("celery.apps.worker", "celery.apps.beat", "celery.bin.celery", "kombu.transport.redis"),
    ]
)


class Started:
    """A process of the program; what it says goes into files, so that it never waits for us."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        stdin: str = "",
        log: Path | None = None,
    ) -> None:
        """Start `command` with what is set in `env` beside what is set here.

        With a `log` both its output and its errors go there, and it leads a group of processes.
        """
        is_known = command[0] in _ENTRIES
        is_plain = not any(name.startswith(_LOOKED_AT_AT_THE_START) for name in env)
        begin = _forked if is_known and is_plain else _really_started
        with ExitStack() as files:
            said = files.enter_context(_new_file(log))
            failed = said if log else files.enter_context(_new_file())
            typed = files.enter_context(_new_file())
            typed.write(stdin.encode())
            typed.seek(0)
            streams = (typed, said, failed)
            whole = {**os.environ, **env}
            self._process = begin(command, whole, streams, is_leader=log is not None)
            self.stdout, self.stderr = _from_the_beginning(said), _from_the_beginning(failed)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """How it ended: its exit code, or minus the number of the signal; None while it runs."""
        return self.poll()

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""
        if isinstance(self._process, subprocess.Popen):
            return self._process.poll()
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ends. Raises TimeoutExpired."""
        if isinstance(self._process, subprocess.Popen):
            return self._process.wait(timeout)
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired("meigara", timeout or 0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end; return what it said. Raises TimeoutExpired."""
        self.wait(timeout)
        return self.stdout.read(), self.stderr.read()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)
        self.wait()

    def close(self) -> None:
        """Kill it, and read no more of what it said."""
        self.kill()
        self.stdout.close()
        self.stderr.close()


def _really_started(
    command: Sequence[str], env: Mapping[str, str], files: Sequence[IO[bytes]], *, is_leader: bool
) -> "subprocess.Popen[bytes]":
    stdin, stdout, stderr = files
    return subprocess.Popen(
        command, env=env, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=is_leader
    )


def _forked(
    command: Sequence[str], env: Mapping[str, str], files: Sequence[IO[bytes]], *, is_leader: bool
) -> ForkServerProcess:
    ends = [Connection(os.dup(file.fileno())) for file in files]
    process = fast_process.Process(target=_become, args=(command, env, ends, is_leader))
    process.start()
    for end in ends:
        end.close()
    return process


def _become(
    command: Sequence[str], env: Mapping[str, str], ends: Sequence[Connection], is_leader: bool
) -> None:
    """Run the program in the process that was forked for it."""
    if is_leader:
        os.setsid()
    for number, end in enumerate(ends):
        os.dup2(end.fileno(), number)
        end.close()
    os.environ.clear()
    os.environ.update(env)
    sys.argv = list(command)
    stdin, stdout, stderr = (io.FileIO(number, mode, closefd=False) for number, mode in _STREAMS)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(stdin), "utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(stdout), "utf-8")
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(stderr), "utf-8", line_buffering=True)
    try:
        import_module(_ENTRIES[command[0]]).main()
    finally:
        atexit._run_exitfuncs()


def _new_file(path: Path | None = None) -> IO[bytes]:
    return path.open("w+b") if path else tempfile.TemporaryFile()


def _from_the_beginning(file: IO[bytes]) -> IO[str]:
    """Open a file once more, to read what somebody else writes into it."""
    return open(f"/proc/self/fd/{file.fileno()}", encoding="utf-8", errors="replace")
