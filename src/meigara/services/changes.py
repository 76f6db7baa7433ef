"""What has changed: by a run, or since a day?"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import IssueVersion, StoredChange, StoredRoster, SyncRun
from meigara.domain.changes import ChangeKind
from meigara.domain.events import Event, events_in
from meigara.domain.issue import issue_of
from meigara.domain.run import RunStatus
from meigara.domain.timeline import Interval
from meigara.services.issues import ensure_known
from meigara.services.retelling import is_told
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
    """Return the change set of a run, ordered by code; of a retracted one, what it once was.

    Raises RunNotFound.
    """
    run = await get_run(session, run_id)
    if run.as_of is None:  # it ended before it had a list
        return []
    query = (
        sa.select(
            sa.literal(run.as_of, sa.Date()),
            StoredChange.code,
            _name_on(run.as_of),
            StoredChange.kind,
            StoredChange.field,
            StoredChange.before,
            StoredChange.after,
        )
        .where(StoredChange.run_id == run_id, StoredChange.retracts.is_(None))
        .order_by(StoredChange.code, StoredChange.id)
    )
    if run.status is not RunStatus.RETRACTED:
        query = query.where(is_told([run_id]))
    return [ChangeRecord(*row) for row in await session.execute(query)]


@dataclass(frozen=True, slots=True)
class ChangeQuery:
    """Which changes are asked for; `since` and `until` are days from which they are true.

    Those of one of the codes and of one of the kinds are meant; all, where there is none.
    """

    run_id: int | None = None
    code: Sequence[str] = ()
    kind: Sequence[ChangeKind] = ()
    since: dt.date | None = None
    until: dt.date | None = None


class PublishedChange(msgspec.Struct, frozen=True):
    """One change as a run published it; `id` grows with each one, whatever the day.

    `retracts` is the `id` of an earlier change that, as this one says, did not happen.
    """

    id: int
    run_id: int
    as_of: dt.date
    code: str
    name: str
    kind: str
    field: str
    before: str | None
    after: str | None
    retracts: int | None = None


async def follow_changes(
    session: AsyncSession, query: ChangeQuery, after: int, limit: int
) -> Sequence[PublishedChange]:
    """Return up to `limit` changes whose `id` is above `after`, in the order they were published.

    Runs publish one after the other, so whoever goes on from the last `id` misses none. The first
    list is the starting point and no change.
    """
    found = _published(query).where(StoredChange.id > after).order_by(StoredChange.id)
    return [PublishedChange(*row) for row in await session.execute(found.limit(limit))]


async def newest_changes(
    session: AsyncSession, query: ChangeQuery, limit: int
) -> Sequence[tuple[PublishedChange, dt.datetime]]:
    """Return the newest changes that fit, the newest first, each with when it was told."""
    retracted_at = sa.case((StoredChange.retracts.is_not(None), StoredRoster.retracted_at))
    found = (
        _published(query)
        .outerjoin(StoredRoster, StoredRoster.run_id == SyncRun.id)
        .add_columns(sa.func.coalesce(retracted_at, SyncRun.finished_at))
        .order_by(StoredChange.id.desc())
    )
    rows = await session.execute(found.limit(limit))
    return [(PublishedChange(*row[:-1]), row[-1]) for row in rows]


def _published(query: ChangeQuery) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            StoredChange.id,
            StoredChange.run_id,
            sa.type_coerce(SyncRun.as_of, sa.Date()),  # a run that published has one
            StoredChange.code,
            _name_on(SyncRun.as_of),
            StoredChange.kind,
            StoredChange.field,
            StoredChange.before,
            StoredChange.after,
            StoredChange.retracts,
        )
        .join(SyncRun, SyncRun.id == StoredChange.run_id)
        .where(*_fitting(query))
    )


def _fitting(query: ChangeQuery) -> Iterator[sa.ColumnElement[bool]]:
    if query.run_id is not None:
        yield StoredChange.run_id == query.run_id
    if query.code:
        yield StoredChange.code.in_(query.code)
    if query.kind:
        yield StoredChange.kind.in_(query.kind)
    if query.since is not None:
        yield SyncRun.as_of >= query.since
    if query.until is not None:
        yield SyncRun.as_of <= query.until


def _name_on(day: sa.ColumnElement[dt.date] | Any) -> sa.ColumnElement[str]:
    """Return the name that the issue of a change had on a day, the last one if it is gone.

    An issue that is in no list any more has the name that the change tells, if it tells one.
    """
    told = sa.case((StoredChange.field == "name", _TOLD_NAME), else_="")
    held = (
        sa.select(IssueVersion.name)
        .where(IssueVersion.code == StoredChange.code, IssueVersion.valid_from <= day)
        .order_by(IssueVersion.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.coalesce(held, told)


_TOLD_NAME = sa.func.coalesce(StoredChange.after, StoredChange.before)


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
