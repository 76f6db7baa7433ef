"""Two hundred readers of the list while a sync publishes another one."""

import select
import selectors
import socket
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.load import load
from benchmarks.servers import Server
from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig
from tests.acceptance.conftest import TODAY, Shell
from tests.acceptance.serving import Serving, serving
from tests.acceptance.test_access import add_user, sign_in
from tests.acceptance.test_exports import READERS
from tests.waiting import until


def test_every_reader_gets_the_old_list_or_the_new_one_and_none_an_error(
    kind: str, database_url: str, tmp_path: Path
) -> None:
    found = load(Server(kind, str(tmp_path) if kind == "sqlite" else place_of(database_url)), 14)
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
    numbers = [set(pressed.runs) for pressed in found.presses]
    first = min(numbers[0])
    assert numbers == [{first + n} for n in range(len(numbers))]


def test_a_reader_that_takes_nothing_keeps_no_other_waiting(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    with serving(synced_shell) as server:
        port = server.client.base_url.port or 0
        with socket.create_connection(("127.0.0.1", port)) as idle:
            asked = b"GET /api/v1/issues?limit=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            for _ in range(20):
                idle.sendall(asked)
            assert len(server.get("/api/v1/issues?limit=10000")["issues"]) == 4_444


def test_readers_who_take_nothing_of_an_export_hold_neither_the_store_nor_memory_nor_files(
    shell: Shell, market: Market, tmp_path: Path
) -> None:
    shell.connect(SimulatorConfig(market=market, today=TODAY))
    shell("sync")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with serving(shell, TMPDIR=str(temporary)) as server, ExitStack() as stack:
        for format_ in READERS:
            server.client.get(f"/api/v1/exports/issues.{format_}").raise_for_status()
        before = memory_of(server.process.pid)
        address = ("127.0.0.1", server.client.base_url.port or 0)
        for number in range(60):
            idle = stack.enter_context(a_reader(address))
            format_ = list(READERS)[number % 4]
            asked = f"GET /api/v1/exports/issues.{format_} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            idle.sendall(asked.encode() * 5)
            began = time.monotonic()
            assert server.get("/healthz")["status"] == "ok"
            assert time.monotonic() - began < 2
        assert server.get("/api/v1/issues?limit=1")["total"] == 4_444
        whole = server.client.get("/api/v1/exports/issues.csv", headers={"accept-encoding": "none"})
        assert int(whole.headers["content-length"]) == len(whole.content)
        assert whole.content.count(b"\r\n") == 4_445
        assert memory_of(server.process.pid) - before < 50_000_000
        assert list(temporary.iterdir()) == []
        stack.close()
        assert server.get("/healthz")["status"] == "ok"
        assert server.terminate() == 0
        assert server.process.stderr.read() == ""


def test_readers_who_take_nothing_of_a_list_share_one_copy_of_it(synced_shell: Shell) -> None:
    with serving(synced_shell) as server, ExitStack() as stack:
        server.get("/jquants/v2/equities/master")
        before = memory_of(server.process.pid)
        address = ("127.0.0.1", server.client.base_url.port or 0)
        for _ in range(100):
            idle = stack.enter_context(a_reader(address))
            asked = b"GET /jquants/v2/equities/master HTTP/1.1\r\nHost: localhost\r\n\r\n"
            idle.sendall(asked * 5)
        assert len(server.get("/jquants/v2/equities/master")["data"]) == 4_444
        assert memory_of(server.process.pid) - before < 50_000_000
        stack.close()
        assert server.get("/healthz")["status"] == "ok"
        assert server.terminate() == 0
        assert server.process.stderr.read() == ""


def test_four_hundred_pages_that_follow_a_change_keep_nobody_from_being_answered(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    with serving(synced_shell) as server, ExitStack() as stack:
        address = ("127.0.0.1", server.client.base_url.port or 0)
        for seen in ("", seen_on(server)):
            pages = stack.enter_context(selectors.DefaultSelector())
            asked = f"GET /data-sources/1/live?seen={seen} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            for _ in range(400):
                page = stack.enter_context(socket.create_connection(address))
                pages.register(page, selectors.EVENT_READ)
                page.sendall(asked.encode())
            if seen:
                assert server.get("/healthz")["status"] == "ok"
                assert pages.select(0) == []
                server.start()
            deadline = time.monotonic() + 20
            while len(pages.select(0)) < 400:
                began = time.monotonic()
                assert began < deadline
                assert server.get("/healthz")["status"] == "ok"
                assert time.monotonic() - began < 2


def test_four_hundred_pages_of_one_viewer_keep_nobody_from_being_answered(
    synced_shell: Shell,
) -> None:
    add_user(synced_shell, "vera", "viewer")
    with serving(synced_shell) as server, ExitStack() as stack:
        assert sign_in(server, "vera").status_code == 303
        cookie = "; ".join(f"{name}={value}" for name, value in server.client.cookies.items())
        asked = (
            f"GET /data-sources/1/live?seen={seen_on(server)} HTTP/1.1\r\n"
            f"Host: localhost\r\nCookie: {cookie}\r\n\r\n"
        )
        before = memory_of(server.process.pid)
        address = ("127.0.0.1", server.client.base_url.port or 0)
        pages = [stack.enter_context(socket.create_connection(address)) for _ in range(400)]
        for page in pages:
            page.sendall(asked.encode())
        deadline = time.monotonic() + 20
        while len(answered := select.select(pages, [], [], 0)[0]) < 350:
            began = time.monotonic()
            assert began < deadline
            assert server.get("/healthz")["status"] == "ok"
            assert time.monotonic() - began < 2
        assert len(answered) == 350
        for page in answered:
            answer = page.recv(2_000).lower()
            assert answer.startswith(b"http/1.1 429 ")
            assert b"retry-after: " in answer
        assert memory_of(server.process.pid) - before < 50_000_000
        assert server.client.get("/data-sources/1/live").status_code == 429
        for page in pages:
            page.close()
        until(lambda: server.client.get("/data-sources/1/live").status_code == 200)


def seen_on(server: Serving) -> str:
    """Return what a page says that it has seen."""
    return server.client.get("/").text.partition('data-seen="')[2].partition('"')[0]


def a_reader(address: tuple[str, int]) -> socket.socket:
    """Return a connection of somebody who does not read, and whose system takes little as well."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    reader.connect(address)
    return reader


def memory_of(pid: int) -> int:
    """Return how many bytes of memory a process holds."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


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
        assert "Traceback" not in server.process.stderr.read()


def place_of(url: str) -> str:
    """Return the address of the server that a test database is on."""
    return f"{url.rpartition('/')[0]}/postgres"
