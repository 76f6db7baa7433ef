"""Two hundred readers of the list while a sync publishes another one."""

import socket
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.load import load
from benchmarks.servers import Server
from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import serving


def test_every_reader_gets_the_old_list_or_the_new_one_and_none_an_error(
    kind: str, database_url: str, tmp_path: Path
) -> None:
    found = load(Server(kind, str(tmp_path) if kind == "sqlite" else place_of(database_url)), 8)
    reading = found.reading
    assert reading.failures == []
    assert reading.answers > 1_000
    assert reading.steps_back == 0
    for address, contents in reading.contents.items():
        old, *new = sorted(contents.values(), key=lambda seen: seen.rank)
        assert len(new) <= 1, address
        if new:
            assert old.last_asked <= found.published_at
    assert any(len(contents) == 2 for contents in reading.contents.values())


def test_a_reader_that_takes_nothing_keeps_no_other_waiting(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    with serving(synced_shell) as server:
        port = server.client.base_url.port or 0
        with socket.create_connection(("127.0.0.1", port)) as idle:
            asked = b"GET /api/v1/issues?limit=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            for _ in range(20):
                idle.sendall(asked)
            assert len(server.get("/api/v1/issues?limit=10000")["issues"]) == 4_436


def test_a_thousand_half_requests_keep_nobody_from_being_answered(migrated_shell: Shell) -> None:
    with serving(migrated_shell) as server, ExitStack() as stack:
        address = ("127.0.0.1", server.client.base_url.port or 0)
        for number in range(1_100):
            half = stack.enter_context(socket.create_connection(address))
            half.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
            if number % 100 == 0:
                began = time.monotonic()
                assert server.get("/healthz")["status"] == "ok"
                assert time.monotonic() - began < 2
        large = server.client.get("/healthz", headers={"x-large": "x" * 70_000})
        assert large.status_code == 431
        assert large.json()["status"] == 431
        assert server.terminate() == 0
        assert server.process.stderr is not None
        assert "Traceback" not in server.process.stderr.read()


def place_of(url: str) -> str:
    """Return the address of the server that a test database is on."""
    return f"{url.rpartition('/')[0]}/postgres"
