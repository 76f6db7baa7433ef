"""How does one process tick and work by itself, with nothing beside it?"""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Self

from meigara.db.engine import Database
from meigara.errors import MeigaraError
from meigara.execution.work import work_on
from meigara.services.sync import Sync
from meigara.services.tick import Dispatcher, tick

TICK_SECONDS = 1.0

_log = logging.getLogger(__name__)


class EmbeddedDispatcher:
    """Carries out runs as tasks of this event loop; use it as an async context manager.

    At its end the runs under way are given back, or finished where they are being published.
    """

    def __init__(self, sync: Sync, worker: str) -> None:
        """Work with `sync`, under the name `worker`."""
        self._sync = sync
        self._worker = worker
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
            await work_on(self._sync, run_id, self._worker)
        except MeigaraError as error:  # the store is away: the lease lapses, the next tick sees it
            _log.warning("run.lost: %s", error, extra={"run_id": run_id})


@asynccontextmanager
async def ticking(
    database: Database, dispatcher: Dispatcher, now: Callable[[], dt.datetime]
) -> AsyncIterator[None]:
    """Tick every second until the end of the context."""
    ticker = asyncio.create_task(_tick_for_ever(database, dispatcher, now))
    try:
        yield
    finally:
        ticker.cancel()
        with suppress(asyncio.CancelledError):
            await ticker


async def _tick_for_ever(
    database: Database, dispatcher: Dispatcher, now: Callable[[], dt.datetime]
) -> None:
    while True:
        try:
            await tick(database, dispatcher, now())
        except MeigaraError as error:
            _log.warning("tick.failed: %s", error)
        except Exception:
            _log.exception("tick.failed")
        await asyncio.sleep(TICK_SECONDS)
