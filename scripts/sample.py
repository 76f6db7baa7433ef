"""What does a store look like after two months of use? Written for pictures and for tests.

The market is invented. Each day the schedule runs at 05:00 as it would have then; on some days
something goes wrong.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from meigara.bootstrap import TOKYO
from meigara.config import Settings
from meigara.db.engine import Database
from meigara.db.migrate import upgrade
from meigara.db.models import Schedule
from meigara.db.url import database_url
from meigara.execution.work import work_on
from meigara.services.held import discard_held
from meigara.services.schedules import get_schedule
from meigara.services.tick import tick
from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running
from meigara.source import sync_of

LAST_DAY = dt.date(2026, 11, 20)
_DAYS = 62
_DISCARDED = 26
"""A day on which the answer was held, and then discarded; counted as all of them."""
_FIVE = dt.time(5)
_NOBODY = frozenset({9, 10, 31})
"""Days on which nothing was running, counted back from the last one."""
_FAULTS: Mapping[int, tuple[str, ...]] = {
    20: ("503-html",),
    _DISCARDED: ("mass-change",),
    44: ("truncated",),
    45: ("wrong-key",),
}


class _Clock:
    """The time of a day that is played, which goes on as time does."""

    def __init__(self, day: dt.date) -> None:
        self.set(day)

    def set(self, day: dt.date) -> None:
        self.day = day
        self._real = time.monotonic()

    def __call__(self) -> dt.datetime:
        passed = dt.timedelta(seconds=time.monotonic() - self._real)
        return dt.datetime.combine(self.day, _FIVE, TOKYO) + passed


class _Later:
    """Keeps the runs that are offered."""

    def __init__(self) -> None:
        self.offered: list[int] = []

    async def dispatch(self, run_id: int) -> bool:
        """Keep the number of a run."""
        self.offered.append(run_id)
        return True


def make_sample(file: Path, market: Market, last_day: dt.date = LAST_DAY) -> None:
    """Write an SQLite file with the days up to `last_day`."""
    url = f"sqlite:///{file}"
    upgrade(url)
    days = [last_day - dt.timedelta(days=back) for back in range(_DAYS, -1, -1)]
    with running(SimulatorConfig(market=market, today=days[0])) as simulator:
        settings = Settings(
            database_url=url,
            jquants_api_key="invented",
            jquants_base_url=simulator.base_url,
            jquants_plan="premium",
            jquants_retries=0,
            schedule_retries=0,
        )
        asyncio.run(_play(settings, simulator, days))


async def _play(settings: Settings, simulator: RunningSimulator, days: Sequence[dt.date]) -> None:
    clock, later = _Clock(days[0]), _Later()
    database = Database(database_url(settings.database_url))
    sync = sync_of(settings, database, clock)
    try:
        await _begin(database, clock())
        for day in days:
            back = (days[-1] - day).days
            if back in _NOBODY:
                continue
            clock.set(day)
            simulator.set_today(day)
            simulator.set_faults(*_FAULTS.get(back, ()))
            await tick(database, later, clock())
            while later.offered:
                run_id = later.offered.pop()
                await work_on(sync, run_id, "sample")
                if back == _DISCARDED:
                    await discard_held(database, run_id, "sample", clock())
    finally:
        await database.close()


async def _begin(database: Database, first: dt.datetime) -> None:
    """Let the schedule begin with the first day."""
    async with database.writing() as session:
        schedule: Schedule = await get_schedule(session)
        schedule.next_run_at = first.replace(second=0, microsecond=0)
