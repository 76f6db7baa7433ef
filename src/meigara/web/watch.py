"""How does a page learn of a change at once, without asking all the time?

One task looks at the store once a second while pages wait, however many they are.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from meigara.bootstrap import App
from meigara.errors import MeigaraError, StoreLost, TooManyPages
from meigara.services.pausing import is_set_within
from meigara.services.sources import fingerprint
from meigara.web.turns import Turns

LOOK_SECONDS = 0.7
LONGEST_WAIT_SECONDS = 60.0
_LAST_LOOK_SECONDS = 5.0
_LOST = "lost"
_MOST_PAGES = 50
"""Of one account that wait at the same time."""


class Watcher:
    """Lets requests wait until what the pages show of runs and schedule is another."""

    def __init__(self, app: Callable[[], App]) -> None:
        """Look at the store of the application that `app` returns at that moment."""
        self._app = app
        self._changed = asyncio.Condition()
        self._waiting = 0
        self._pages: Counter[str] = Counter()
        self._now = ""
        self._ending = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._looks: Turns[None, str] = Turns()

    async def look(self) -> str:
        """Return the fingerprint of a moment after the call. Raises StoreUnavailable."""
        found, _ = await self._looks.share(None, self._look)
        if found != self._now:
            await self._tell(found)
        return found

    async def _tell(self, found: str) -> None:
        async with self._changed:
            self._now = found
            self._changed.notify_all()

    async def _look(self) -> str:
        app = self._app()
        async with app.database.reading() as session:
            return await fingerprint(session, app.now())

    async def changed_from(self, seen: str) -> bool:
        """Wait until the fingerprint differs from `seen`; False if it does not within a minute."""
        if await self.look() != seen:
            return True
        self._waiting += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on())
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS), self._changed:
                await self._changed.wait_for(lambda: self._ending.is_set() or self._now != seen)
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return not self._ending.is_set()

    @contextmanager
    def page_of(self, account: str | None) -> Iterator[None]:
        """Count a page of an account as one that waits. Raises TooManyPages where many do."""
        if account is None:
            yield
            return
        if self._pages[account] >= _MOST_PAGES:
            raise TooManyPages(name=account)
        self._pages[account] += 1
        try:
            yield
        finally:
            self._pages[account] -= 1

    async def end(self) -> None:
        """Let all who wait go, since the server ends, and look at the store no more."""
        self._ending.set()
        async with self._changed:
            self._changed.notify_all()
        if self._looking is not None:
            await asyncio.wait({self._looking}, timeout=_LAST_LOOK_SECONDS)

    async def _look_on(self) -> None:
        while self._waiting and not await is_set_within(self._ending, LOOK_SECONDS):
            try:
                await self.look()
            except StoreLost:
                await self._tell(_LOST)  # who waits asks again, and is told what happened
            except MeigaraError:
                continue
