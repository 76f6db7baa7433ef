"""Who is it that shows a cookie or a token? The store is asked, and believed for a second."""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from meigara.bootstrap import App
from meigara.db.engine import Database
from meigara.errors import MeigaraError, SignInNeeded
from meigara.services import passes
from meigara.services.accounts import has_accounts
from meigara.services.passes import Caller

Known = TypeVar("Known")
_Find = Callable[[AsyncSession, str, dt.datetime], Awaitable[Caller | None]]
_Write = Callable[[Database, str, dt.datetime], Awaitable[None]]

_BELIEVED_SECONDS = 1.0
_USE_IS_NOTED_SECONDS = 60.0
_MOST_REMEMBERED = 10_000


class _Memory(Generic[Known]):
    """What the store said is believed for a time; it is asked once for all who wait.

    Keys are short, and what is known longest comes first: it is the first to be forgotten.
    """

    def __init__(self, seconds: float = _BELIEVED_SECONDS) -> None:
        self._seconds = seconds
        self._known: dict[str, tuple[float, Known]] = {}
        self._looking: dict[str, asyncio.Task[Known]] = {}

    async def recall(self, key: str, look: Callable[[], Coroutine[Any, Any, Known]]) -> Known:
        """Return what is known, or what `look` finds."""
        if self.knows(key):
            return self._known[key][1]
        if key not in self._looking:
            self._looking[key] = asyncio.create_task(self._look(key, look))
        return await asyncio.shield(self._looking[key])

    def knows(self, key: str) -> bool:
        """Say whether nothing need be asked."""
        return key in self._known and time.monotonic() < self._known[key][0]

    def forget(self) -> None:
        """Believe nothing any more."""
        self._known.clear()

    async def _look(self, key: str, look: Callable[[], Coroutine[Any, Any, Known]]) -> Known:
        try:
            found = await look()
        finally:
            del self._looking[key]
        self._make_room()
        self._known.pop(key, None)
        self._known[key] = (time.monotonic() + self._seconds, found)
        return found

    def _make_room(self) -> None:
        """Drop what is believed no longer, and one more where that is not enough."""
        now = time.monotonic()
        while self._known:
            oldest = next(iter(self._known))
            if now < self._known[oldest][0] and len(self._known) < _MOST_REMEMBERED:
                return
            del self._known[oldest]


class Doorkeeper:
    """Knows callers by what they show."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._callers: _Memory[Caller | None] = _Memory()
        self._accounts: _Memory[bool] = _Memory()
        self._noted: _Memory[None] = _Memory(_USE_IS_NOTED_SECONDS)
        self._noting: set[asyncio.Task[None]] = set()

    async def has_accounts(self, database: Database) -> bool:
        """Say whether everybody has to sign in who uses this store."""

        async def look() -> bool:
            async with database.reading() as session:
                return await has_accounts(session)

        return await self._accounts.recall(database.name, look)

    async def caller_with_token(self, app: App, token: str) -> Caller:
        """Return in whose name a program asks, and note that it did. Raises SignInNeeded."""
        caller = await self._recall(app, token, passes.caller_of_token)
        if caller is None:
            raise SignInNeeded
        self._note(app, token, passes.note_use_of_token)
        return caller

    async def caller_with_cookie(self, app: App, secret: str, *, is_there: bool) -> Caller | None:
        """Return who has signed in, None if the session has ended.

        Note that they are there, unless it is only their window that asks.
        """
        caller = await self._recall(app, secret, passes.caller_of_session)
        if caller is not None and is_there:
            self._note(app, secret, passes.note_use_of_session)
        return caller

    def forget(self) -> None:
        """Ask the store about everybody again, since something has changed."""
        self._callers.forget()
        self._accounts.forget()

    async def _recall(self, app: App, secret: str, find: _Find) -> Caller | None:
        """Return whose secret it is; what is longer than any is looked at no further."""

        async def look() -> Caller | None:
            async with app.database.reading() as session:
                return await find(session, secret, app.now())

        if len(secret) > passes.LONGEST_SECRET:
            return None
        return await self._callers.recall(f"{find.__name__} {passes.digest_of(secret)}", look)

    def _note(self, app: App, secret: str, write: _Write) -> None:
        """Write the use of a secret, once a minute, without letting anybody wait for it."""

        async def noted() -> None:
            with suppress(MeigaraError):
                await write(app.database, secret, app.now())

        key = passes.digest_of(secret)
        if not self._noted.knows(key):
            task = asyncio.create_task(self._noted.recall(key, noted))
            self._noting.add(task)
            task.add_done_callback(self._noting.discard)
