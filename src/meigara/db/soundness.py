"""Does what is stored agree with itself?"""

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from meigara.db.models import IssueVersion, StoredRoster

FILE_DAMAGED = "The database file is damaged; restore a backup."
VERSIONS_OVERLAP = "Two versions of an issue hold on the same day."
VERSION_EMPTY = "A version of an issue ends before it begins."
LIST_DIFFERS = "Today's list has another number of issues than the newest roster."


async def findings_in(session: AsyncSession) -> AsyncIterator[str]:
    """Yield a sentence for each rule that the stored data breaks."""
    connection = await session.connection()
    if connection.dialect.name == "sqlite":
        answer = (await session.execute(sa.text("PRAGMA integrity_check"))).scalar()
        if answer != "ok":
            yield FILE_DAMAGED
    if await session.scalar(sa.select(_overlap())):
        yield VERSIONS_OVERLAP
    empty = IssueVersion.valid_to <= IssueVersion.valid_from
    if await session.scalar(sa.select(sa.exists().where(empty))):
        yield VERSION_EMPTY
    if not await _counts_agree(session):
        yield LIST_DIFFERS


def _overlap() -> sa.ColumnElement[bool]:
    later = aliased(IssueVersion)
    return sa.exists().where(
        later.code == IssueVersion.code,
        later.valid_from > IssueVersion.valid_from,
        sa.or_(IssueVersion.valid_to.is_(None), IssueVersion.valid_to > later.valid_from),
    )


async def _counts_agree(session: AsyncSession) -> bool:
    newest = (
        sa.select(StoredRoster.row_count)
        .where(StoredRoster.is_published)
        .order_by(StoredRoster.as_of.desc(), StoredRoster.run_id.desc())
        .limit(1)
    )
    expected = await session.scalar(newest)
    is_open = IssueVersion.valid_to.is_(None)
    found = await session.scalar(sa.select(sa.func.count()).where(is_open))
    return expected is None or expected == found
