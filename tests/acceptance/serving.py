"""The server as a process of its own, and the person who asks it."""

import datetime as dt
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tests.acceptance.conftest import Shell
from tests.processes import Started
from tests.servers import free_port, is_listening, spawned_meigara
from tests.waiting import until

TOKYO = ZoneInfo("Asia/Tokyo")
MINUTE = dt.timedelta(minutes=1)


class Serving:
    """A running `meigara serve` and a client of it."""

    def __init__(self, process: Started, port: int) -> None:
        self.process = process
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)

    def get(self, path: str) -> Any:
        """Return the JSON of an answer that must be good."""
        return self.client.get(path).raise_for_status().json()

    def start(self) -> int:
        """Start a run; return its number."""
        return int(self.client.post("/api/v1/runs").raise_for_status().json()["id"])

    def run(self, run_id: int) -> Any:
        """Return a run as it stands."""
        return self.get(f"/api/v1/runs/{run_id}")

    def await_status(self, run_id: int, *statuses: str, seconds: float = 20) -> Any:
        """Wait until a run is in one of these states; return it."""
        until(lambda: self.run(run_id)["status"] in statuses, seconds)
        return self.run(run_id)

    def terminate(self) -> int:
        """Ask the server to end, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@contextmanager
def serving(shell: Shell, *args: str, **settings: str) -> Iterator[Serving]:
    """Start the server on a free port; it is killed at the end if it still runs."""
    port = free_port()
    command = ("serve", "--port", str(port), *args)
    with spawned_meigara(*command, env={**shell.env, **settings}) as process:
        until(lambda: process.poll() is not None or is_listening(port))
        assert process.poll() is None, process.stderr.read()
        server = Serving(process, port)
        with closing(server.client):
            yield server


def execute(shell: Shell, statement: str, *values: object) -> list[Any]:
    """Execute a statement on the SQLite file of a shell, past the program."""
    file = shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, timeout=10)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def assert_an_edit_fires_in_time(client: httpx.Client) -> None:
    """Edit the time to one that passed and to one that comes, pause and resume; then wait for it.

    Only the one that comes may fire, within 5 seconds of being due.
    """
    path = "/api/v1/companies/schedule"
    moment = dt.datetime.now(TOKYO)
    past, coming = (moment + minutes * MINUTE for minutes in (-1, 2 if moment.second > 50 else 1))
    for edit in (
        {"execution_time": f"{past:%H:%M}"},
        {"is_enabled": False},
        {"is_enabled": True},
        {"execution_time": f"{coming:%H:%M}"},
    ):
        client.put(path, json=edit).raise_for_status()
    slot = coming.replace(second=0, microsecond=0)
    until(lambda: client.get("/api/v1/runs/1").is_success, 90)
    until(lambda: client.get("/api/v1/runs/1").json()["status"] == "succeeded")
    run = client.get("/api/v1/runs/1").json()
    assert dt.datetime.fromisoformat(run["scheduled_for"]) == slot
    late = dt.datetime.fromisoformat(run["queued_at"]) - slot
    assert dt.timedelta() <= late <= dt.timedelta(seconds=5)


def set_next_slot(shell: Shell, slot: dt.datetime) -> None:
    """Make a moment the next slot, to the second."""
    time = slot.astimezone(TOKYO).strftime("%H:%M:%S.000000")
    moment = slot.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
    execute(shell, "UPDATE schedule SET execution_time = ?, next_run_at = ?", time, moment)


def now() -> dt.datetime:
    """The present second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
