"""What follows from a held run?

While a run waits for a decision, the lists of the days after it look wrong for the same reason.
Each that continues the list of the held run is held as its consequence: the decision on the first
one decides them all.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import StoredRoster, SyncRun
from meigara.domain.changes import compare
from meigara.domain.guard import GuardLimits, HoldKind, HoldReason, follows_from
from meigara.domain.issue import received_issue_of
from meigara.domain.judgement import StoredList, suspicions_of
from meigara.domain.run import RunStatus
from meigara.errors import RunNotApplicable
from meigara.services import answers, runs
from meigara.services.assess import Assessment, assess
from meigara.services.publish import publish


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """Who decided, and when."""

    actor: str | None
    now: dt.datetime


async def as_consequence(
    session: AsyncSession, found: Assessment, limits: GuardLimits
) -> Assessment:
    """Return the assessment, held as a consequence where a held run alone is the reason for it."""
    as_of = found.roster.as_of
    if not found.reasons or found.is_defective or as_of is None:
        return found
    earlier = await _newest_held(session, as_of)
    if earlier is None or not await _continues(session, earlier, found, limits):
        return found
    root = await runs.get_run(session, earlier.consequence_of or earlier.id)
    reason = follows_from(root.id, root.as_of or as_of)
    return dataclasses.replace(found, reasons=(reason,), consequence_of=root.id)


async def apply_consequences(
    session: AsyncSession, root_id: int, limits: GuardLimits, decision: Decision
) -> None:
    """Publish the lists that were held because of a run that has been applied, day by day.

    Where a newer list was published meanwhile they become part of the past. The first one that
    looks wrong beside the list before it stays held, for reasons of its own, and those after it as
    its consequence.
    """
    new_root: int | None = None
    for run in await consequences(session, root_id):
        roster = await answers.held_roster(session, run.id)
        found = await assess(session, roster, limits, decision.now, is_backfill=True)
        if new_root is not None:
            run.consequence_of = new_root
        elif found.reasons:
            new_root, run.consequence_of = run.id, None
            run.hold_reasons = found.verdict()["hold_reasons"]
        else:
            await publish_held(session, run.id, found, decision)


async def discard_consequences(session: AsyncSession, root_id: int, decision: Decision) -> None:
    """Drop the answers that were held because of a run that has been discarded."""
    for run in await consequences(session, root_id):
        await drop_held(session, run.id, decision)


async def proposal(
    session: AsyncSession, run_id: int, limits: GuardLimits, now: dt.datetime
) -> Assessment:
    """Return what applying a held run would do to the list as it is now.

    Raises RunNotFound, RunNotHeld.
    """
    await runs.get_held(session, run_id)
    roster = await answers.held_roster(session, run_id)
    return await assess(session, roster, limits, now, is_backfill=False)


async def publish_held(
    session: AsyncSession, run_id: int, found: Assessment, decision: Decision
) -> None:
    """Publish the roster of a held run, as a person decided. Raises RunNotApplicable."""
    if found.is_defective:
        raise RunNotApplicable(run_id=run_id)
    published = await publish(session, run_id, found)
    await answers.mark_published(session, run_id, published)
    await runs.decide(
        session, run_id, RunStatus.SUCCEEDED, decision.actor, decision.now, **found.counts()
    )


async def drop_held(session: AsyncSession, run_id: int, decision: Decision) -> None:
    """Forget the answer of a held run, as a person decided. Raises RunNotHeld."""
    await answers.forget(session, run_id)
    await runs.decide(session, run_id, RunStatus.DISCARDED, decision.actor, decision.now)


async def consequences(session: AsyncSession, root_id: int) -> Sequence[SyncRun]:
    """Return the held runs that follow from another one, the earliest day first."""
    query = sa.select(SyncRun).where(
        SyncRun.consequence_of == root_id, SyncRun.status == RunStatus.HELD
    )
    return (await session.scalars(query.order_by(SyncRun.as_of, SyncRun.id))).all()


async def _newest_held(session: AsyncSession, as_of: dt.date) -> SyncRun | None:
    """Return the held run of the newest day until `as_of` that a person can apply."""
    query = (
        sa.select(SyncRun)
        .join(StoredRoster, StoredRoster.run_id == SyncRun.id)
        .where(SyncRun.status == RunStatus.HELD, SyncRun.as_of <= as_of)
        .order_by(SyncRun.as_of.desc(), SyncRun.id.desc())
    )
    for run in (await session.scalars(query)).all():
        kinds = [HoldKind(reason["kind"]) for reason in run.hold_reasons or []]
        if not any(HoldReason(kind, {}).is_defect for kind in kinds):
            return run
    return None


async def _continues(
    session: AsyncSession, earlier: SyncRun, found: Assessment, limits: GuardLimits
) -> bool:
    """Say whether a list looks right beside that of a held run."""
    roster = await answers.held_roster(session, earlier.id)
    if roster.as_of is None:
        return False
    contents = frozenset(received_issue_of(each).content for each in roster.contents)
    beside = StoredList(roster.as_of, contents, roster.labels)
    comparison = compare(contents, found.roster.contents)
    return not any(suspicions_of(found.roster, beside, None, comparison, limits))
