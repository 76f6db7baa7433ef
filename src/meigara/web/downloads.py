"""How does an exported file reach those who want it, however slowly they read?

It is made before it is sent, in a file without a name, so that no reader holds a connection to the
database, and nothing is left of it whatever happens. Few are made at a time, and each is made once
for all who want the same at once.
"""

import asyncio
import gzip
import os
import tempfile
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO, cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from meigara.errors import TooManyExports

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


class Downloads:
    """The files that are made or sent at the moment."""

    def __init__(
        self,
        at_once: int = _AT_ONCE,
        most_files: int = _MOST_FILES,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        """Make so many files at a time, have so many; whoever wants more waits for `patience`."""
        self._making = asyncio.Semaphore(at_once)
        self._room = asyncio.Semaphore(most_files)
        self._patience = patience
        self._files: dict[Hashable, _Shared] = {}

    async def response(
        self, key: Hashable, make: Make, headers: Mapping[str, str], media_type: str
    ) -> Response:
        """Return the response with the file that `make` writes; one `key` stands for one content.

        Raises TooManyExports where too many others are wanted; what `make` raises.
        """
        shared = self._files.get(key)
        if shared is None:
            making = asyncio.create_task(self._made(make))
            shared = self._files[key] = _Shared(making)
        shared.users += 1
        try:
            file = await asyncio.shield(shared.making)
        except BaseException:
            self._leave(key, shared)
            raise
        return _FileResponse(file, lambda: self._leave(key, shared), headers, media_type)

    def _leave(self, key: Hashable, shared: _Shared) -> None:
        """Have nothing to do with a file any more; the last one deletes it."""
        shared.users -= 1
        if shared.users:
            return
        if self._files.get(key) is shared:
            del self._files[key]
        if shared.making.cancel() or shared.making.cancelled() or shared.making.exception():
            return
        shared.making.result().close()
        self._room.release()

    async def _made(self, make: Make) -> BinaryIO:
        with ExitStack() as undone:
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
            raise TooManyExports(seconds=round(self._patience)) from None


def compressed(make: Make) -> Make:
    """Return what writes the same, compressed."""

    async def make_compressed(file: BinaryIO) -> None:
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
            await make(cast(BinaryIO, packed))

    return make_compressed


class _FileResponse(Response):
    """Sends a file piece by piece, as it is taken, from a place that is this reader's own."""

    def __init__(
        self,
        file: BinaryIO,
        leave: Callable[[], None],
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        size = os.fstat(file.fileno()).st_size
        super().__init__(None, 200, {**headers, "Content-Length": str(size)}, media_type)
        self._file, self._size, self._leave = file, size, leave

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the file. A reader that has gone takes nothing, and so all is soon sent."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send_file(self._file, self._size, send)
        finally:
            self._leave()


async def send_file(file: BinaryIO, size: int, send: Send) -> None:
    """Send a file as a body, piece by piece; the place that others read at stays as it is."""
    for begin in range(0, size, _PIECE):  # it was just written, so the system has it in memory
        piece = os.pread(file.fileno(), _PIECE, begin)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0)  # others come in between, and a reader that has gone is noticed
    await send({"type": "http.response.body", "body": b"", "more_body": False})
