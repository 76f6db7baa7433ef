"""What people who may do nothing can do to those who may: hardly anything."""

import contextlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving
from tests.acceptance.test_access import add_user
from tests.acceptance.test_load import memory_of

MOST_MEMORY = 50_000_000
"""More than before, whatever strangers do."""


@pytest.fixture
def guarded(synced_shell: Shell) -> Iterator[Serving]:
    """Serve a store with an administrator."""
    add_user(synced_shell, "naomi", "admin")
    with serving(synced_shell) as server:
        server.client.get("/api/v1/status")
        yield server


def test_forty_requests_with_headers_of_ten_megabytes_leave_nothing_in_memory(
    guarded: Serving,
) -> None:
    before = memory_of(guarded.process.pid)
    for name in ("Authorization: Bearer ", "Cookie: meigara_session=", "X-Anything: "):
        for letter in b"abcdefghijklmn":
            _send_head(guarded, name.encode() + bytes([letter]) * 10_000_000)
        assert guarded.get("/healthz")["status"] == "ok"
        assert memory_of(guarded.process.pid) - before < MOST_MEMORY


def _send_head(server: Serving, header: bytes) -> None:
    address = ("127.0.0.1", server.client.base_url.port or 0)
    with socket.create_connection(address) as stranger, contextlib.suppress(OSError):
        stranger.sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n" + header)
        stranger.sendall(b"\r\n\r\n")
        assert stranger.recv(100).startswith(b"HTTP/1.1 431 ")


def test_hundreds_of_long_tokens_and_cookies_that_open_nothing_are_not_kept(
    guarded: Serving,
) -> None:
    before = memory_of(guarded.process.pid)

    def show_many(place: int) -> None:
        with httpx.Client(base_url=guarded.client.base_url, timeout=20) as stranger:
            for number in range(200):
                secret = f"{place:04}{number:04}" * 7_500
                for shown in (
                    {"Authorization": f"Bearer {secret}"},
                    {"Cookie": f"meigara_session={secret}"},
                ):
                    assert stranger.get("/api/v1/status", headers=shown).status_code == 401

    with ThreadPoolExecutor(4) as strangers:
        list(strangers.map(show_many, range(4)))
    assert memory_of(guarded.process.pid) - before < MOST_MEMORY
