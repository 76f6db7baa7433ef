"""What has changed lately in the stored history?"""

import datetime as dt
from collections import Counter
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from meigara.db.models import IssueVersion, StoredRoster, SyncRun
from meigara.domain.allowances import WINDOW_DAYS, Days, Recent, changed_in
from meigara.domain.changes import Revision
from meigara.domain.issue import issue_of

_NEXT = aliased(IssueVersion)
_DAY, _LIMIT = sa.bindparam("day", type_=sa.Date()), sa.bindparam("limit", type_=sa.Date())

# Statements that every sync executes are built once: building one costs more than executing it.
_NEWEST_FIRST = (StoredRoster.as_of.desc(), StoredRoster.run_id.desc())
_IS_KNOWN = sa.and_(StoredRoster.is_published, StoredRoster.as_of <= _DAY)
_STARTS = sa.or_(StoredRoster.as_of <= _LIMIT, SyncRun.decided_at.is_not(None))
_KNOWN = sa.select(StoredRoster.run_id).where(_IS_KNOWN)
_START = (
    _KNOWN.join(SyncRun, SyncRun.id == StoredRoster.run_id)
    .where(_STARTS)
    .order_by(*_NEWEST_FIRST)
    .limit(1)
)
_OLDEST = _KNOWN.order_by(StoredRoster.as_of, StoredRoster.run_id.desc()).limit(1)
_SIZE_NOW = sa.select(StoredRoster.row_count).where(_IS_KNOWN).order_by(*_NEWEST_FIRST).limit(1)
_THEN = aliased(StoredRoster)
_IS_EARLIER = sa.and_(StoredRoster.is_published, StoredRoster.as_of < _DAY)
_EQUAL = sa.select(sa.func.max(sa.case((_IS_EARLIER, StoredRoster.as_of)))).where(
    StoredRoster.list_digest == sa.bindparam("digest")  # alone, so that its index is taken
)
_FOLLOWING = sa.select(_NEXT.content).where(  # row by row: a join would read the whole history
    _NEXT.code == IssueVersion.code, _NEXT.valid_from == IssueVersion.valid_to
)
# One row for each version that ended since then, with the one that followed it; at least one row.
_LATELY = (
    sa.select(
        sa.type_coerce(_THEN.as_of, sa.Date()),
        _THEN.row_count,
        _SIZE_NOW.scalar_subquery(),
        _EQUAL.scalar_subquery(),
        IssueVersion.content,
        _FOLLOWING.scalar_subquery(),
    )
    .select_from(_THEN)
    .outerjoin(
        IssueVersion,
        sa.and_(IssueVersion.valid_to > _THEN.as_of, IssueVersion.valid_to <= _DAY),
    )
    .where(_THEN.run_id == sa.func.coalesce(_START.scalar_subquery(), _OLDEST.scalar_subquery()))
)
_CHANGED = (
    sa.select(StoredRoster.as_of)
    .join(SyncRun, SyncRun.id == StoredRoster.run_id)
    .where(
        StoredRoster.is_published,
        sa.or_(
            SyncRun.listed > 0,
            SyncRun.delisted > 0,
            SyncRun.changed > 0,
            SyncRun.decided_at.is_not(None),
        ),
    )
    .order_by(*_NEWEST_FIRST)
    .limit(1)
)


class Lately(NamedTuple):
    """What changed until the newest list, and the earlier day whose list has a given digest."""

    recent: Recent
    equal_day: dt.date | None


async def lately(session: AsyncSession, previous: dt.date, as_of: dt.date, digest: str) -> Lately:
    """Return what changed until the list of `previous`, the newest before that of `as_of`.

    It is counted from the newest roster that is 30 days or more older than `as_of`, or that a
    person approved; from the oldest one where there is neither.
    """
    limit = as_of - dt.timedelta(days=WINDOW_DAYS)
    asked = {"day": previous, "limit": limit, "digest": digest}
    rows = (await (await session.connection()).execute(_LATELY, asked)).all()
    since, size_then, size_now, equal_day = rows[0][:4]
    counts: Counter[str] = Counter()
    for *_, before, after in rows:
        if before is not None and after is None:
            counts["delisted"] += 1
        elif before is not None:
            revision = Revision(issue_of(before), issue_of(after))
            counts.update(changed_in(revision, Days(since, previous)))
    counts["listed"] = max(0, size_now - size_then + counts["delisted"])
    return Lately(Recent(since, counts), equal_day)


async def last_change(session: AsyncSession) -> dt.date | None:
    """Return the day of the newest list that brought a change, or that a person approved."""
    return (await (await session.connection()).execute(_CHANGED)).scalar()
