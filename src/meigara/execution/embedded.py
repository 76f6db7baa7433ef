"""How does one process tick and work by itself, with nothing beside it?"""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol, Self

from meigara.db.engine import Database
from meigara.errors import MeigaraError, StoreLost
from meigara.execution.work import work_on
from meigara.services.pausing import is_set_within
from meigara.services.sync import Sync
from meigara.services.tick import Dispatcher, tick

TICK_SECONDS = 1.0
STANDBY_SECONDS = 5.0
"""How often a server ticks beside beats, in case that they are frozen or gone."""
_HOME_SECONDS = 5.0
_LAST_TICK_SECONDS = 15.0  # longer than a statement waits for a lock

_log = logging.getLogger(__name__)


class EmbeddedDispatcher:
    """Carries out runs as tasks of this event loop; use it as an async context manager.

    At its end the runs under way are given back, or finished where they are being published.
    """

    def __init__(self, sync: Sync, worker: str, traces_url: str | None = None) -> None:
        """Work with `sync`, under the name `worker`; send traces to `traces_url`."""
        self._sync = sync
        self._worker = worker
        self._traces_url = traces_url
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin to take runs."""
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """End all work and wait until it has let go of its runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def dispatch(self, run_id: int) -> bool:
        """Begin to work on a run, unless another process is quicker."""
        task = asyncio.create_task(self._work_on(run_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _work_on(self, run_id: int) -> None:
        try:
            await work_on(self._sync, run_id, self._worker, self._traces_url)
        except MeigaraError as error:  # the store is away: the lease lapses, the next tick sees it
            _log.warning("run.lost: %s", error, extra={"run_id": run_id})


class Works(Protocol):
    """What a process that ticks can do; the application can."""

    @property
    def database(self) -> Database:
        """The store."""
        ...

    def now(self) -> dt.datetime:
        """Return the present moment."""
        ...

    async def deliver_notices(self) -> int:
        """Send the notices that are due."""
        ...

    async def forget_old_runs(self) -> None:
        """Delete the runs that are older than they are kept."""
        ...


@asynccontextmanager
async def ticking(
    works: Works, dispatcher: Dispatcher, pause: float = TICK_SECONDS
) -> AsyncIterator[None]:
    """Tick again and again until the end of the context, and do what a tick gives rise to.

    The first tick is done when the context begins: whoever asks then finds the schedule settled.
    """
    courier = Courier(works.deliver_notices)
    ticker = _Ticker(works, dispatcher, courier)
    is_over = asyncio.Event()
    await ticker.tick_once()
    ticking_on = asyncio.create_task(ticker.tick_until(is_over, pause))
    try:
        yield
    finally:
        is_over.set()
        await asyncio.wait({ticking_on}, timeout=_LAST_TICK_SECONDS)
        ticking_on.cancel()
        await courier.come_home()


class Courier:
    """Delivers notices as a task of this event loop, one errand at a time."""

    def __init__(self, deliver: Callable[[], Awaitable[int]]) -> None:
        """Be ready to `deliver`."""
        self._deliver = deliver
        self._errand: asyncio.Task[None] | None = None

    def set_out(self) -> None:
        """Deliver what is due, unless that is being done."""
        if self._errand is None or self._errand.done():
            self._errand = asyncio.create_task(self._go())

    async def come_home(self) -> None:
        """Wait for a message that is on its way, though not for long."""
        if self._errand is not None:
            await asyncio.wait({self._errand}, timeout=_HOME_SECONDS)
            self._errand.cancel()

    async def _go(self) -> None:
        try:
            await self._deliver()
        except MeigaraError as error:
            _log.warning("notices.failed: %s", error)
        except Exception:
            _log.exception("notices.failed")


class _Ticker:
    """Ticks; a file that is lost is told once, not with every tick."""

    def __init__(self, works: Works, dispatcher: Dispatcher, courier: Courier) -> None:
        self._works = works
        self._dispatcher = dispatcher
        self._courier = courier
        self._has_lost = False

    async def tick_until(self, is_over: asyncio.Event, pause: float) -> None:
        """Tick every `pause` seconds until the event is set."""
        while not await is_set_within(is_over, pause):
            await self.tick_once()

    async def tick_once(self) -> None:
        """Do what is due, and note what keeps it from being done."""
        try:
            await self._tick()
            self._has_lost = False
        except StoreLost as error:
            if not self._has_lost:
                name = self._works.database.name
                _log.error("store.lost: %s %s (%s)", error, error.hint, name)
            self._has_lost = True
        except MeigaraError as error:
            _log.warning("tick.failed: %s", error)
        except Exception:
            _log.exception("tick.failed")

    async def _tick(self) -> None:
        ticked = await tick(self._works.database, self._dispatcher, self._works.now())
        if ticked.opened is not None:
            await self._works.forget_old_runs()
        if ticked.has_notices:
            self._courier.set_out()
