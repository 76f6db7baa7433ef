"""What happens to a schedule in the course of years, at random?"""

import asyncio
import datetime as dt
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, cast

import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.migrate import upgrade
from meigara.db.models import Schedule, SyncRun
from meigara.db.url import database_url
from meigara.domain.retrying import RetryPolicy
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import JQuantsUnavailable, KeyRefused, LeaseLost, MeigaraError
from meigara.services import queue, runs, schedules
from meigara.services.tick import tick
from tests.soak.reference import WINDOW, Period, Plan, Row, must_have_a_row, violations

TICKERS = 3
ZONES = ("Asia/Tokyo", "America/New_York", "Europe/London")
CLOCKS = ("05:00", "01:30", "02:30")
"""Times that come back, so that a slot may be met again, and times that change of clocks move."""
_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_CRASH_SHARE = 0.004


class Crash(BaseException):
    """A process died at this statement."""


@dataclass
class Soak:
    """One simulation on one database."""

    url: str
    seed: int
    slots: int
    on_progress: Callable[[int], None] = lambda _passed: None
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin with the schedule of the migration."""
        self.chance = random.Random(self.seed)
        self.now = _START
        self.offered: list[int] = []
        self.is_crashing = False
        self.periods = [Period(Plan("05:00", "Asia/Tokyo", True), _START, _START)]

    async def run(self) -> dict[str, int]:
        """Simulate until enough slots have passed; return the counts and the violations."""
        databases = [Database(database_url(self.url)) for _ in range(TICKERS)]
        for database in databases:
            self._let_crash(database)
        await self._set_window(databases[0])
        await tick(databases[0], self, self.now)
        self.is_crashing = True
        passed = 0
        while passed < self.slots:
            before = self.now
            await self._step(self.chance.choice(databases))
            passed += len(self.periods[-1].slots_until(self.now, before))
            self.on_progress(passed)
        self.is_crashing = False
        await self._come_to_rest(databases[0])
        found = await self._judge(databases[0])
        for database in databases:
            await database.close()
        return found

    async def _set_window(self, database: Database) -> None:
        """Shorten the window: of 24 hours the newest slot is hardly ever older."""
        minutes = WINDOW // dt.timedelta(minutes=1)
        async with database.writing() as session:
            await session.execute(sa.update(Schedule).values(catch_up_minutes=minutes))

    async def dispatch(self, run_id: int) -> bool:
        """Take an offer; some are lost, with the process that made it or without."""
        if self.is_crashing and self.chance.random() < 0.05:
            self.counts["offers lost"] += 1
            if self.chance.random() < 0.5:
                raise Crash
            return False
        self.offered.extend([run_id] * self.chance.choice((1, 1, 1, 2)))
        return True

    async def _step(self, database: Database) -> None:
        before = self.now
        self._move_clock()
        deeds: list[Callable[[Database], Awaitable[None]]] = [self._tick] * 8
        deeds += [self._work] * 8 + [self._edit, self._start, self._cancel]
        if self.now < before:  # then the next slots may have a row
            deeds += [self._pause_and_resume] * 20
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
        elif pick < 0.2:
            self.now += dt.timedelta(seconds=self.chance.uniform(1, 40))
        elif pick < 0.6 and (slots := self._slots_of_this_day()):
            late = self.chance.choice((0, self.chance.uniform(0, 50), self.chance.uniform(55, 65)))
            self.now = min(slots) + dt.timedelta(seconds=late)
        else:
            self.now += dt.timedelta(hours=self.chance.uniform(12, 36))

    def _slots_of_this_day(self) -> set[dt.datetime]:
        return self.periods[-1].slots_until(self.now + dt.timedelta(hours=26), self.now)

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
        is_enabled = self.chance.random() < (0.7 if before.plan.is_enabled else 0.9)
        anywhen = f"{self.chance.randrange(24):02}:{self.chance.randrange(60):02}"
        clock = self.chance.choice((*CLOCKS, anywhen))
        plan = Plan(clock, self.chance.choice(ZONES), is_enabled)
        if self.chance.random() < 0.4:
            plan = replace(before.plan, is_enabled=is_enabled)
        await self._change(database, plan)

    async def _pause_and_resume(self, database: Database) -> None:
        """Let the next slot be reckoned anew."""
        plan = self.periods[-1].plan
        await self._change(database, replace(plan, is_enabled=False))
        await self._change(database, replace(plan, is_enabled=True))

    async def _change(self, database: Database, plan: Plan) -> None:
        before = self.periods[-1]
        before.latest = max(before.latest, self.now)
        wanted = schedules.ScheduleEdit(plan.clock, plan.zone, plan.is_enabled)
        await schedules.edit(database, wanted, None, self.now)
        if plan != before.plan:
            before.end = self.now
            self.periods.append(Period(plan, self.now, self.now))
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
            await runs.request_cancel(database, active.id, None, self.now)

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
        query = sa.select(
            SyncRun.scheduled_for,
            SyncRun.queued_at,
            SyncRun.status,
            SyncRun.trigger,
            SyncRun.missed_reason,
            SyncRun.attempt,
            SyncRun.retry_at,
        ).where(SyncRun.schedule_id.is_not(None))
        async with database.reading() as session:
            rows = (await session.execute(query)).all()
        opened = [row for row in rows if row.status is not RunStatus.MISSED]
        caught_up = sum(row.trigger is Trigger.CATCH_UP for row in opened)
        figures = {
            "slots": must_have_a_row(self.periods, self.now),
            "opened on time": len(opened) - caught_up,
            "caught up": caught_up,
            "missed": len(rows) - len(opened),
            "tried again": sum(row.attempt > 1 for row in rows),
        }
        ends = Counter(f"ended {row.status}" for row in opened)
        broken = violations(self.periods, cast(Sequence[Row], rows), self.now)
        return {
            **figures,
            **dict(sorted(ends.items())),
            **dict(sorted(self.counts.items())),
            **broken,
        }


def soak(
    url: str, seed: int, slots: int, on_progress: Callable[[int], None] = lambda _passed: None
) -> dict[str, int]:
    """Simulate on an empty database; return the counts, the violations in capitals among them.

    `on_progress` is told how many slots have passed.
    """
    upgrade(url)
    return asyncio.run(Soak(url, seed, slots, on_progress).run())


def violations_in(found: dict[str, int]) -> dict[str, int]:
    """Return the violations that a simulation found."""
    return {name: count for name, count in found.items() if name.isupper() and count}
