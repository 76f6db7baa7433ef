"""What can a person do with a held run: look at it, apply it, discard it, try it again?"""

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.engine import Database
from meigara.db.models import SyncRun
from meigara.domain.auditing import Action
from meigara.domain.guard import GuardLimits
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import RunNotApplicable, RunNotHeld
from meigara.services import answers, runs
from meigara.services.auditing import record
from meigara.services.publish import Assessment, assess, publish
from meigara.services.queue import RunRequest


async def proposal(session: AsyncSession, run_id: int, limits: GuardLimits) -> Assessment:
    """Return what applying a held run would do to the list as it is now.

    Raises RunNotFound, RunNotHeld.
    """
    await runs.get_held(session, run_id)
    roster = await answers.held_roster(session, run_id)
    return await assess(session, roster, limits, is_backfill=False)


async def apply_held(
    database: Database, run_id: int, limits: GuardLimits, actor: str | None, now: dt.datetime
) -> SyncRun:
    """Publish the roster of a held run, as a person decided; return the run.

    A roster that is older than the newest one held becomes part of the past, never today's list.

    Raises RunNotFound, RunNotHeld, or RunNotApplicable if the answer is defective.
    """
    async with database.writing() as session:
        run = await runs.get_held(session, run_id, lock=True)
        await runs.lock_endpoint(session, run.endpoint_id)
        found = await proposal(session, run_id, limits)
        if found.is_defective:
            raise RunNotApplicable(run_id=run_id)
        await publish(session, run_id, found)
        await answers.mark_published(session, run_id)
        succeeded = RunStatus.SUCCEEDED
        await runs.decide(session, run_id, succeeded, actor, now, **found.counts())
        record(session, Action.RUN_APPLIED, actor, now, subject=str(run_id))
        await session.refresh(run)
        return run


async def discard_held(
    database: Database, run_id: int, actor: str | None, now: dt.datetime
) -> SyncRun:
    """Drop a held run and the answer kept with it; return the run.

    Raises RunNotFound, RunNotHeld.
    """
    async with database.writing() as session:
        run = await runs.get_held(session, run_id, lock=True)
        await answers.forget(session, run_id)
        await runs.decide(session, run_id, RunStatus.DISCARDED, actor, now)
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
