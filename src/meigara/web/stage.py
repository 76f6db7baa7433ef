"""Which application does the server serve at the moment? A key or a demo replaces it in place."""

import asyncio
import datetime as dt
from contextlib import AsyncExitStack
from typing import Self

from meigara.bootstrap import App, open_app, running
from meigara.config import Settings, demo_settings, discard_demo
from meigara.db.engine import Database
from meigara.db.models import SyncRun
from meigara.db.rosters import Span, span_of_rosters
from meigara.db.url import database_url
from meigara.domain.run import Trigger
from meigara.errors import DemoUnavailable, SchemaOutdated
from meigara.jquants.plan import Plan
from meigara.services.freshness import is_newest
from meigara.services.queue import RunRequest, keep_for_broker, start_run
from meigara.services.tick import Dispatcher
from meigara.services.trends import KeptTrends
from meigara.web.doorkeeper import Doorkeeper
from meigara.web.downloads import Downloads
from meigara.web.turns import Turns
from meigara.web.watch import Watcher

_DRAWN_AT_ONCE = 2
_FILES_KEPT_SECONDS = 10.0  # who reads a file range by range comes back soon
_DEMO_BEGINS = dt.timedelta(days=30)


class Stage:
    """The application that is open and works; use it as an async context manager."""

    app: App
    dispatcher: Dispatcher
    trends: KeptTrends

    def __init__(self, settings: Settings, *, is_local: bool = True) -> None:
        """Begin with `settings`, which a demo leaves as they are.

        `is_local` says that the server listens where only this machine reaches it. `drawing` is for
        what many pages want at the same moment: others are answered in between.
        """
        self.settings = settings
        self.is_local = is_local
        self.doorkeeper = Doorkeeper()
        self.downloads = Downloads(kept=_FILES_KEPT_SECONDS)
        self._starts: Turns[tuple[Database, dt.date | None, bool], tuple[SyncRun, bool]] = Turns()
        self.is_demo = False
        self._behind: Database | None = None  # the store of `settings` during a demo
        self._ending: asyncio.Task[None] | None = None
        self._open = AsyncExitStack()
        self.watcher = Watcher(lambda: self.app)
        self.drawing = asyncio.Semaphore(_DRAWN_AT_ONCE)

    async def __aenter__(self) -> Self:
        """Open the application. Raises ConfigurationError, StoreUnavailable."""
        await self._set_up(self.settings)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Give back what is under way and close everything."""
        await self.let_go()
        await self._open.aclose()

    async def let_go(self) -> None:
        """Let all go who wait for a change or a file, since the server ends."""
        await asyncio.gather(self.watcher.end(), self.downloads.end())

    async def start(self, request: RunRequest) -> tuple[SyncRun, bool]:
        """Queue a run and offer it, or note that the broker is away.

        Return the run, and whether it is new, as `start_run` does. Of many who ask for the same
        at once, one asks the store.
        """
        wanted = (self.app.database, request.as_of, request.is_backfill)
        (run, is_new), is_own = await self._starts.share(
            wanted, lambda: start_run(self.app.database, request, self.app.now())
        )
        is_new = is_new and is_own
        if is_new and not await self.dispatcher.dispatch(run.id):
            run = await keep_for_broker(self.app.database, run.id)
        return run, is_new

    async def fill(self, trigger: Trigger, actor: str | None) -> None:
        """Sync at once if there is no list yet; without a key, from the invented market.

        The list of the invented market is fetched again unless it is of today.
        """
        if self.settings.jquants_api_key is None:
            if not await self.is_private():
                return
            await self.demonstrate()
        if not await self._has_list_to_show():
            await self.start(RunRequest(trigger, actor))

    async def is_private(self) -> bool:
        """Say whether nobody but the person at this machine uses the server, without an account.

        A demo ends as soon as there is an account in the store that it stands in for.
        """
        if not self.is_local:
            return False
        if self._behind is not None and await self.doorkeeper.has_accounts(self._behind):
            await self._end_demo()
        return not await self.doorkeeper.has_accounts(self.app.database)

    async def replace(self, settings: Settings) -> None:
        """Close the application and open one with other settings; a demo ends."""
        await self._open.aclose()
        self.settings, self.is_demo = settings, False
        await self._set_up(settings)

    async def demonstrate(self) -> None:
        """Close the application and open one on the invented market, in a database of its own.

        Its first list is a month old, so that the next sync has changes to show.

        Raises DemoUnavailable where other people use the list.
        """
        if not await self.is_private():
            raise DemoUnavailable
        from meigara.simulator import server  # noqa: PLC0415 - loads slowly, for a demo only

        await self._open.aclose()
        market = AsyncExitStack()
        simulator = market.enter_context(server.running(server.SimulatorConfig()))
        demo = demo_settings(self.settings, simulator.base_url)
        try:
            await self._set_up(demo)
        except SchemaOutdated:  # an earlier version made it; nothing in it is worth keeping
            discard_demo()
            await self._set_up(demo)
        self._open.push_async_callback(market.aclose)
        self._behind = Database(database_url(self.settings.database_url))
        self._open.push_async_callback(self._behind.close)
        self.is_demo = True
        if await self._span() is None:
            await self._sync_first_list_of_demo()

    async def _end_demo(self) -> None:
        """Go back to the real list, once for all who ask meanwhile."""
        if self._ending is None or self._ending.done():
            self._ending = asyncio.create_task(self.replace(self.settings))
        await asyncio.shield(self._ending)

    async def _sync_first_list_of_demo(self) -> None:
        month_ago = (self.app.now() - _DEMO_BEGINS).date()
        request = RunRequest(Trigger.WEB, as_of=month_ago)
        await self.app.sync().begin(request, self.app.holder, lambda _progress: None)

    async def _has_list_to_show(self) -> bool:
        span = await self._span()
        now = self.app.now()
        return span is not None and (not self.is_demo or is_newest(span.last, now, Plan.PREMIUM))

    async def _span(self) -> Span | None:
        async with self.app.database.reading() as session:
            return await span_of_rosters(session)

    async def _set_up(self, settings: Settings) -> None:
        self._open = AsyncExitStack()
        app = await self._open.enter_async_context(open_app(settings, creates_schema=True))
        self.dispatcher = await self._open.enter_async_context(running(app))
        self.app, self.trends, self._behind = app, KeptTrends(), None
        self.doorkeeper.forget()
