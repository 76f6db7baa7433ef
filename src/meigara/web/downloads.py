"""How does an exported file reach those who want it, however slowly they read?

It is made before it is sent, in a file without a name, so that no reader holds a connection to the
database, and nothing is left of it whatever happens. Few are made at a time, and each is made once
for all who want the same at once, or one range of it after another.
"""

import asyncio
import gzip
import os
import tempfile
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO, cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from meigara.errors import TooManyExports
from meigara.web.ranges import range_asked

Make = Callable[[BinaryIO], Awaitable[None]]
"""What writes a file."""

_AT_ONCE = 2
_MOST_FILES = 50
_PATIENCE_SECONDS = 10.0
_PIECE = 32_768
_LEVEL = 5


@dataclass(eq=False, slots=True)
class _Shared:
    """A file that is made or sent, and how many have to do with it."""

    making: "asyncio.Task[BinaryIO]"
    users: int = 0
    end: asyncio.TimerHandle | None = None

    @property
    def is_there(self) -> bool:
        """Whether the file is made."""
        making = self.making
        return making.done() and not making.cancelled() and making.exception() is None


class Downloads:
    """The files that are made or sent at the moment."""

    def __init__(
        self,
        at_once: int = _AT_ONCE,
        most_files: int = _MOST_FILES,
        patience: float = _PATIENCE_SECONDS,
        kept: float = 0.0,
    ) -> None:
        """Make so many files at a time, have so many; whoever wants more waits for `patience`.

        A file is `kept` for so many seconds for those who come back, unless its room is needed.
        """
        self._making = asyncio.Semaphore(at_once)
        self._room = asyncio.Semaphore(most_files)
        self._patience = patience
        self._kept = kept
        self._files: dict[Hashable, _Shared] = {}
        self._tasks: set[asyncio.Task[BinaryIO]] = set()
        self._has_ended = False

    async def end(self) -> None:
        """Make no more files; whoever waits for one is told to come again."""
        self._has_ended = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._delete_unused()

    async def response(
        self, key: Hashable, make: Make, headers: Mapping[str, str], media_type: str
    ) -> Response:
        """Return the response with the file that `make` writes; one `key` stands for one content.

        Raises TooManyExports where too many others are wanted; what `make` raises.
        """
        shared = self._files.get(key)
        if shared is None:
            shared = self._files[key] = _Shared(self._begun(make))
        if shared.end is not None:
            shared.end.cancel()
        shared.users += 1
        try:
            file = await asyncio.shield(shared.making)
        except BaseException:
            self._leave(key, shared)
            if self._has_ended:
                raise self._too_many() from None
            raise
        return _FileResponse(file, lambda: self._leave(key, shared), headers, media_type)

    def _begun(self, make: Make) -> "asyncio.Task[BinaryIO]":
        """Begin to make a file; the task is held here until it is over, whoever leaves."""
        if self._has_ended:
            raise self._too_many()
        task = asyncio.create_task(self._made(make))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _too_many(self) -> TooManyExports:
        return TooManyExports(seconds=round(self._patience))

    def _leave(self, key: Hashable, shared: _Shared) -> None:
        """Have nothing to do with a file any more; after the last one it is deleted."""
        shared.users -= 1
        if shared.users:
            return
        if self._kept and shared.is_there:
            loop = asyncio.get_running_loop()
            shared.end = loop.call_later(self._kept, self._delete, key, shared)
        else:
            self._delete(key, shared)

    def _delete(self, key: Hashable, shared: _Shared) -> None:
        """Delete a file that nobody uses, or give up making it."""
        if self._files.get(key) is shared:
            del self._files[key]
        if not shared.making.cancel() and shared.is_there:
            shared.making.result().close()
            self._room.release()

    def _delete_unused(self) -> None:
        for key, shared in list(self._files.items()):
            if shared.end is not None and not shared.users:
                shared.end.cancel()
                self._delete(key, shared)

    async def _made(self, make: Make) -> BinaryIO:
        with ExitStack() as undone:
            if self._room.locked():
                self._delete_unused()
            await self._wait_for(self._room)
            undone.callback(self._room.release)
            await self._wait_for(self._making)
            try:
                file = undone.enter_context(tempfile.TemporaryFile())
                await make(file)
                file.flush()
            finally:
                self._making.release()
            undone.pop_all()  # until the last one leaves
            return file

    async def _wait_for(self, semaphore: asyncio.Semaphore) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await semaphore.acquire()
        except TimeoutError:
            raise self._too_many() from None


def compressed(make: Make) -> Make:
    """Return what writes the same, compressed."""

    async def make_compressed(file: BinaryIO) -> None:
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
            await make(cast(BinaryIO, packed))

    return make_compressed


class _FileResponse(Response):
    """Sends a file, or a range of it, piece by piece, as it is taken, from a place of its own."""

    def __init__(
        self,
        file: BinaryIO,
        leave: Callable[[], None],
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        size = os.fstat(file.fileno()).st_size
        more = {"Content-Length": str(size), "Accept-Ranges": "bytes"}
        super().__init__(None, 200, {**headers, **more}, media_type)
        self._file, self._size, self._leave = file, size, leave

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send what is asked for. A reader that has gone takes nothing, and so all is soon sent."""
        try:
            asked = range_asked(Headers(scope=scope), self.headers.get("etag", ""), self._size)
            status, sent = (200, range(self._size)) if asked is None else self._part(asked)
            head = {"type": "http.response.start", "status": status, "headers": self.raw_headers}
            await send(head)
            await send_file(self._file, sent, send)
        finally:
            self._leave()

    def _part(self, asked: range) -> tuple[int, range]:
        """Say in the headers which part is sent; return the status and the part."""
        headers: MutableHeaders = self.headers
        headers["Content-Length"] = str(len(asked))
        if not asked:
            headers["Content-Range"] = f"bytes */{self._size}"
            return 416, asked
        headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{self._size}"
        return 206, asked


async def send_file(file: BinaryIO, sent: range, send: Send) -> None:
    """Send bytes of a file as a body, piece by piece; the place that others read at stays."""
    for begin in sent[::_PIECE]:  # it was just written, so the system has it in memory
        piece = os.pread(file.fileno(), min(_PIECE, sent.stop - begin), begin)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0)  # others come in between, and a reader that has gone is noticed
    await send({"type": "http.response.body", "body": b"", "more_body": False})
