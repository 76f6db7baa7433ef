"""How does a run come to somebody who works on it?

A queued row is the order itself: it is committed first, then offered to those who work. An offer
that is lost is made again by the next tick; one that is doubled loses the claim.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from meigara.db.engine import Database
from meigara.db.models import SyncRun
from meigara.domain.auditing import Action
from meigara.domain.run import ACTIVE, RunStatus, Trigger
from meigara.errors import LeaseLost, RunAlreadyActive
from meigara.services.auditing import record
from meigara.services.runs import LISTED_ISSUES, claim, lock_endpoint, reap

PATIENCE = dt.timedelta(seconds=15)
"""A queued run that nobody has claimed for so long is offered again."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is asked of a run: by whom, and the list of which day (None: the newest)."""

    trigger: Trigger
    actor: str | None = None
    as_of: dt.date | None = None
    is_backfill: bool = False

    def is_met_by(self, run: SyncRun) -> bool:
        """Say whether a run brings what is asked for."""
        return (run.requested_as_of, run.is_backfill) == (self.as_of, self.is_backfill)


async def begin_run(database: Database, request: RunRequest, holder: str, now: dt.datetime) -> int:
    """Queue a run and claim it for `holder` at once; return its number.

    A run for the same list that nobody works on yet is claimed instead of a second one.

    Raises RunAlreadyActive while another run of the endpoint is active.
    """
    async with database.writing() as session:
        await reap(session, now)
        run = await active_or_alone(session)
        if run is None:
            run = await add_run(session, request, now)
        elif not request.is_met_by(run):
            raise _already_active(run)
        try:
            await claim(session, run.id, holder, now)
        except LeaseLost:
            raise _already_active(run) from None
        return run.id


async def start_run(
    database: Database, request: RunRequest, now: dt.datetime, *, will_offer: bool = True
) -> tuple[SyncRun, bool]:
    """Queue a run for those who work; return it, and whether it is new.

    `will_offer` says that the caller offers a new one to them; else the next tick does.
    While a run for the same list is active, that one is returned.

    Raises RunAlreadyActive while a run for another list is active.
    """
    async with database.reading() as session:  # nobody has to be waited for where one is active
        run = await active_run(session)
    if run is None or _is_dead(run, now):
        async with database.writing() as session:
            await reap(session, now)
            run = await active_or_alone(session)
            if run is None:
                run = await add_run(session, request, now)
                run.dispatched_at = now if will_offer else None
                return run, True
    if not request.is_met_by(run):
        raise _already_active(run)
    return run, False


async def keep_for_broker(database: Database, run_id: int) -> SyncRun:
    """Note on a queued run that it waits for the broker; return the run."""
    async with database.writing() as session:
        run = await session.get_one(SyncRun, run_id, with_for_update=True)
        if run.status is RunStatus.QUEUED:
            run.waiting, run.dispatched_at = {"for": "broker"}, None
        return run


async def add_run(session: AsyncSession, request: RunRequest, now: dt.datetime) -> SyncRun:
    """Insert a queued run. Raises IntegrityError while another one is active.

    The caller is alone, as `active_or_alone` says.
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
    session.add(run)
    await session.flush()
    if request.trigger is not Trigger.SCHEDULE:
        record(session, Action.SYNC_STARTED, request.actor, now, subject=str(run.id))
    return run


async def active_run(session: AsyncSession) -> SyncRun | None:
    """Return the run that is queued or running, if any."""
    return await session.scalar(sa.select(SyncRun).where(SyncRun.status.in_(ACTIVE)))


async def active_or_alone(session: AsyncSession) -> SyncRun | None:
    """Return the active run; if there is none, let nobody else make one until the caller commits.

    Whoever would insert a row to see whether there is one already would use up a number.
    """
    active = await active_run(session)
    if active is None:
        await lock_endpoint(session, LISTED_ISSUES)
        active = await active_run(session)
    return active


async def requeue_due(session: AsyncSession, now: dt.datetime) -> int | None:
    """Queue again the oldest run whose next try is due; return its number, None if there is none.

    A try that a later run has made needless is dropped. While a run is active, all others wait.
    """
    await _drop_needless_tries(session)
    due = sa.select(sa.func.min(SyncRun.id)).where(SyncRun.retry_at <= now)
    run_id = await session.scalar(due)
    if run_id is None:
        return None
    if await active_or_alone(session) is not None:
        return None
    fresh = {"retry_at": None, "dispatched_at": None, "finished_at": None, "held_by": None}
    fresh |= {"lease_expires_at": None, "phase": None, "pages": None, "rows": None}
    values = {"status": RunStatus.QUEUED, "attempt": SyncRun.attempt + 1, **fresh}
    statement = sa.update(SyncRun).where(SyncRun.id == run_id, SyncRun.retry_at.is_not(None))
    await (await session.connection()).execute(statement.values(**values))
    return run_id


async def _drop_needless_tries(session: AsyncSession) -> None:
    """Forget the next try of runs after whose end another one brought the newest list."""
    later = aliased(SyncRun)
    has_brought_it = sa.exists().where(
        later.status.in_((RunStatus.SUCCEEDED, RunStatus.HELD)),
        later.requested_as_of.is_(None),
        later.finished_at > SyncRun.finished_at,
    )
    is_for_newest = sa.and_(SyncRun.requested_as_of.is_(None), ~SyncRun.is_backfill)
    needless = sa.update(SyncRun).where(
        SyncRun.retry_at.is_not(None), is_for_newest, has_brought_it
    )
    await (await session.connection()).execute(needless.values(retry_at=None))


def is_stranded(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a run is queued and was not offered lately."""
    not_lately = sa.or_(SyncRun.dispatched_at.is_(None), SyncRun.dispatched_at < now - PATIENCE)
    return sa.and_(SyncRun.status == RunStatus.QUEUED, not_lately)


async def take_stranded(session: AsyncSession, now: dt.datetime) -> Sequence[int]:
    """Note that the runs that nobody was offered lately are offered now; return their numbers."""
    statement = sa.update(SyncRun).where(is_stranded(now)).values(dispatched_at=now)
    found = await (await session.connection()).execute(statement.returning(SyncRun.id))
    return found.scalars().all()


def _is_dead(run: SyncRun, now: dt.datetime) -> bool:
    return run.lease_expires_at is not None and run.lease_expires_at < now


def _already_active(run: SyncRun) -> RunAlreadyActive:
    lease = run.lease_expires_at
    until = f"{lease.astimezone():%H:%M:%S}" if lease else "-"
    return RunAlreadyActive(run_id=run.id, lease_until=until)
