"""What has changed: by a run, or since a day?"""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import IssueVersion, StoredChange
from meigara.domain.events import Event, events_in
from meigara.domain.issue import issue_of
from meigara.domain.timeline import Interval
from meigara.services.issues import ensure_known
from meigara.services.runs import get_run


class ChangeRecord(msgspec.Struct, frozen=True):
    """One change as it is shown and exported; `as_of` is the day from which it is true.

    Of a proposed change it is None where the rows of the answer carry several dates.
    """

    as_of: dt.date | None
    code: str
    name: str
    kind: str
    field: str
    before: str | None
    after: str | None


async def changes_of_run(session: AsyncSession, run_id: int) -> Sequence[ChangeRecord]:
    """Return the change set of a run, ordered by code. Raises RunNotFound."""
    run = await get_run(session, run_id)
    if run.as_of is None:  # it ended before it had a list
        return []
    name_then = (
        sa.select(IssueVersion.name)
        .where(IssueVersion.code == StoredChange.code, IssueVersion.valid_from <= run.as_of)
        .order_by(IssueVersion.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(
            sa.literal(run.as_of, sa.Date()),
            StoredChange.code,
            sa.func.coalesce(name_then, ""),
            StoredChange.kind,
            StoredChange.field,
            StoredChange.before,
            StoredChange.after,
        )
        .where(StoredChange.run_id == run_id)
        .order_by(StoredChange.code, StoredChange.id)
    )
    return [ChangeRecord(*row) for row in await session.execute(query)]


async def changes_of_issue(session: AsyncSession, code: str) -> Sequence[ChangeRecord]:
    """Return what happened to one issue, oldest first. Raises NothingSynced."""
    return await _events(session, IssueVersion.code == code, dt.date.min)


async def changes_since(session: AsyncSession, since: dt.date) -> Sequence[ChangeRecord]:
    """Return what happened on `since` and after it, oldest first, then by code.

    Raises NothingSynced.
    """
    touched = sa.or_(IssueVersion.valid_from >= since, IssueVersion.valid_to >= since)
    return await _events(session, touched, since)


async def _events(
    session: AsyncSession, condition: sa.ColumnElement[bool], since: dt.date
) -> Sequence[ChangeRecord]:
    """Return the events in the versions that fit `condition`, from `since` on."""
    span = await ensure_known(session, None)
    query = (
        sa.select(IssueVersion.valid_from, IssueVersion.valid_to, IssueVersion.content)
        .where(condition)
        .order_by(IssueVersion.code, IssueVersion.valid_from)
    )
    intervals = [
        Interval(valid_from, valid_to, issue_of(content))
        for valid_from, valid_to, content in await session.execute(query)
    ]
    found = [
        event
        for _, history in groupby(intervals, key=lambda each: each.value.code)
        for event in events_in(tuple(history), span.first)
        if event.as_of >= since
    ]
    return [_record(event) for event in sorted(found, key=lambda each: each.as_of)]


def _record(event: Event) -> ChangeRecord:
    return ChangeRecord(event.as_of, event.change.code, event.name, *event.change[1:])
