"""How does a run get its lease, keep it, and end? The database decides every race.

Each function owns its transaction unless it takes a session. A change of state is one conditional
UPDATE: where it meets no row, another process was first.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.counting import rows_changed
from meigara.db.engine import Database
from meigara.db.models import Endpoint, Schedule, SyncRun
from meigara.db.stalled import end_stalled
from meigara.domain.auditing import Action
from meigara.domain.retrying import MOST_ATTEMPTS, RetryPolicy
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import (
    LeaseLost,
    MeigaraError,
    RunAlreadyFinished,
    RunNotFound,
    RunNotHeld,
)
from meigara.services.auditing import record

LEASE = dt.timedelta(seconds=30)
LISTED_ISSUES = 1
"""The endpoint 上場企業一覧; its row is part of the first migration."""
LARGEST_NUMBER = 2**31 - 1
"""The largest number a run can have."""

# Statements that every sync executes are built once: building one costs more than executing it.
_THE_RUN = SyncRun.id == sa.bindparam("run_id")
_OWN_RUN = sa.and_(
    _THE_RUN, SyncRun.status == RunStatus.RUNNING, SyncRun.held_by == sa.bindparam("holder")
)
_GUARD = (
    sa.select(SyncRun.cancel_requested_at)
    .join(Endpoint, Endpoint.id == SyncRun.endpoint_id)
    .where(_OWN_RUN)
    .with_for_update()
)
_RENEW = sa.update(SyncRun).where(_OWN_RUN).returning(SyncRun.cancel_requested_at)
_MOVE_OWN = sa.update(SyncRun).where(_OWN_RUN)
_MOVE_QUEUED = sa.update(SyncRun).where(_THE_RUN, SyncRun.status == RunStatus.QUEUED)
_MOVE_HELD = sa.update(SyncRun).where(_THE_RUN, SyncRun.status == RunStatus.HELD)


async def claim(session: AsyncSession, run_id: int, holder: str, now: dt.datetime) -> None:
    """Take a queued run. Raises LeaseLost if another process has it."""
    taken = {"status": RunStatus.RUNNING, "held_by": holder, "started_at": now, "waiting": None}
    values = {"run_id": run_id, "lease_expires_at": now + LEASE, **taken}
    await _move(session, _MOVE_QUEUED, values)


async def give_back(database: Database, run_id: int, holder: str, now: dt.datetime) -> None:
    """Put the own run back into the queue, for another process; a run to be cancelled ends.

    Does nothing if it has ended already.
    """
    queued = {"status": RunStatus.QUEUED, "held_by": None, "lease_expires_at": None}
    values = {"run_id": run_id, "holder": holder, "dispatched_at": None, **queued}
    with suppress(LeaseLost):
        async with database.writing() as session:
            if await guard(session, run_id, holder):
                await finish(session, run_id, holder, RunStatus.CANCELLED, now)
            else:
                await _move(session, _MOVE_OWN, values)


async def reap(session: AsyncSession, now: dt.datetime) -> int:
    """Mark running runs whose lease has lapsed as abandoned; return how many.

    They are to be taken over at once, except those that were never offered to a worker (a person
    at a command line sees the end), that were to be cancelled, or that killed too many already.
    """
    await end_stalled(session)
    is_taken_over = sa.and_(
        SyncRun.dispatched_at.is_not(None),
        SyncRun.attempt < MOST_ATTEMPTS,
        SyncRun.cancel_requested_at.is_(None),
    )
    values = {"status": RunStatus.ABANDONED, "finished_at": now, "retries": MOST_ATTEMPTS - 1}
    statement = sa.update(SyncRun).where(has_lapsed(now))
    at_once = sa.literal(now, SyncRun.retry_at.type)
    retry_at = sa.case((is_taken_over, at_once), else_=None)
    return await rows_changed(session, statement.values(**values, retry_at=retry_at))


def has_lapsed(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a run is running and nobody renewed its lease in time."""
    return sa.and_(SyncRun.status == RunStatus.RUNNING, SyncRun.lease_expires_at < now)


async def renew(
    session: AsyncSession, run_id: int, holder: str, now: dt.datetime, **progress: Any
) -> bool:
    """Renew the lease and write `progress` to the run; return whether a cancel was asked for.

    Raises LeaseLost if the run is no longer held by `holder`.
    """
    values = {"run_id": run_id, "holder": holder, "lease_expires_at": now + LEASE, **progress}
    row = (await (await session.connection()).execute(_RENEW, values)).first()
    if row is None:
        raise LeaseLost(run_id=run_id)
    return row[0] is not None


async def guard(session: AsyncSession, run_id: int, holder: str) -> bool:
    """Lock the run and its list until the transaction ends; return whether a cancel was asked for.

    Whoever wants to take the run, or to change the list, waits from here on.

    Raises LeaseLost if the run is no longer held by `holder`.
    """
    own = {"run_id": run_id, "holder": holder}
    row = (await (await session.connection()).execute(_GUARD, own)).first()
    if row is None:
        raise LeaseLost(run_id=run_id)
    return row[0] is not None


async def lock_endpoint(session: AsyncSession, endpoint_id: int) -> None:
    """Let one transaction at a time change the list or make a run active.

    SQLite's write lock has done it already.
    """
    query = sa.select(Endpoint.id).where(Endpoint.id == endpoint_id).with_for_update()
    await (await session.connection()).execute(query)


async def finish(
    session: AsyncSession,
    run_id: int,
    holder: str,
    status: RunStatus,
    now: dt.datetime,
    **values: Any,
) -> None:
    """End a run that `holder` works on. Raises LeaseLost if somebody else does."""
    own = {"run_id": run_id, "holder": holder, "status": status, "finished_at": now}
    await _move(session, _MOVE_OWN, own | values)


async def decide(
    session: AsyncSession,
    run_id: int,
    status: RunStatus,
    actor: str | None,
    now: dt.datetime,
    **values: Any,
) -> None:
    """End the waiting of a held run, as a person decided. Raises RunNotHeld if another one did."""
    decision = {"status": status, "decided_at": now, "decided_by": actor, "told_at": None}
    try:
        await _move(session, _MOVE_HELD, {"run_id": run_id, **decision, **values})
    except LeaseLost:
        run = await get_run(session, run_id)
        raise RunNotHeld(run_id=run_id, status=run.status) from None


async def fail(
    database: Database,
    run_id: int,
    holder: str,
    error: MeigaraError,
    now: dt.datetime,
    *,
    policy: RetryPolicy,
) -> None:
    """End the run as failed, with its cause; a scheduled one is tried again if that may help.

    Does nothing if it has ended already.
    """
    with suppress(LeaseLost):
        async with database.writing() as session:
            retry_at = await _next_try(session, run_id, now, policy) if error.retryable else None
            ending = {"error": error.record(), "retries": policy.retries, "retry_at": retry_at}
            await finish(session, run_id, holder, RunStatus.FAILED, now, **ending)


async def _next_try(
    session: AsyncSession, run_id: int, now: dt.datetime, policy: RetryPolicy
) -> dt.datetime | None:
    query = sa.select(SyncRun.attempt, Schedule.timezone).join(Schedule)
    found = (await session.execute(query.where(SyncRun.id == run_id))).first()
    return policy.next_at(found.attempt, now, ZoneInfo(found.timezone)) if found else None


async def cancel_own(database: Database, run_id: int, holder: str, now: dt.datetime) -> None:
    """End the own run as cancelled. Does nothing if it has ended already."""
    with suppress(LeaseLost):
        async with database.writing() as session:
            await finish(session, run_id, holder, RunStatus.CANCELLED, now)


async def request_cancel(
    database: Database, run_id: int, actor: str | None, now: dt.datetime
) -> SyncRun:
    """Ask the holder of a run to stop, or end it at once if nobody works on it.

    A run that waits to be tried again is not tried again.

    Raises RunNotFound, or RunAlreadyFinished.
    """
    async with database.writing() as session:
        await reap(session, now)
        run = await get_run(session, run_id, lock=True)
        if not run.status.is_active and run.retry_at is None:
            raise RunAlreadyFinished(run_id=run_id, status=run.status)
        if run.status is not RunStatus.RUNNING:
            run.status, run.finished_at, run.retry_at = RunStatus.CANCELLED, now, None
        run.cancel_requested_at = now
        record(session, Action.RUN_STOPPED, actor, now, subject=str(run_id))
        return run


async def get_run(session: AsyncSession, run_id: int, *, lock: bool = False) -> SyncRun:
    """Return a run, locked until the transaction ends if asked. Raises RunNotFound."""
    is_possible = 0 < run_id <= LARGEST_NUMBER
    run = await session.get(SyncRun, run_id, with_for_update=lock) if is_possible else None
    if run is None:
        raise RunNotFound(run_id=run_id)
    return run


async def get_held(session: AsyncSession, run_id: int, *, lock: bool = False) -> SyncRun:
    """Return a run that is held. Raises RunNotFound, or RunNotHeld."""
    run = await get_run(session, run_id, lock=lock)
    if run.status is not RunStatus.HELD:
        raise RunNotHeld(run_id=run_id, status=run.status)
    return run


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which runs are asked for: of states, of triggers, older than the number `before`."""

    status: Sequence[RunStatus] = ()
    trigger: Sequence[Trigger] = ()
    before: int | None = None
    limit: int = 50


async def history(session: AsyncSession, query: HistoryQuery) -> Sequence[SyncRun]:
    """Return the runs that fit, the newest first."""
    found = sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(query.limit)
    if query.status:
        found = found.where(SyncRun.status.in_(query.status))
    if query.trigger:
        found = found.where(SyncRun.trigger.in_(query.trigger))
    if query.before is not None:
        found = found.where(SyncRun.id < query.before)
    return (await session.scalars(found)).all()


async def _move(session: AsyncSession, statement: sa.Update, values: Mapping[str, Any]) -> None:
    """Give a run the values, if the condition of the statement holds. Raises LeaseLost."""
    if not await rows_changed(session, statement, values):
        raise LeaseLost(run_id=values["run_id"])
