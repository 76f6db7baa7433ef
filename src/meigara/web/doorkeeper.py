"""Who is it that shows a cookie or a token? The store is asked, and believed for a second."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Generic, TypeVar

from meigara.bootstrap import App
from meigara.db.engine import Database
from meigara.errors import MeigaraError, SignInNeeded
from meigara.services import passes
from meigara.services.accounts import has_accounts
from meigara.services.passes import Caller

Known = TypeVar("Known")

_BELIEVED_SECONDS = 1.0
_MOST_REMEMBERED = 10_000


class _Memory(Generic[Known]):
    """What the store said is believed for a second; it is asked once for all who wait.

    Keys are short, and what is known longest comes first: it is the first to be forgotten.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Known]] = {}
        self._looking: dict[str, asyncio.Task[Known]] = {}

    async def recall(self, key: str, look: Callable[[], Coroutine[Any, Any, Known]]) -> Known:
        """Return what is known, or what `look` finds."""
        if (found := self._known.get(key)) is not None and time.monotonic() < found[0]:
            return found[1]
        if key not in self._looking:
            self._looking[key] = asyncio.create_task(self._look(key, look))
        return await asyncio.shield(self._looking[key])

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
        self._known[key] = (time.monotonic() + _BELIEVED_SECONDS, found)
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
        self._noting: set[asyncio.Task[None]] = set()

    async def has_accounts(self, database: Database) -> bool:
        """Say whether everybody has to sign in who uses this store."""

        async def look() -> bool:
            async with database.reading() as session:
                return await has_accounts(session)

        return await self._accounts.recall(database.name, look)

    async def caller_with_token(self, app: App, token: str) -> Caller:
        """Return in whose name a program asks, and note that it did. Raises SignInNeeded."""

        async def look() -> Caller | None:
            async with app.database.reading() as session:
                caller = await passes.caller_of_token(session, token)
            if caller is not None:
                self._note_use(app, token)
            return caller

        caller = await self._recall("token", token, look)
        if caller is None:
            raise SignInNeeded
        return caller

    async def caller_with_cookie(self, app: App, secret: str) -> Caller | None:
        """Return who has signed in; None if the session has ended."""

        async def look() -> Caller | None:
            async with app.database.reading() as session:
                return await passes.caller_of_session(session, secret, app.now())

        return await self._recall("cookie", secret, look)

    def forget(self) -> None:
        """Ask the store about everybody again, since something has changed."""
        self._callers.forget()
        self._accounts.forget()

    async def _recall(
        self, kind: str, secret: str, look: Callable[[], Coroutine[Any, Any, Caller | None]]
    ) -> Caller | None:
        """Return whose secret it is; what is longer than any is looked at no further."""
        if len(secret) > passes.LONGEST_SECRET:
            return None
        return await self._callers.recall(f"{kind} {passes.digest_of(secret)}", look)

    def _note_use(self, app: App, token: str) -> None:
        """Write the use of a token without letting the program wait for it."""
        task = asyncio.create_task(_noted(app, token))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)


async def _noted(app: App, token: str) -> None:
    with suppress(MeigaraError):
        await passes.note_use(app.database, token, app.now())
