"""What does the page of a data source show?"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import DataSource, Endpoint, Schedule, StoredRoster, SyncRun
from meigara.db.rosters import size_of_newest
from meigara.domain.run import ACTIVE, RunStatus
from meigara.domain.standing import Facts, Standing, is_old, is_overdue, standing_of
from meigara.errors import SourceNotFound
from meigara.services.queue import active_run
from meigara.services.runs import LISTED_ISSUES
from meigara.services.schedules import get_schedule

SLOTS_SHOWN = 60
_NOT_TRIED = (RunStatus.MISSED, *ACTIVE)


@dataclass(frozen=True, slots=True)
class Overview:
    """A data source as it stands: its schedule, the run under way, and what came before.

    `published` is the run that published or confirmed the newest list last; `last` the newest run
    that ended; `slots` are the newest slots, the oldest first; `held` wait for a decision.
    """

    source: DataSource
    endpoint: Endpoint
    schedule: Schedule
    standing: Standing
    active: SyncRun | None
    last: SyncRun | None
    published: SyncRun | None
    slots: Sequence[SyncRun]
    held: Sequence[SyncRun]
    expected_rows: int | None


async def overview(
    session: AsyncSession, source_id: int, now: dt.datetime, *, has_key: bool
) -> Overview:
    """Return the overview of a data source. Raises SourceNotFound."""
    source = await session.get(DataSource, source_id)
    if source is None:
        raise SourceNotFound(source_id=source_id)
    endpoint = await session.get_one(Endpoint, LISTED_ISSUES)
    schedule = await get_schedule(session)
    active = await active_run(session)
    last = await _last_that_ended(session)
    published = await _publisher_of_todays_list(session)
    facts = Facts(
        has_key=has_key,
        is_enabled=schedule.is_enabled,
        next_run_at=schedule.next_run_at,
        active_status=active.status if active else None,
        waits_for=(active.waiting or {}).get("for") if active else None,
        last_status=last.status if last else None,
        last_error=(last.error or {}).get("kind") if last else None,
        succeeded_at=published.finished_at if published else None,
    )
    return Overview(
        source,
        endpoint,
        schedule,
        standing_of(facts, now),
        active,
        last,
        published,
        await _newest_slots(session),
        await _held(session),
        await size_of_newest(session),
    )


async def fingerprint(session: AsyncSession, now: dt.datetime) -> str:
    """Return a text that differs whenever what the pages show of runs and schedule differs."""
    newest = sa.select(
        sa.func.max(SyncRun.id),
        sa.func.max(SyncRun.finished_at),
        sa.func.max(SyncRun.retry_at),
        sa.func.count().filter(SyncRun.status == RunStatus.HELD),
    )
    active = sa.select(
        SyncRun.id,
        SyncRun.status,
        SyncRun.phase,
        SyncRun.pages,
        SyncRun.rows,
        SyncRun.waiting,
        SyncRun.cancel_requested_at,
    ).where(SyncRun.status.in_(ACTIVE))
    schedule = sa.select(Schedule.revision, Schedule.next_run_at, Schedule.timezone)
    connection = await session.connection()
    found = [(await connection.execute(query)).first() for query in (newest, active, schedule)]
    published = await _publisher_of_todays_list(session)
    _, next_run_at, timezone = found[2] or (None, None, "UTC")
    aged = (
        now.astimezone(ZoneInfo(timezone)).date(),  # what was tomorrow is today
        is_overdue(next_run_at, now),
        is_old(published.finished_at if published else None, now),
    )
    return hashlib.sha256(repr((found, aged)).encode()).hexdigest()[:16]


async def _last_that_ended(session: AsyncSession) -> SyncRun | None:
    query = sa.select(SyncRun).where(SyncRun.status.not_in(_NOT_TRIED))
    return await session.scalar(query.order_by(SyncRun.id.desc()).limit(1))


async def _publisher_of_todays_list(session: AsyncSession) -> SyncRun | None:
    newest_first = (StoredRoster.as_of.desc(), StoredRoster.run_id.desc())
    query = sa.select(SyncRun).join(StoredRoster).where(StoredRoster.is_published)
    return await session.scalar(query.order_by(*newest_first).limit(1))


async def _newest_slots(session: AsyncSession) -> Sequence[SyncRun]:
    query = sa.select(SyncRun).where(SyncRun.schedule_id.is_not(None))
    found = await session.scalars(query.order_by(SyncRun.scheduled_for.desc()).limit(SLOTS_SHOWN))
    return found.all()[::-1]


async def _held(session: AsyncSession) -> Sequence[SyncRun]:
    query = sa.select(SyncRun).where(SyncRun.status == RunStatus.HELD)
    return (await session.scalars(query.order_by(SyncRun.id.desc()).limit(5))).all()
