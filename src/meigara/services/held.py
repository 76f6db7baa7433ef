"""What can a person do with a held run: apply it, discard it, try it again?"""

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.engine import Database
from meigara.db.models import SyncRun
from meigara.domain.auditing import Action
from meigara.domain.guard import GuardLimits
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import RunFollowsAnother, RunNotHeld
from meigara.services import runs
from meigara.services.auditing import record
from meigara.services.consequences import (
    Decision,
    apply_consequences,
    discard_consequences,
    drop_held,
    proposal,
    publish_held,
)
from meigara.services.queue import RunRequest


async def apply_held(
    database: Database, run_id: int, limits: GuardLimits, actor: str | None, now: dt.datetime
) -> SyncRun:
    """Publish the roster of a held run, as a person decided; return the run.

    The lists that are held because of it follow. A roster that is older than the newest one stored
    becomes part of the past, never today's list.

    Raises RunNotFound, RunNotHeld, RunNotApplicable if the answer is defective, or
    RunFollowsAnother if it is held because of another run.
    """
    decision = Decision(actor, now)
    async with database.writing() as session:
        run = await _get_root(session, run_id)
        await runs.lock_endpoint(session, run.endpoint_id)
        found = await proposal(session, run_id, limits, now)
        await publish_held(session, run_id, found, decision)
        await apply_consequences(session, run_id, limits, decision)
        record(session, Action.RUN_APPLIED, actor, now, subject=str(run_id))
        await session.refresh(run)
        return run


async def discard_held(
    database: Database, run_id: int, actor: str | None, now: dt.datetime
) -> SyncRun:
    """Drop a held run, its answer, and the runs that are held because of it; return the run.

    Raises RunNotFound, RunNotHeld, or RunFollowsAnother if it is held because of another run.
    """
    decision = Decision(actor, now)
    async with database.writing() as session:
        run = await _get_root(session, run_id)
        await drop_held(session, run_id, decision)
        await discard_consequences(session, run_id, decision)
        record(session, Action.RUN_DISCARDED, actor, now, subject=str(run_id))
        await session.refresh(run)
        return run


async def request_again(
    database: Database, run_id: int, trigger: Trigger, actor: str | None, now: dt.datetime
) -> RunRequest:
    """Return the request for the list of a run that published none; a held run is discarded.

    Raises RunNotFound, or RunNotHeld for a run that published or is still active.
    """
    async with database.reading() as session:
        run = await runs.get_run(session, run_id)
    if run.status is RunStatus.HELD:
        run = await discard_held(database, run_id, actor, now)
    elif run.status is RunStatus.SUCCEEDED or run.status.is_active:
        raise RunNotHeld(run_id=run_id, status=run.status)
    return RunRequest(trigger, actor, run.requested_as_of, run.is_backfill)


async def _get_root(session: AsyncSession, run_id: int) -> SyncRun:
    """Return a held run on which its own decision depends, locked."""
    run = await runs.get_held(session, run_id, lock=True)
    if run.consequence_of is not None:
        raise RunFollowsAnother(run_id=run_id, root_id=run.consequence_of)
    return run
