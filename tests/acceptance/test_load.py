"""Two hundred readers of the list while a sync publishes another one."""

import socket
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


def place_of(url: str) -> str:
    """Return the address of the server that a test database is on."""
    return f"{url.rpartition('/')[0]}/postgres"
