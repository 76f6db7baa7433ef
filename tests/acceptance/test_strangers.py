"""What people who may do nothing can do to those who may: hardly anything."""

import contextlib
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving
from tests.acceptance.test_access import PASSWORD, add_user, origin
from tests.acceptance.test_load import memory_of

MOST_MEMORY = 50_000_000
"""More than before, whatever strangers do."""
LONGEST_SIGN_IN = 4
"""Seconds on a busy machine; in the line of the strangers it would take twice as many."""


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


def try_to_sign_in(
    server: Serving, name: str, password: str = PASSWORD, *, address: str = "203.0.113.1"
) -> httpx.Response:
    """Sign in from an address, as the proxy on this machine says."""
    return httpx.post(
        f"{server.client.base_url}/sign-in",
        data={"name": name, "password": password},
        headers={**origin(server), "X-Forwarded-For": address},
        timeout=60,
        verify=False,  # noqa: S501 - there is no TLS here, and its set-up takes the time of others
    )


def fail_from(server: Serving, name: str, addresses: Iterable[str]) -> Counter[int]:
    """Try wrong passwords of a name, one from each address; count the answers."""
    with ThreadPoolExecutor(10) as strangers:
        return Counter(
            strangers.map(
                lambda each: try_to_sign_in(server, name, "wrong", address=each).status_code,
                addresses,
            )
        )


@pytest.fixture
def peopled(shell: Shell) -> Iterator[Serving]:
    """Serve an empty store with two accounts, on each kind of database."""
    for name in ("naomi", "vera"):
        add_user(shell, name, "admin")
    with serving(shell) as server:
        yield server


def test_all_addresses_of_one_network_of_ipv6_have_five_tries_together(peopled: Serving) -> None:
    found = fail_from(peopled, "naomi", (f"2001:db8:0:7::{n:x}" for n in range(60)))
    assert 1 <= found[401] <= 5
    assert found[401] + found[429] == 60
    neighbour = try_to_sign_in(peopled, "naomi", address="2001:db8:0:7:ffff::1")
    assert neighbour.status_code == 429
    assert int(neighbour.headers["retry-after"]) > 600
    assert try_to_sign_in(peopled, "naomi", address="2001:db8:0:8::1").status_code == 303


def test_who_signed_in_before_from_a_place_is_let_in_however_many_fail_elsewhere(
    peopled: Serving,
) -> None:
    home = "2001:db8:0:9::5"
    assert try_to_sign_in(peopled, "naomi", address=home).status_code == 303
    fail_from(peopled, "naomi", (f"2001:db8:1:{n:x}::1" for n in range(80)))
    elsewhere = try_to_sign_in(peopled, "naomi", address="2001:db8:2::1")
    assert elsewhere.status_code == 429
    assert int(elsewhere.headers["retry-after"]) > 600
    assert "naomi" in elsewhere.text
    assert try_to_sign_in(peopled, "naomi", address="2001:db8:0:9::6").status_code == 303
    assert try_to_sign_in(peopled, "vera", address="2001:db8:2::1").status_code == 303


def test_behind_a_proxy_that_is_not_trusted_who_signed_in_before_is_let_in(shell: Shell) -> None:
    for name in ("naomi", "vera"):
        add_user(shell, name, "admin")
    with serving(shell, FORWARDED_ALLOW_IPS="192.0.2.1") as server:
        assert try_to_sign_in(server, "naomi").status_code == 303
        with ThreadPoolExecutor(10) as strangers:
            list(strangers.map(lambda n: try_to_sign_in(server, f"name{n}", "wrong"), range(70)))
        fail_from(server, "naomi", ["203.0.113.1"] * 7)
        assert try_to_sign_in(server, "naomi").status_code == 303
        new = try_to_sign_in(server, "vera")
        assert (new.status_code, "retry-after" in new.headers) == (429, True)


def test_a_right_sign_in_does_not_wait_for_thirty_strangers(
    guarded: Serving, synced_shell: Shell
) -> None:
    add_user(synced_shell, "vera", "viewer")
    assert try_to_sign_in(guarded, "naomi").status_code == 303
    before = memory_of(guarded.process.pid)
    with ThreadPoolExecutor(30) as people:
        for n in range(3):
            names = ["vera", f"nobody{n}"] * 15
            places = [f"2001:db8:{n:x}:{place:x}::1" for place in range(30)]
            crowd = people.map(
                lambda name, place: try_to_sign_in(guarded, name, "wrong", address=place),
                names,
                places,
            )
            for address in ("203.0.113.1", f"198.51.100.{n}"):  # known, and new
                began = time.monotonic()
                assert try_to_sign_in(guarded, "naomi", address=address).status_code == 303
                assert time.monotonic() - began < LONGEST_SIGN_IN
            began = time.monotonic()
            assert guarded.get("/healthz")["status"] == "ok"
            assert time.monotonic() - began < 2
            assert {each.status_code for each in crowd} <= {401, 429}
            assert memory_of(guarded.process.pid) - before < MOST_MEMORY


def test_an_unknown_name_and_a_wrong_password_take_equally_long(guarded: Serving) -> None:
    def seconds(name: str) -> float:
        began = time.monotonic()
        assert try_to_sign_in(guarded, name, "wrong").status_code == 401
        return time.monotonic() - began

    taken = [seconds(name) for name in ("naomi", "nobody", "naomi", "nobody")]
    assert max(taken) - min(taken) < 0.3
