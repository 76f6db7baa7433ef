"""What does the page of a data source show?"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import DataSource, Endpoint, Schedule, StoredRoster, SyncRun
from meigara.db.rosters import size_of_newest
from meigara.domain.run import ACTIVE, RunStatus
from meigara.domain.standing import Facts, Standing, is_old, is_overdue, standing_of
from meigara.errors import SourceNotFound
from meigara.jquants.plan import Plan
from meigara.services.freshness import is_newest
from meigara.services.queue import active_run
from meigara.services.runs import LISTED_ISSUES
from meigara.services.schedules import get_schedule

SLOTS_SHOWN = 60
_NOT_TRIED = (RunStatus.MISSED, *ACTIVE)
_IS_HELD = SyncRun.status == RunStatus.HELD


class Slot(NamedTuple):
    """A time at which the schedule was to run, and what became of it."""

    run_id: int
    scheduled_for: dt.datetime
    status: RunStatus


@dataclass(frozen=True, slots=True)
class Overview:
    """A data source as it stands: its schedule, the run under way, and what came before.

    `published` is the run that published or confirmed the newest list last; `last` the newest run
    that ended; `slots` are the newest slots, the oldest first; `held` wait for a decision;
    `is_newest` says that the newest list was the newest to be had when it was fetched;
    `fingerprint` is what the function of that name returns.
    """

    source: DataSource
    endpoint: Endpoint
    schedule: Schedule
    standing: Standing
    active: SyncRun | None
    last: SyncRun | None
    published: SyncRun | None
    is_newest: bool
    slots: Sequence[Slot]
    held: Sequence[SyncRun]
    expected_rows: int | None
    fingerprint: str


async def overview(
    session: AsyncSession, source_id: int, now: dt.datetime, *, has_key: bool, plan: Plan | None
) -> Overview:
    """Return the overview of a data source, of which `plan` is had. Raises SourceNotFound."""
    source = await session.get(DataSource, source_id)
    if source is None:
        raise SourceNotFound(source_id=source_id)
    endpoint = await session.get_one(Endpoint, LISTED_ISSUES)
    situation = await _situation(session)
    schedule, active, published = situation.schedule, situation.active, situation.published
    last = await _last_that_ended(session)
    newest = _is_newest(published, plan)
    facts = Facts(
        has_key=has_key,
        is_enabled=schedule.is_enabled,
        next_run_at=schedule.next_run_at,
        active_status=active.status if active else None,
        waits_for=(active.waiting or {}).get("for") if active else None,
        last_status=last.status if last else None,
        last_error=(last.error or {}).get("kind") if last else None,
        succeeded_at=published.finished_at if published else None,
        is_newest=newest,
    )
    return Overview(
        source,
        endpoint,
        schedule,
        standing_of(facts, now),
        active,
        last,
        published,
        newest,
        await _newest_slots(session, schedule),
        await _held(session),
        await size_of_newest(session),
        situation.fingerprint(now),
    )


def _is_newest(published: SyncRun | None, plan: Plan | None) -> bool:
    if published is None or published.as_of is None or published.finished_at is None:
        return True
    return is_newest(published.as_of, published.finished_at, plan)


async def fingerprint(session: AsyncSession, now: dt.datetime) -> str:
    """Return a text that differs whenever what the pages show of runs and schedule differs."""
    return (await _situation(session)).fingerprint(now)


@dataclass(frozen=True, slots=True)
class _Situation:
    """What changes while a page is open; `marks` tell that a run is new, or not as it was."""

    schedule: Schedule
    active: SyncRun | None
    published: SyncRun | None
    marks: tuple[Any, ...]

    def fingerprint(self, now: dt.datetime) -> str:
        run, schedule = self.active, self.schedule
        progress = run and (run.id, run.status, run.phase, run.pages, run.rows, run.waiting)
        aged = (
            now.astimezone(ZoneInfo(schedule.timezone)).date(),  # what was tomorrow is today
            is_overdue(schedule.next_run_at, now),
            is_old(self.published.finished_at if self.published else None, now),
        )
        planned = (schedule.revision, schedule.next_run_at, schedule.timezone)
        seen = (self.marks, progress, run and run.cancel_requested_at, planned, aged)
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


async def _situation(session: AsyncSession) -> _Situation:
    parts = (
        sa.select(sa.func.max(SyncRun.id)),
        sa.select(sa.func.max(SyncRun.finished_at)),
        sa.select(sa.func.max(SyncRun.retry_at)).where(SyncRun.retry_at.is_not(None)),
        sa.select(sa.func.count()).where(_IS_HELD),
        sa.select(sa.func.count()).where(SyncRun.status == RunStatus.RETRACTED),
    )
    marks = sa.select(*(part.scalar_subquery() for part in parts))  # an index answers each
    return _Situation(
        await get_schedule(session),
        await active_run(session),
        await publisher_of_todays_list(session),
        tuple((await session.execute(marks)).one()),
    )


async def _last_that_ended(session: AsyncSession) -> SyncRun | None:
    query = sa.select(SyncRun).where(SyncRun.status.not_in(_NOT_TRIED))
    return await session.scalar(query.order_by(SyncRun.id.desc()).limit(1))


async def publisher_of_todays_list(session: AsyncSession) -> SyncRun | None:
    """Return the run that published or confirmed the newest list last, if there is one."""
    newest_first = (StoredRoster.as_of.desc(), StoredRoster.run_id.desc())
    query = sa.select(SyncRun).join(StoredRoster).where(StoredRoster.is_published)
    return await session.scalar(query.order_by(*newest_first).limit(1))


async def _newest_slots(session: AsyncSession, schedule: Schedule) -> Sequence[Slot]:
    columns = (SyncRun.id, SyncRun.scheduled_for, SyncRun.status)
    query = sa.select(*columns).where(SyncRun.schedule_id == schedule.id)
    newest = query.order_by(SyncRun.scheduled_for.desc()).limit(SLOTS_SHOWN)
    return [Slot._make(row) for row in await session.execute(newest)][::-1]


async def _held(session: AsyncSession) -> Sequence[SyncRun]:
    query = sa.select(SyncRun).where(_IS_HELD)
    return (await session.scalars(query.order_by(SyncRun.id.desc()).limit(5))).all()
