"""No connection keeps the server waiting for ever, and none keeps it from the others."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from meigara.web.connections import Limits, protocol_within
from tests.waiting import until

PIECE = bytes(65_536)
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


class Served:
    """A server within limits, and what became of the answers of its application."""

    def __init__(self, limits: Limits) -> None:
        self.ended = 0
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            http=protocol_within(limits),
            ws="none",
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(config)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.listener.getsockname()
        self.thread = threading.Thread(target=self.server.run, args=([self.listener],))

    async def _answer(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Read the whole body; then answer shortly, with more than any buffer takes, or never."""
        assert scope["type"] == "http"
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        if scope["path"] == "/work":
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        pieces = [PIECE] * 1_000 if scope["path"] == "/long" else [b"ok"]
        size = str(sum(map(len, pieces))).encode()
        headers = [(b"content-length", size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, piece in enumerate(pieces, 1):
            has_more = number < len(pieces)
            await send({"type": "http.response.body", "body": piece, "more_body": has_more})
        self.ended += 1

    def connect(self, sent: bytes = b"") -> socket.socket:
        """Open a connection and send something."""
        connection = socket.create_connection(self.address, timeout=10)
        connection.sendall(sent)
        return connection

    def is_well(self) -> bool:
        """Say whether others are answered."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.address[1]}/", timeout=2).text == "ok"
        return False


@contextlib.contextmanager
def serving_within(limits: Limits) -> Iterator[Served]:
    served = Served(limits)
    served.thread.start()
    try:
        until(served.is_well)
        yield served
    finally:
        served.server.should_exit = True
        served.thread.join(20)
        served.listener.close()


def answer_on(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    parts = []
    with connection, contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def one_answer_on(connection: socket.socket) -> bytes:
    """Return a short answer, after which the connection stays open."""
    answer = b""
    while not answer.endswith(b"ok"):
        part = connection.recv(65_536)
        assert part
        answer += part
    return answer


def test_half_a_head_is_ended_in_time() -> None:
    with serving_within(Limits(request_seconds=0.5)) as served:
        for half in (b"GET / HT", HEAD, HEAD + b"X-Slow: yes"):
            assert answer_on(served.connect(half)).startswith(b"HTTP/1.1 408 ")
        assert answer_on(served.connect()) == b""
        assert served.is_well()


def test_a_body_of_one_byte_now_and_then_is_ended_in_time() -> None:
    with serving_within(Limits(request_seconds=0.5)) as served:
        connection = served.connect(HEAD + b"Content-Length: 1000\r\n\r\n")
        began = time.monotonic()
        with contextlib.suppress(OSError):  # the other side has closed
            while time.monotonic() < began + 5:
                connection.sendall(b"x")
                connection.settimeout(0.1)
                with contextlib.suppress(TimeoutError):
                    assert connection.recv(65_536).startswith(b"HTTP/1.1 408 ")
                    break
        assert 0.4 < time.monotonic() - began < 5
        connection.close()
        until(lambda: not served.server.server_state.tasks)


def test_a_second_request_has_its_own_time_and_what_is_none_does_not_lengthen_it() -> None:
    with serving_within(Limits(request_seconds=0.5)) as served:
        connection = served.connect(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in one_answer_on(connection)
        connection.sendall(b"GET / HTTP/1.1\r\n")
        assert answer_on(connection).startswith(b"HTTP/1.1 408 ")
        connection = served.connect(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in one_answer_on(connection)
        connection.sendall(b"\r\n")
        assert answer_on(connection) == b""


def test_a_request_that_is_whole_may_be_answered_as_slowly_as_it_is_read() -> None:
    with serving_within(Limits(request_seconds=0.5)) as served:
        connection = served.connect(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
        taken = 0
        with connection:
            for _ in range(10):
                taken += len(connection.recv(65_536))
                time.sleep(0.1)
            while taken < 1_000 * len(PIECE):
                part = connection.recv(2**20)
                assert part
                taken += len(part)


def test_a_head_of_more_than_the_limit_is_refused_however_it_comes() -> None:
    with serving_within(Limits(head_bytes=10_000)) as served:
        for head in (
            b"GET /" + b"a" * 11_000 + b" HTTP/1.1\r\n\r\n",
            HEAD + b"X: " + b"a" * 11_000 + b"\r\n\r\n",
            HEAD + b"X: 1\r\n" * 6_000 + b"\r\n",
        ):
            assert answer_on(served.connect(head)).startswith(b"HTTP/1.1 431 ")
        connection = served.connect(HEAD + b"X: ")
        with contextlib.suppress(OSError):
            for _ in range(100):
                connection.sendall(b"a" * 1_000)
                time.sleep(0.001)
        until(lambda: not served.server.server_state.connections)
        connection.close()
        many = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1_000  # each is small
        connection = served.connect(many)
        seen = 0
        with connection:
            while seen < 1_000:
                part = connection.recv(65_536)
                assert part
                seen += part.count(b"ok")


def test_a_reader_that_takes_nothing_is_cut_off() -> None:
    with serving_within(Limits(reading_seconds=0.5)) as served:
        readers = [
            served.connect(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(20)
        ]
        asked = served.ended
        until(lambda: served.ended == asked + 20, 10)
        until(lambda: not served.server.server_state.connections)
        assert served.is_well()
        for reader in readers:
            assert len(answer_on(reader)) < 1_000 * len(PIECE)


def test_a_reader_that_goes_while_more_requests_wait_ends_all_of_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving_within(Limits()) as served:
        asked = served.ended
        readers = [
            served.connect(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5) for _ in range(10)
        ]
        until(lambda: len(served.server.server_state.tasks) == 10)
        for reader in readers:
            reader.close()
        until(lambda: not served.server.server_state.tasks)
        assert served.ended == asked + 10
    assert caplog.text == ""


def test_more_half_requests_than_connections_keep_nobody_from_being_answered() -> None:
    with serving_within(Limits(connections=20)) as served, ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(served.connect(HEAD))
        assert all(served.is_well() for _ in range(5))
        assert len(served.server.server_state.connections) <= 21


def test_more_readers_that_take_nothing_than_connections_keep_nobody_from_being_answered() -> None:
    with serving_within(Limits(connections=20)) as served, ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(served.connect(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        until(lambda: all(served.is_well() for _ in range(5)))


def test_a_server_whose_connections_all_work_says_so_to_the_next_one() -> None:
    with serving_within(Limits(connections=2)) as served, ExitStack() as stack:
        until(lambda: not served.server.server_state.connections)
        for _ in range(2):
            working = served.connect(b"GET /work HTTP/1.1\r\nHost: localhost\r\n\r\n")
            stack.enter_context(working)
        until(lambda: len(served.server.server_state.tasks) == 2)  # else one gives way to the next
        answer = answer_on(served.connect())
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: " in answer
