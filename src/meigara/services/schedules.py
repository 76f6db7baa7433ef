"""What does the schedule say, and how is it changed?

Every slot ends as exactly one row: a run, or `missed` with its reason. `next_run_at` is the first
slot without a row.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.engine import Database
from meigara.db.models import Schedule, SyncRun
from meigara.domain.auditing import Action
from meigara.domain.run import RunStatus, Trigger
from meigara.domain.schedule import (
    PUNCTUAL,
    DailyTime,
    MissedReason,
    parse_wall_time,
    parse_zone,
    settle,
)
from meigara.errors import ScheduleChanged
from meigara.services.auditing import record
from meigara.services.queue import RunRequest, active_or_alone, active_run, add_run
from meigara.services.runs import LISTED_ISSUES

_NEVER_RUN = (RunStatus.MISSED, RunStatus.QUEUED)


@dataclass(frozen=True, slots=True)
class ScheduleEdit:
    """What a person wants to be different; None leaves a thing as it is.

    `revision` is that of the schedule the person saw: an edit of somebody else is not undone.
    """

    execution_time: str | None = None
    timezone: str | None = None
    is_enabled: bool | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """The schedule, its next slots in its own zone (none while paused), and the last run."""

    schedule: Schedule
    next_slots: tuple[dt.datetime, ...]
    last_run: SyncRun | None


@dataclass(frozen=True, slots=True)
class Opened:
    """The run of the slot that is due, if there is one, and the slots that were missed."""

    run_id: int | None = None
    missed: tuple[dt.datetime, ...] = ()


async def view(database: Database, now: dt.datetime) -> ScheduleView:
    """Return the schedule as it is, with the slots after `now`."""
    async with database.reading() as session:
        schedule = await get_schedule(session)
        ran = sa.select(SyncRun).where(SyncRun.status.not_in(_NEVER_RUN))
        last = await session.scalar(ran.order_by(SyncRun.id.desc()).limit(1))
    slots = daily_of(schedule).preview(now) if schedule.is_enabled else ()
    return ScheduleView(schedule, tuple(slots), last)


async def has_run_today(database: Database, now: dt.datetime) -> bool:
    """Say whether a slot of this local day was run."""
    async with database.reading() as session:
        schedule = await get_schedule(session)
        midnight = now.astimezone(ZoneInfo(schedule.timezone)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        ran = sa.exists().where(
            SyncRun.schedule_id == schedule.id,
            SyncRun.scheduled_for >= midnight,
            SyncRun.status.not_in(_NEVER_RUN),
        )
        return bool(await session.scalar(sa.select(ran)))


async def edit(
    database: Database, wanted: ScheduleEdit, actor: str | None, now: dt.datetime
) -> None:
    """Change the schedule, effective at once. A slot of the past is never fired by it.

    Slots that were due under the old schedule and have no row yet get one: a run for a slot of
    this minute, `missed` for older ones.

    Raises InvalidSchedule, or ScheduleChanged if `wanted.revision` is not the present one.
    """
    at = parse_wall_time(wanted.execution_time) if wanted.execution_time is not None else None
    zone = parse_zone(wanted.timezone).key if wanted.timezone is not None else None
    async with database.writing() as session:
        schedule = await lock_schedule(session)
        if wanted.revision not in (None, schedule.revision):
            shown = f"{schedule.execution_time:%H:%M}"
            raise ScheduleChanged(execution_time=shown, timezone=schedule.timezone)
        before = (schedule.execution_time, schedule.timezone, schedule.is_enabled)
        is_enabled = schedule.is_enabled if wanted.is_enabled is None else wanted.is_enabled
        after = (at or schedule.execution_time, zone or schedule.timezone, is_enabled)
        if after == before:
            return
        if schedule.is_enabled and schedule.next_run_at is not None:
            await _settle(session, schedule, now, PUNCTUAL, MissedReason.SCHEDULE_CHANGED)
        schedule.execution_time, schedule.timezone, schedule.is_enabled = after
        schedule.next_run_at = daily_of(schedule).next_after(now) if is_enabled else None
        schedule.revision += 1
        schedule.updated_at, schedule.updated_by = now, actor
        record(session, Action.SCHEDULE_CHANGED, actor, now, detail=_told(before, after))


def _told(
    before: tuple[dt.time, str, bool], after: tuple[dt.time, str, bool]
) -> Mapping[str, object]:
    """Return what an edit made of what, for the audit trail."""
    names = ("execution_time", "timezone", "is_enabled")
    pairs = zip(names, before, after, strict=True)
    return {name: f"{old} → {new}" for name, old, new in pairs if old != new}


async def get_schedule(session: AsyncSession) -> Schedule:
    """Return the schedule as it is."""
    return (await session.execute(_of_endpoint())).scalar_one()


async def lock_schedule(session: AsyncSession) -> Schedule:
    """Return the schedule; whoever else wants to change it or to open its slots waits."""
    return (await session.execute(_of_endpoint().with_for_update())).scalar_one()


async def open_due_slot(session: AsyncSession, schedule: Schedule, now: dt.datetime) -> Opened:
    """Give every slot up to `now` its row, and the schedule its next slot. The caller commits.

    While a run is active the slots wait: the newest one is opened when that run has ended.
    """
    if not schedule.is_enabled:
        return Opened()
    if schedule.next_run_at is None:
        schedule.next_run_at = daily_of(schedule).next_after(now)
    if schedule.next_run_at > now or await active_run(session) is not None:
        return Opened()
    window = dt.timedelta(minutes=schedule.catch_up_minutes)
    return await _settle(session, schedule, now, window, MissedReason.NOBODY_RAN)


async def _settle(
    session: AsyncSession,
    schedule: Schedule,
    now: dt.datetime,
    window: dt.timedelta,
    reason: MissedReason,
) -> Opened:
    """Write a row for each slot that is due and has none, in the order of their times."""
    first = schedule.next_run_at or now
    found = settle(daily_of(schedule), first, now, window)
    known = await _slots_with_a_row(session, schedule, first)
    slots = [slot for slot in (*found.missed, found.opened) if slot and slot not in known]
    opens = bool(slots) and slots[-1] == found.opened and await active_or_alone(session) is None
    missed = slots[:-1] if opens else slots
    session.add_all(_missed_run(schedule, slot, reason, now) for slot in missed)
    schedule.next_run_at = found.next
    await session.flush()
    run_id = None
    if opens:
        run = await add_run(session, RunRequest(found.trigger(now)), now)
        run.schedule_id, run.scheduled_for, run_id = schedule.id, slots[-1], run.id
    return Opened(run_id, tuple(missed))


async def _slots_with_a_row(
    session: AsyncSession, schedule: Schedule, first: dt.datetime
) -> set[dt.datetime]:
    """Return the slots from `first` on that have a row: a clock that was set back finds some."""
    query = sa.select(SyncRun.scheduled_for).where(SyncRun.schedule_id == schedule.id)
    found = await session.scalars(query.where(SyncRun.scheduled_for >= first))
    return {slot for slot in found if slot is not None}


def _missed_run(
    schedule: Schedule, slot: dt.datetime, reason: MissedReason, now: dt.datetime
) -> SyncRun:
    return SyncRun(
        endpoint_id=schedule.endpoint_id,
        schedule_id=schedule.id,
        scheduled_for=slot,
        trigger=Trigger.SCHEDULE,
        status=RunStatus.MISSED,
        missed_reason=reason,
        is_backfill=False,
        queued_at=now,
        finished_at=now,
    )


def daily_of(schedule: Schedule) -> DailyTime:
    """Return the wall time of a schedule."""
    return DailyTime(schedule.execution_time, ZoneInfo(schedule.timezone))


def _of_endpoint() -> sa.Select[Schedule]:
    return sa.select(Schedule).where(Schedule.endpoint_id == LISTED_ISSUES)
