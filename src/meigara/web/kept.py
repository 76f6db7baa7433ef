"""How do many readers of the same list get it quickly? The bytes of an answer are kept.

An answer whose ETag is the one of this moment is sent again as it is. Every request learns the
version of the lists after it arrived, so nobody sees an older list than the newest one published;
one look at the store serves all requests that wait for it. While an answer is being made, others
that want the same wait for it.
"""

import asyncio
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, field
from weakref import WeakSet

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meigara.db.rosters import present_version_of_lists
from meigara.domain.access import Permission
from meigara.errors import MeigaraError
from meigara.web.access import admit
from meigara.web.conditional import etag_of, is_known
from meigara.web.downloads import send_file
from meigara.web.stage import Stage
from meigara.web.turns import Turns

_PATHS = ("/api/v1/issues", "/api/v1/changes", "/jquants/v2/equities/master")
_MOST_BYTES = 64 * 2**20
_MOST_BYTES_UNREAD = 96 * 2**20
_LARGEST = 4 * 2**20
_BESIDE_THE_BODY = 2_000
_PIECE = 65_536
_MADE_AT_ONCE = 4
_OF_A_BODY = (b"content-length", b"content-type", b"content-encoding")

_Key = tuple[str, bytes, bool]


@dataclass(slots=True, eq=False, weakref_slot=True)
class _Answer:
    """What was sent: `start` and the parts of the body."""

    etag: str = ""
    start: Message = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_worth_keeping(self) -> bool:
        return bool(self.etag) and self.start["status"] == 200 and len(self.body) <= _LARGEST

    @property
    def size(self) -> int:
        return len(self.body) + _BESIDE_THE_BODY


class KeptAnswers:
    """The middleware; outside of all others, since it keeps what they have made of an answer."""

    def __init__(self, app: ASGIApp, stage: Stage) -> None:
        """Keep answers of `app` about the lists of `stage`."""
        self._app = app
        self._stage = stage
        self._looks: Turns[None, str] = Turns()
        self._kept: OrderedDict[_Key, _Answer] = OrderedDict()
        self._size = 0
        self._being_made: dict[_Key, asyncio.Event] = {}
        self._making = asyncio.Semaphore(_MADE_AT_ONCE)  # a look at others comes in between
        self._in_memory: WeakSet[_Answer] = WeakSet()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or let the application answer and keep it."""
        if scope["type"] != "http" or not _is_about_lists(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        key = (scope["path"], scope["query_string"], _takes_gzip(request))
        if (known := await self._known(key, request)) is not None:
            await _send(known, request, send)
            return
        await self._make(key, scope, receive, send)

    async def _known(self, key: _Key, request: Request) -> _Answer | None:
        """Return the answer if it is that of this moment and may be given to whoever asks."""
        if key not in self._kept and key not in self._being_made:
            return None
        try:
            await admit(request, Permission.READ)
            etag = etag_of(request, await self._version())
        except MeigaraError:
            return None  # the application says it in its own words
        while (answer := self._kept.get(key)) is None or answer.etag != etag:
            made = self._being_made.get(key)
            if made is None:
                return None
            await made.wait()
            if self._being_made.get(key) is None and key not in self._kept:
                return None
            etag = etag_of(request, await self._version())
        self._kept.move_to_end(key)
        return answer

    async def _version(self) -> str:
        """Return the version of the lists at a moment after the call. Raises StoreUnavailable."""
        database = self._stage.app.database
        found, _ = await self._looks.share(None, lambda: present_version_of_lists(database))
        return found

    async def _make(self, key: _Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and keep it before it is sent: others wait for no reader."""
        answer = await self._made(key, scope, receive)
        await send(answer.start)
        if sum(each.size for each in self._in_memory) <= _MOST_BYTES_UNREAD:
            await _send_body(answer.body, send)
            return
        with tempfile.TemporaryFile() as file:  # so many readers are slow that memory is short
            size = file.write(answer.body)
            file.flush()
            del answer
            await send_file(file, range(size), send)

    async def _made(self, key: _Key, scope: Scope, receive: Receive) -> _Answer:
        made = self._being_made[key] = asyncio.Event()
        answer, parts = _Answer(), []

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.start = message
                answer.etag = Headers(raw=message["headers"]).get("etag", "")
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        try:
            async with self._making:
                await self._app(scope, receive, take)
            answer.body = b"".join(parts)
            self._in_memory.add(answer)
            self._keep(key, answer)
        finally:
            made.set()
            if self._being_made.get(key) is made:
                del self._being_made[key]
        return answer

    def _keep(self, key: _Key, answer: _Answer) -> None:
        if not answer.is_worth_keeping:
            return
        length = (b"content-length", str(len(answer.body)).encode())
        others = [each for each in answer.start["headers"] if each[0] != b"content-length"]
        answer.start["headers"] = [*others, length]
        if (old := self._kept.pop(key, None)) is not None:
            self._size -= old.size
        self._kept[key] = answer
        self._size += answer.size
        while self._size > _MOST_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size


def _is_about_lists(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["method"] == "GET" and path.startswith(_PATHS)


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


async def _send(answer: _Answer, request: Request, send: Send) -> None:
    """Send an answer again; without its body to a program that has it already."""
    start, body = answer.start, answer.body
    if is_known(request, answer.etag):
        headers = [each for each in start["headers"] if each[0] not in _OF_A_BODY]
        start, body = {**start, "status": 304, "headers": headers}, b""
    await send(start)
    await _send_body(body, send)


async def _send_body(body: bytes, send: Send) -> None:
    """Send a body piece by piece: what a reader has not taken is not copied as a whole."""
    for begin in range(0, len(body), _PIECE):
        piece = body[begin : begin + _PIECE]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0)  # others come in between, and a reader that has gone is noticed
    await send({"type": "http.response.body", "body": b"", "more_body": False})
