"""Is a slot ever lost or doubled, whatever happens? `python -m tests.soak` simulates years.

Three tickers and their workers share a database. Clocks jump forward over several slots and back by
up to a day; tickers, workers and edits crash at random statements and at the commit; offers are
lost; runs fail, hang, are given back and cancelled; the time is edited, paused and resumed, and
people start runs. Only the fetching is left out: a run is claimed, renewed and ended through the
services.

A reference, which knows nothing of the database, says which slots must have a row and which may.
"""

import argparse
import asyncio
import datetime as dt
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.migrate import upgrade
from meigara.db.models import SyncRun
from meigara.db.url import database_url
from meigara.domain.retrying import RetryPolicy
from meigara.domain.run import ACTIVE, RunStatus, Trigger
from meigara.domain.schedule import DailyTime
from meigara.errors import JQuantsUnavailable, KeyRefused, LeaseLost, MeigaraError
from meigara.services import queue, runs, schedules
from meigara.services.tick import tick
from tests.servers import postgresql_binaries, running_postgresql

TICKERS = 3
ZONES = ("Asia/Tokyo", "America/New_York", "Europe/London")
_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_CRASH_SHARE = 0.004


class Crash(BaseException):
    """A process died at this statement."""


@dataclass
class Period:
    """A stretch between two edits: its schedule, and the moments the clocks showed in it."""

    daily: DailyTime
    is_enabled: bool
    start: dt.datetime
    latest: dt.datetime
    end: dt.datetime | None = None

    def slots_until(
        self, moment: dt.datetime, since: dt.datetime | None = None
    ) -> set[dt.datetime]:
        """Return the slots of the stretch up to a moment."""
        if not self.is_enabled:
            return set()
        slots = self.daily.slots_after(max(self.start, since or self.start))
        return set(takewhile(lambda slot: slot <= moment, slots))


@dataclass
class Soak:
    """One simulation on one database."""

    url: str
    seed: int
    slots: int
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin with the schedule of the migration."""
        self.chance = random.Random(self.seed)
        self.now = _START
        self.offered: list[int] = []
        self.is_crashing = False
        daily = DailyTime(dt.time(5), ZoneInfo("Asia/Tokyo"))
        self.periods = [Period(daily, True, _START, _START)]

    async def run(self) -> dict[str, int]:
        """Simulate until enough slots have passed; return the counts and the violations."""
        databases = [Database(database_url(self.url)) for _ in range(TICKERS)]
        for database in databases:
            self._let_crash(database)
        await tick(databases[0], self, self.now)
        self.is_crashing = True
        passed = 0
        while passed < self.slots:
            before = self.now
            await self._step(self.chance.choice(databases))
            passed += len(self.periods[-1].slots_until(self.now, before))
        self.is_crashing = False
        await self._come_to_rest(databases[0])
        found = await self._judge(databases[0])
        for database in databases:
            await database.close()
        return found

    async def dispatch(self, run_id: int) -> None:
        """Take an offer; some are lost, with the process that made it or without."""
        if self.is_crashing and self.chance.random() < 0.05:
            self.counts["offers lost"] += 1
            if self.chance.random() < 0.5:
                raise Crash
            return
        self.offered.extend([run_id] * self.chance.choice((1, 1, 1, 2)))

    async def _step(self, database: Database) -> None:
        self._move_clock()
        deeds: list[Callable[[Database], Awaitable[None]]] = [self._tick] * 8
        deeds += [self._work] * 8 + [self._edit, self._start, self._cancel]
        for deed in (self._tick, self.chance.choice(deeds), self._work):
            try:
                await deed(database)
            except Crash:
                self.counts["crashes"] += 1
            except MeigaraError:
                self.counts["refused"] += 1

    def _move_clock(self) -> None:
        pick = self.chance.random()
        if pick < 0.01:
            self.now += dt.timedelta(days=self.chance.uniform(1, 6))
            self.counts["jumps forward"] += 1
        elif pick < 0.02:
            self.now -= dt.timedelta(minutes=self.chance.uniform(1, 24 * 60))
            self.counts["jumps back"] += 1
        elif pick < 0.3:
            self.now += dt.timedelta(seconds=self.chance.uniform(1, 40))
        else:
            self.now += dt.timedelta(hours=self.chance.uniform(2, 34))

    async def _tick(self, database: Database) -> None:
        period = self.periods[-1]
        period.latest = max(period.latest, self.now)
        if self.chance.random() < 0.1:
            await asyncio.gather(*(self._one_of_many(database) for _ in range(TICKERS)))
        else:
            await tick(database, self, self.now)

    async def _one_of_many(self, database: Database) -> None:
        with suppress(Crash):
            await tick(database, self, self.now)

    async def _work(self, database: Database) -> None:
        """Carry out one offered run, to one of many ends."""
        if not self.offered:
            return
        run_id = self.offered.pop(self.chance.randrange(len(self.offered)))
        holder = f"worker-{self.chance.random()}"
        async with database.writing() as session:
            await runs.claim(session, run_id, holder, self.now)
        for _ in range(self.chance.randrange(3)):
            self.now += dt.timedelta(seconds=self.chance.uniform(1, 12))
            async with database.writing() as session:
                await runs.renew(session, run_id, holder, self.now)
        await self.chance.choice((self._succeed, self._succeed, self._fail, self._leave))(
            database, run_id, holder
        )

    async def _succeed(self, database: Database, run_id: int, holder: str) -> None:
        async with database.writing() as session:
            if await runs.guard(session, run_id, holder):
                return
            await runs.finish(session, run_id, holder, RunStatus.SUCCEEDED, self.now)

    async def _fail(self, database: Database, run_id: int, holder: str) -> None:
        away = JQuantsUnavailable(reason="503", base_url="-")
        error = self.chance.choice((away, away, KeyRefused(reason="-")))
        await runs.fail(database, run_id, holder, error, self.now, policy=RetryPolicy())

    async def _leave(self, database: Database, run_id: int, holder: str) -> None:
        """Give the run back, or die without a word."""
        if self.chance.random() < 0.5:
            await runs.give_back(database, run_id, holder, self.now)
        else:
            self.counts["workers died"] += 1

    async def _edit(self, database: Database) -> None:
        """Change the time, the zone, or pause and resume."""
        before = self.periods[-1]
        is_enabled = self.chance.random() < (0.7 if before.is_enabled else 0.9)
        clock = f"{self.chance.randrange(24):02}:{self.chance.randrange(60):02}"
        zone = self.chance.choice(ZONES)
        wanted = schedules.ScheduleEdit(clock, zone, is_enabled)
        before.latest = max(before.latest, self.now)
        await schedules.edit(database, wanted, None, self.now)
        daily = DailyTime(dt.time.fromisoformat(clock), ZoneInfo(zone))
        if (daily, is_enabled) != (before.daily, before.is_enabled):
            before.end = self.now
            self.periods.append(Period(daily, is_enabled, self.now, self.now))
            self.counts["edits"] += 1

    async def _start(self, database: Database) -> None:
        run, is_new = await queue.start_run(database, queue.RunRequest(Trigger.WEB), self.now)
        self.counts["started by people"] += is_new
        if is_new:
            await self.dispatch(run.id)

    async def _cancel(self, database: Database) -> None:
        async with database.reading() as session:
            active = await queue.active_run(session)
        if active is not None:
            await runs.request_cancel(database, active.id, self.now)

    def _let_crash(self, database: Database) -> None:
        """Let a process die now and then, before a statement or at the commit."""

        def perhaps(*_args: Any) -> None:
            if self.is_crashing and self.chance.random() < _CRASH_SHARE:
                raise Crash

        sa.event.listen(database.engine.sync_engine, "before_cursor_execute", perhaps)
        sa.event.listen(database.engine.sync_engine, "commit", perhaps)

    async def _come_to_rest(self, database: Database) -> None:
        """Let time pass without crashes until nothing is left to do."""
        self.now = max(self.now, *(period.latest for period in self.periods))
        for _ in range(40):
            self.now += dt.timedelta(minutes=20)
            self.periods[-1].latest = self.now
            await tick(database, self, self.now)
            for run_id in self.offered:
                with suppress(LeaseLost):
                    async with database.writing() as session:
                        await runs.claim(session, run_id, "last", self.now)
                    await self._succeed(database, run_id, "last")
            self.offered.clear()
        self.periods[-1].end = self.now

    async def _judge(self, database: Database) -> dict[str, int]:
        """Compare the rows with the reference."""
        query = sa.select(SyncRun.scheduled_for, SyncRun.status, SyncRun.trigger, SyncRun.attempt)
        async with database.reading() as session:
            rows = (await session.execute(query.where(SyncRun.schedule_id.is_not(None)))).all()
            active = sa.select(sa.func.count()).where(SyncRun.status.in_(ACTIVE))
            still_active = await session.scalar(active) or 0
        moments = Counter(row.scheduled_for for row in rows)
        must: set[dt.datetime] = set()
        may: set[dt.datetime] = set()
        for period in self.periods:
            end = period.end or self.now
            must |= period.slots_until(end)
            may |= period.slots_until(max(end, period.latest))
        by_status = Counter(str(row.status) for row in rows)
        caught_up = sum(row.trigger is Trigger.CATCH_UP for row in rows)
        tried_again = sum(row.attempt > 1 for row in rows)
        figures = {"slots": len(must), "caught up": caught_up, "tried again": tried_again}
        violations = {
            "DOUBLED": sum(count - 1 for count in moments.values()),
            "LOST": len(must - moments.keys()),
            "INVENTED": len(moments.keys() - may),
            "WITHOUT END": still_active,
        }
        return {**figures, **by_status, **self.counts, **violations}


def soak(url: str, seed: int, slots: int) -> dict[str, int]:
    """Simulate on an empty database; return the counts, the violations in capitals among them."""
    upgrade(url)
    return asyncio.run(Soak(url, seed, slots).run())


def violations_in(found: dict[str, int]) -> dict[str, int]:
    """Return the violations that a simulation found."""
    return {name: count for name, count in found.items() if name.isupper() and count}


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    memory = Path("/dev/shm")  # noqa: S108 - each commit of SQLite is synced: there it costs nothing
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        urls = {"SQLite": f"sqlite:///{folder}/soak.db"}
        if postgresql_binaries() is None:
            yield urls
            return
        with running_postgresql("-cfsync=off") as url:
            yield urls | {"PostgreSQL": url}


def main() -> int:
    """Soak both databases at once and print what came of it; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description="Simulate years of the schedule, with disasters.")
    parser.add_argument("--slots", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    sys.stdout.write(f"{asked.slots:,} slots, seed {asked.seed} …\n")
    sys.stdout.flush()
    is_broken = False
    begun = time.monotonic()
    with _databases() as urls, ProcessPoolExecutor() as pool:
        futures = {
            kind: pool.submit(soak, url, asked.seed, asked.slots) for kind, url in urls.items()
        }
        for kind, future in futures.items():
            found = future.result()
            is_broken |= bool(violations_in(found))
            told = "\n".join(f"  {name:18}{count:>10,}" for name, count in found.items())
            sys.stdout.write(f"{kind} ({time.monotonic() - begun:.0f} s)\n{told}\n")
    return int(is_broken)


if __name__ == "__main__":
    sys.exit(main())
