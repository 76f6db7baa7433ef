"""What do the numbers say of the list, the runs and the schedule? For whoever watches a server."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import DataSource, Schedule, SyncRun
from meigara.db.tally import tallies
from meigara.domain.run import RunStatus
from meigara.domain.schedule import PUNCTUAL
from meigara.jquants.limiter import WINDOW_SECONDS
from meigara.services.schedules import get_schedule
from meigara.services.sources import publisher_of_todays_list


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers at a moment. Moments are None where there is none yet; times are in seconds."""

    runs: Mapping[RunStatus, int]
    ended: Mapping[RunStatus, int]
    total: int | None
    companies: int | None
    as_of: dt.date | None
    synced_at: dt.datetime | None
    duration: float | None
    phases: Mapping[str, float]
    next_run_at: dt.datetime | None
    overdue: float
    waiting: float
    recent_calls: int


async def figures(session: AsyncSession, now: dt.datetime) -> Figures:
    """Return the numbers of the store; every process that asks gets the same."""
    published = await publisher_of_todays_list(session)
    schedule = await get_schedule(session)
    took = published.duration if published else None
    return Figures(
        runs=await _runs_by_status(session),
        ended=await tallies(session),
        total=published.total if published else None,
        companies=published.companies if published else None,
        as_of=published.as_of if published else None,
        synced_at=published.finished_at if published else None,
        duration=took.total_seconds() if took else None,
        phases={
            k: ms / 1000 for k, ms in ((published.phases if published else None) or {}).items()
        },
        next_run_at=schedule.next_run_at if schedule.is_enabled else None,
        overdue=overdue_seconds(schedule, now),
        waiting=await _waiting_seconds(session, now),
        recent_calls=await _recent_calls(session, now),
    )


def overdue_seconds(schedule: Schedule, now: dt.datetime) -> float:
    """Return for how long a slot has been due without being opened; 0 while all is in time."""
    if not schedule.is_enabled or schedule.next_run_at is None:
        return 0.0
    late = now - schedule.next_run_at
    return late.total_seconds() if late > PUNCTUAL else 0.0


async def _runs_by_status(session: AsyncSession) -> Mapping[RunStatus, int]:
    counts = sa.select(SyncRun.status, sa.func.count()).group_by(SyncRun.status)
    found = dict.fromkeys(RunStatus, 0)
    for status, number in await session.execute(counts):
        found[status] = number
    return found


async def _waiting_seconds(session: AsyncSession, now: dt.datetime) -> float:
    """Return for how long the oldest run has waited for somebody who works on it."""
    oldest = sa.select(sa.func.min(SyncRun.queued_at))
    since = await session.scalar(oldest.where(SyncRun.status == RunStatus.QUEUED))
    return (now - since).total_seconds() if since else 0.0


async def _recent_calls(session: AsyncSession, now: dt.datetime) -> int:
    """Return how many calls J-Quants was asked in the last minute."""
    calls = await session.scalar(sa.select(DataSource.recent_calls)) or ()
    return sum(0 <= now.timestamp() - at < WINDOW_SECONDS for at in calls)
