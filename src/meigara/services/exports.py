"""What goes into an exported file? All that fits, in parts, from one state of the store."""

from collections.abc import AsyncGenerator, Sequence

from meigara.db.engine import Database
from meigara.services.changes import ChangeQuery, PublishedChange, follow_changes
from meigara.services.issues import IssueQuery, IssueRecord, find_issues

_PART = 1_000


async def all_issues(
    database: Database, query: IssueQuery
) -> AsyncGenerator[Sequence[IssueRecord], None]:
    """Yield the issues that fit, ordered by code. Raises NothingSynced, BeforeFirstRoster."""
    async with database.reading(is_long=True) as session:
        after, found = "", await find_issues(session, query, limit=_PART)
        yield found
        while len(found) == _PART:
            after = found[-1].code
            found = await find_issues(session, query, after=after, limit=_PART)
            yield found


async def all_changes(
    database: Database, query: ChangeQuery
) -> AsyncGenerator[Sequence[PublishedChange], None]:
    """Yield the changes that fit, in the order in which they were published."""
    async with database.reading(is_long=True) as session:
        found = await follow_changes(session, query, 0, _PART)
        yield found
        while len(found) == _PART:
            found = await follow_changes(session, query, found[-1].id, _PART)
            yield found
