"""Does what is stored agree with itself?"""

from collections import Counter
from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from meigara.db.models import IssueVersion
from meigara.db.proof import alterations_in
from meigara.errors import Reason

FILE_DAMAGED = "The database file is damaged; restore a backup."
VERSIONS_OVERLAP = "Two versions of issue {code} hold on {day}."
VERSION_EMPTY = "A version of issue {code} ends before it begins, on {day}."
_MORE = "… and {count:,} more."
_MOST_OF_A_KIND = 20


async def findings_in(session: AsyncSession) -> AsyncIterator[Reason]:
    """Yield a sentence for each rule that the stored data breaks, and where it does.

    Of what breaks one rule in very many places, the first ones are named and the others counted.
    """
    found: Counter[str] = Counter()
    async for finding in _all_findings(session):
        found[finding.template] += 1
        if found[finding.template] <= _MOST_OF_A_KIND:
            yield finding
    for count in found.values():
        if count > _MOST_OF_A_KIND:
            yield Reason(_MORE, count=count - _MOST_OF_A_KIND)


async def _all_findings(session: AsyncSession) -> AsyncIterator[Reason]:
    connection = await session.connection()
    if connection.dialect.name == "sqlite":
        answer = (await session.execute(sa.text("PRAGMA integrity_check"))).scalar()
        if answer != "ok":
            yield Reason(FILE_DAMAGED)
    later = aliased(IssueVersion)
    overlapping = sa.select(later.code, later.valid_from).where(_overlap(later))
    for code, day in await session.execute(overlapping):
        yield Reason(VERSIONS_OVERLAP, code=code, day=day)
    empty = sa.select(IssueVersion.code, IssueVersion.valid_from).where(
        IssueVersion.valid_to <= IssueVersion.valid_from
    )
    for code, day in await session.execute(empty):
        yield Reason(VERSION_EMPTY, code=code, day=day)
    async for finding in alterations_in(session):
        yield finding


def _overlap(later: type[IssueVersion]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        later.code == IssueVersion.code,
        later.valid_from > IssueVersion.valid_from,
        sa.or_(IssueVersion.valid_to.is_(None), IssueVersion.valid_to > later.valid_from),
    )
