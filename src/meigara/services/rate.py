"""How do all processes with one key keep to the calls that the plan allows in a minute?"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import sqlalchemy as sa

from meigara.db.engine import Database, to_the_end
from meigara.db.models import DataSource
from meigara.jquants.limiter import WINDOW_SECONDS

_WINDOW = WINDOW_SECONDS + 1.0  # the clocks of two machines may differ by a second


class StoreLimiter:
    """Lets at most so many calls pass in any 60 seconds, counted in the database.

    Every process that uses the database shares the count: pages, workers and the command line.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], dt.datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Count in `database`, by the clock `now`."""
        self._database = database
        self._now = now
        self._sleep = sleep

    async def acquire(self, calls: int, on_wait: Callable[[float], None]) -> None:
        """Wait until one more call is allowed, and count it; `on_wait` is told the seconds.

        Raises StoreUnavailable.
        """
        while (seconds := await to_the_end(self._seconds_to_wait(calls))) > 0:
            on_wait(seconds)
            await self._sleep(seconds)

    async def _seconds_to_wait(self, calls: int) -> float:
        """Count a call if it is allowed; else return how long to wait."""
        query = sa.select(DataSource).with_for_update()
        async with self._database.writing() as session:
            source = (await session.execute(query)).scalar_one()
            now = self._now().timestamp()
            # By a clock that is behind, a call of another machine lies ahead.
            recent = sorted(at for at in source.recent_calls or () if abs(now - at) < _WINDOW)
            if len(recent) >= calls:
                return recent[-calls] + _WINDOW - now
            source.recent_calls = [*recent, now]
            return 0.0
