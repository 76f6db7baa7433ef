"""How is a stored list taken out of the history again, as if it had never come?"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.accounts import AuditEntry
from meigara.db.engine import Database
from meigara.db.models import StoredRoster, SyncRun
from meigara.db.retraction import retract_labels, retract_versions
from meigara.db.rosters import Neighbours, standing_roster
from meigara.domain.auditing import Action
from meigara.domain.run import RunStatus
from meigara.errors import RosterNotFound
from meigara.services.auditing import record
from meigara.services.keeping import ensure_idle
from meigara.services.retelling import count_told, retell
from meigara.services.runs import LISTED_ISSUES, get_run, lock_endpoint


@dataclass(frozen=True, slots=True)
class Retraction:
    """A day whose list is taken out, or was, and what becomes of its time.

    `run_ids` published it, a correction of the day among them; `issues` is the size of its list;
    `changes` is how many changes have not happened then. `previous` and `following` are the
    stored days around it, None where there is none.
    """

    as_of: dt.date
    run_ids: tuple[int, ...]
    issues: int
    changes: int
    previous: dt.date | None
    following: dt.date | None


async def outlook(session: AsyncSession, day: dt.date) -> Retraction:
    """Return what taking out the list of a day would do. Raises RosterNotFound."""
    standing = await standing_roster(session, day)
    if standing is None:
        raise RosterNotFound(day=day)
    is_of_day = sa.and_(StoredRoster.is_published, StoredRoster.as_of == day)
    numbers = sa.select(StoredRoster.run_id).where(is_of_day).order_by(StoredRoster.run_id)
    run_ids = tuple((await session.scalars(numbers)).all())
    around = sa.select(
        sa.func.max(sa.case((StoredRoster.as_of < day, StoredRoster.as_of))),
        sa.func.min(sa.case((StoredRoster.as_of > day, StoredRoster.as_of))),
    ).where(StoredRoster.is_published)
    previous, following = (await session.execute(around)).one()
    changes = await count_told(session, run_ids)
    return Retraction(day, run_ids, standing.row_count, changes, previous, following)


async def outlook_of_run(session: AsyncSession, run_id: int) -> Retraction:
    """Return the same for the day of a run that published. Raises RunNotFound, RosterNotFound."""
    day = (await get_run(session, run_id)).as_of
    if day is None:
        raise RosterNotFound(day="-")
    found = await outlook(session, day)
    if run_id not in found.run_ids:
        raise RosterNotFound(day=day)
    return found


async def retract(
    database: Database, day: dt.date, actor: str | None, now: dt.datetime
) -> Retraction:
    """Take out the list of a day, in one transaction; return what was done.

    The list of the day before goes on until the following stored day; without one before,
    knowledge begins with the following. The runs that published it become `retracted`.

    Raises RosterNotFound, or StoreBusy while a run is active.
    """
    async with database.writing() as session:
        await lock_endpoint(session, LISTED_ISSUES)
        return await _take_out(session, await outlook(session, day), actor, now)


async def retract_run(
    database: Database, run_id: int, actor: str | None, now: dt.datetime
) -> Retraction:
    """Take out the list of the day that a run published, as `retract` does.

    Raises RunNotFound, RosterNotFound if its list is not stored (any more), or StoreBusy.
    """
    async with database.writing() as session:
        await lock_endpoint(session, LISTED_ISSUES)
        return await _take_out(session, await outlook_of_run(session, run_id), actor, now)


async def who_took_back(session: AsyncSession, run: SyncRun) -> AuditEntry | None:
    """Return who took back the list of a run, and when; None for one that nobody took back."""
    if run.status is not RunStatus.RETRACTED:
        return None
    deeds = sa.select(AuditEntry).where(
        AuditEntry.action == Action.ROSTER_RETRACTED, AuditEntry.subject == str(run.as_of)
    )
    found = await session.scalars(deeds.order_by(AuditEntry.id.desc()))
    return next((each for each in found if str(run.id) in _runs_of(each)), None)


def _runs_of(deed: AuditEntry) -> Sequence[str]:
    return str((deed.detail or {}).get("runs", "")).split(", ")


async def _take_out(
    session: AsyncSession, found: Retraction, actor: str | None, now: dt.datetime
) -> Retraction:
    await ensure_idle(session)
    await _withdraw(session, found.run_ids, now)
    await retell(session, found.as_of, found.run_ids)
    around = Neighbours(found.previous, found.following, None)
    heir = await standing_roster(session, found.following or found.previous or found.as_of)
    await retract_versions(session, found.as_of, around, heir.run_id if heir else 0)
    await retract_labels(session, found.as_of, around, found.run_ids)
    runs = ", ".join(map(str, found.run_ids))
    detail = {"runs": runs, "issues": found.issues, "changes": found.changes}
    record(session, Action.ROSTER_RETRACTED, actor, now, subject=str(found.as_of), detail=detail)
    return found


async def _withdraw(session: AsyncSession, run_ids: Sequence[int], now: dt.datetime) -> None:
    rosters = sa.update(StoredRoster).where(StoredRoster.run_id.in_(run_ids))
    await session.execute(rosters.values(is_published=False, retracted_at=now))
    published = sa.update(SyncRun).where(SyncRun.id.in_(run_ids))
    await session.execute(published.values(status=RunStatus.RETRACTED))
