"""How long may a connection keep the server waiting, and how many may there be?

uvicorn itself waits for ever for the rest of a request, and for a reader that takes nothing of its
answer. Here each wait has an end, and where there is no more room a connection that keeps the
server waiting gives way to a new one.
"""

import asyncio
import resource
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from meigara.web.problems import refusal

BACKLOG = 256
"""How many connections may wait to be accepted; as many are accepted in one go."""
_MOST_CONNECTIONS = 1_000
_FEWEST_CONNECTIONS = 16
_OTHER_FILES = 200  # the database, exports on their way, requests to J-Quants
_RETRY_SECONDS = 5
_LAST_SECONDS = 4.0  # less than the server waits at its end


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server bears: seconds until a request must be whole, seconds in which a reader must
    take something, bytes of the head of a request, and connections.
    """

    request_seconds: float = 30.0
    reading_seconds: float = 60.0
    head_bytes: int = 65_536
    connections: int = _MOST_CONNECTIONS


def limits_here() -> Limits:
    """Return the limits that the open files allowed to this process leave room for.

    As many files as they need are asked for first, as far as the system lets a process do so.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    beside = BACKLOG + _OTHER_FILES
    wanted = _MOST_CONNECTIONS + beside
    if resource.RLIM_INFINITY != soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else soft - beside
    return Limits(connections=max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, room)))


def protocol_within(limits: Limits) -> type[HttpToolsProtocol]:
    """Return the protocol of a server whose connections keep to `limits`."""

    class Within(_LimitedProtocol):
        within = limits
        awaited: ClassVar[dict[_LimitedProtocol, None]] = {}
        stalled: ClassVar[dict[_LimitedProtocol, None]] = {}

    return Within


class _HeadTooLarge(Exception):
    """The head of a request is larger than it may be."""


class _LimitedProtocol(HttpToolsProtocol):
    """HTTP on one connection, with an end to every wait for the other side.

    `awaited` are the connections whose request is not whole, `stalled` those whose reader has not
    taken all that was sent; both with the one that has waited longest first.
    """

    within: ClassVar[Limits]
    awaited: ClassVar[dict["_LimitedProtocol", None]]
    stalled: ClassVar[dict["_LimitedProtocol", None]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._answering: RequestResponseCycle | None = None
        self._until_whole: asyncio.TimerHandle | None = None
        self._until_read: asyncio.TimerHandle | None = None
        self._unread = 0
        self._begun = 0
        self._is_in_head = self._is_in_request = False
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # so that every byte that is not taken is told
        self._await_request()
        if len(self.connections) > self.within.connections:
            self._make_room()

    def shutdown(self) -> None:
        """End, at the latest before the server cancels what goes on for those who take nothing."""
        super().shutdown()
        if not self.transport.is_closing():
            self.loop.call_later(_LAST_SECONDS, self._cut)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._answering is not None:  # uvicorn tells only the request that came last
            self._answering.disconnected = True
            self._answering.message_event.set()
        self._end_of_request()
        self._end_of_stall()

    # The request: whole in time, and its head not too large.

    def data_received(self, data: bytes) -> None:
        begun = self._begun if self._is_in_head else None
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._is_in_head and begun == self._begun:  # a header that the parser has not told yet
            self._head_bytes += len(data)
            if self._head_bytes > self.within.head_bytes:
                self._refuse_head()
        if self._is_idle():  # what came was no request, and ended uvicorn's wait for one
            self._await_request()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun += 1
        self._head_bytes = 0
        self._is_in_head = self._is_in_request = True
        self._await_request()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._measure_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._measure_head(len(name) + len(value))

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_in_request = False
        self._end_of_request()

    def send_400_response(self, msg: str) -> None:
        if self._head_bytes > self.within.head_bytes:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def _measure_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.within.head_bytes:
            raise _HeadTooLarge

    def _refuse_head(self) -> None:
        most = self.within.head_bytes
        text = f"The address and the headers of a request may have at most {most} bytes."
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)

    def _is_idle(self) -> bool:
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and self._until_whole is None and self.timeout_keep_alive_task is None

    def _await_request(self) -> None:
        if self._until_whole is None:
            seconds = self.within.request_seconds
            self._until_whole = self.loop.call_later(seconds, self._end_half_request)
            self.awaited[self] = None

    def _end_of_request(self) -> None:
        if self._until_whole is not None:
            self._until_whole.cancel()
            self._until_whole = None
        self.awaited.pop(self, None)

    def _end_half_request(self) -> None:
        if not self._can_be_told():
            self._cut()
            return
        text = f"A request must be whole within {self.within.request_seconds:.0f} seconds."
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, text)

    def _can_be_told(self) -> bool:
        """Say whether half a request is here, and no answer to it or to the one before begun."""
        answering = self._answering
        if answering is None or (self._is_in_head and answering.response_complete):
            return self._is_in_request
        is_this = self._is_in_request and answering is self.cycle
        return is_this and not answering.response_started

    # The answer: a reader that takes nothing.

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._end_of_stall()

    def _watch_reader(self) -> None:
        self._unread = self.transport.get_write_buffer_size()
        seconds = self.within.reading_seconds
        self._until_read = self.loop.call_later(seconds, self._look_at_reader)
        self.stalled[self] = None

    def _look_at_reader(self) -> None:
        has_taken_something = self.transport.get_write_buffer_size() < self._unread
        self._end_of_stall()
        if has_taken_something:
            self._watch_reader()
        else:
            self._cut()

    def _end_of_stall(self) -> None:
        if self._until_read is not None:
            self._until_read.cancel()
            self._until_read = None
        self.stalled.pop(self, None)

    # The connection.

    def _make_room(self) -> None:
        """Let the connection that has kept the server waiting longest go, else this one."""
        keeping = next(iter(self.awaited), self)
        if keeping is self:
            keeping = next(iter(self.stalled), self)
        if keeping is not self:
            keeping._cut()
            return
        text = "The server has as many connections as it can serve."
        self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, text, f"retry-after: {_RETRY_SECONDS}\r\n")

    def _refuse(self, status: HTTPStatus, text: str, header: str = "") -> None:
        body = bytes(refusal(status, text).body)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\n{header}connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self._end_of_request()
        self.transport.close()

    def _cut(self) -> None:
        """Close the connection at once, whatever has not been read."""
        self.connections.discard(self)  # its place is free before the loop has told of its end
        self._end_of_request()
        self._end_of_stall()
        self.transport.abort()
