"""How does a run begin, keep its lease, and end? The database decides every race.

Each function owns its transaction unless it takes a session. A change of state is one conditional
UPDATE: where it meets no row, another process was first.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.engine import Database
from meigara.db.models import Endpoint, SyncRun
from meigara.domain.run import ACTIVE, RunStatus, Trigger
from meigara.errors import (
    LeaseLost,
    MeigaraError,
    RunAlreadyActive,
    RunAlreadyFinished,
    RunNotFound,
    RunNotHeld,
)

LEASE = dt.timedelta(seconds=30)
LISTED_ISSUES = 1
"""The endpoint 上場企業一覧; its row is part of the first migration."""

# Built once: building a statement costs more than executing it.
_GUARD = (
    sa.select(SyncRun.cancel_requested_at)
    .join(Endpoint, Endpoint.id == SyncRun.endpoint_id)
    .where(
        SyncRun.id == sa.bindparam("run_id"),
        SyncRun.status == RunStatus.RUNNING,
        SyncRun.held_by == sa.bindparam("holder"),
    )
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is asked of a run: by whom, and the list of which day (None: the newest)."""

    trigger: Trigger
    actor: str | None = None
    as_of: dt.date | None = None
    is_backfill: bool = False


async def begin_run(database: Database, request: RunRequest, holder: str, now: dt.datetime) -> int:
    """Queue a run and claim it for `holder` at once; return its number.

    Raises RunAlreadyActive while another run of the endpoint is queued or running.
    """
    run = SyncRun(
        endpoint_id=LISTED_ISSUES,
        trigger=request.trigger,
        actor=request.actor,
        status=RunStatus.QUEUED,
        requested_as_of=request.as_of,
        is_backfill=request.is_backfill,
        queued_at=now,
    )
    try:
        async with database.writing() as session:
            await reap(session, now)
            session.add(run)
            await session.flush()
            await claim(session, run.id, holder, now)
            return run.id
    except IntegrityError:
        raise await _already_active(database) from None


async def claim(session: AsyncSession, run_id: int, holder: str, now: dt.datetime) -> None:
    """Take a queued run. Raises LeaseLost if another process has it."""
    await _move(
        session,
        run_id,
        SyncRun.status == RunStatus.QUEUED,
        status=RunStatus.RUNNING,
        held_by=holder,
        started_at=now,
        lease_expires_at=now + LEASE,
    )


async def reap(session: AsyncSession, now: dt.datetime) -> int:
    """Mark running runs whose lease has lapsed as abandoned; return how many."""
    lapsed = sa.and_(SyncRun.status == RunStatus.RUNNING, SyncRun.lease_expires_at < now)
    statement = sa.update(SyncRun).where(lapsed)
    return await _count(session, statement.values(status=RunStatus.ABANDONED, finished_at=now))


async def renew(
    session: AsyncSession, run_id: int, holder: str, now: dt.datetime, **progress: Any
) -> bool:
    """Renew the lease and write `progress` to the run; return whether a cancel was asked for.

    Raises LeaseLost if the run is no longer held by `holder`.
    """
    statement = (
        sa.update(SyncRun)
        .where(SyncRun.id == run_id, held_by(holder))
        .values(lease_expires_at=now + LEASE, **progress)
        .returning(SyncRun.cancel_requested_at)
    )
    row = (await (await session.connection()).execute(statement)).first()
    if row is None:
        raise LeaseLost(run_id=run_id)
    return row[0] is not None


def held_by(holder: str) -> sa.ColumnElement[bool]:
    """Return the condition that a run is running and `holder` holds its lease."""
    return sa.and_(SyncRun.status == RunStatus.RUNNING, SyncRun.held_by == holder)


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
    """Let one transaction at a time change the list; SQLite's write lock has done it already."""
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
    await _move(session, run_id, held_by(holder), status=status, finished_at=now, **values)


async def decide(
    session: AsyncSession,
    run_id: int,
    status: RunStatus,
    actor: str | None,
    now: dt.datetime,
    **values: Any,
) -> None:
    """End the waiting of a held run, as a person decided. Raises RunNotHeld if another one did."""
    waits = SyncRun.status == RunStatus.HELD
    try:
        decision = {"status": status, "decided_at": now, "decided_by": actor}
        await _move(session, run_id, waits, **decision, **values)
    except LeaseLost:
        run = await get_run(session, run_id)
        raise RunNotHeld(run_id=run_id, status=run.status) from None


async def fail(
    database: Database, run_id: int, holder: str, error: MeigaraError, now: dt.datetime
) -> None:
    """End the run as failed, with its cause. Does nothing if it has ended already."""
    cause = {"kind": type(error).__name__, "params": {k: str(v) for k, v in error.params.items()}}
    await _end_quietly(database, run_id, holder, RunStatus.FAILED, now, error=cause)


async def cancel_own(database: Database, run_id: int, holder: str, now: dt.datetime) -> None:
    """End the own run as cancelled. Does nothing if it has ended already."""
    await _end_quietly(database, run_id, holder, RunStatus.CANCELLED, now)


async def request_cancel(database: Database, run_id: int, now: dt.datetime) -> SyncRun:
    """Ask the holder of a run to stop, or end it at once if nobody works on it.

    Raises RunNotFound, or RunAlreadyFinished.
    """
    async with database.writing() as session:
        await reap(session, now)
        run = await get_run(session, run_id)
        if not run.status.is_active:
            raise RunAlreadyFinished(run_id=run_id, status=run.status)
        if run.status is RunStatus.QUEUED:
            run.status, run.finished_at = RunStatus.CANCELLED, now
        run.cancel_requested_at = now
        return run


async def get_run(session: AsyncSession, run_id: int, *, lock: bool = False) -> SyncRun:
    """Return a run, locked until the transaction ends if asked. Raises RunNotFound."""
    run = await session.get(SyncRun, run_id, with_for_update=lock)
    if run is None:
        raise RunNotFound(run_id=run_id)
    return run


async def get_held(session: AsyncSession, run_id: int, *, lock: bool = False) -> SyncRun:
    """Return a run that is held. Raises RunNotFound, or RunNotHeld."""
    run = await get_run(session, run_id, lock=lock)
    if run.status is not RunStatus.HELD:
        raise RunNotHeld(run_id=run_id, status=run.status)
    return run


async def list_runs(session: AsyncSession, limit: int) -> Sequence[SyncRun]:
    """Return the newest runs first."""
    return (
        await session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(limit))
    ).all()


async def _already_active(database: Database) -> RunAlreadyActive:
    async with database.reading() as session:
        run = await session.scalar(sa.select(SyncRun).where(SyncRun.status.in_(ACTIVE)))
    lease = run.lease_expires_at if run else None
    until = f"{lease.astimezone():%H:%M:%S}" if lease else "-"
    return RunAlreadyActive(run_id=run.id if run else 0, lease_until=until)


async def _end_quietly(
    database: Database,
    run_id: int,
    holder: str,
    status: RunStatus,
    now: dt.datetime,
    **values: Any,
) -> None:
    try:
        async with database.writing() as session:
            await finish(session, run_id, holder, status, now, **values)
    except LeaseLost:
        return


async def _move(
    session: AsyncSession, run_id: int, condition: sa.ColumnElement[bool], **values: Any
) -> None:
    statement = sa.update(SyncRun).where(SyncRun.id == run_id, condition).values(**values)
    if not await _count(session, statement):
        raise LeaseLost(run_id=run_id)


async def _count(session: AsyncSession, statement: sa.Update) -> int:
    connection = await session.connection()
    result: CursorResult[Any] = await connection.execute(statement)
    return result.rowcount
