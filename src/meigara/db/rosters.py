"""For which dates are rosters held?"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from meigara.db.engine import Database
from meigara.db.models import StoredRoster, SyncRun
from meigara.domain.run import RunStatus


class Span(NamedTuple):
    """The dates of the oldest and of the newest published roster."""

    first: dt.date
    last: dt.date


class Neighbours(NamedTuple):
    """The dates of the published rosters around a day; None where there is none.

    `previous` is the newest one on or before the day, `following` the oldest one after it;
    `newest` is the newest of all. `digest` is that of the list of the nearest one, if it was kept,
    and `labels_digest` that of the labels of its day.
    """

    previous: dt.date | None
    following: dt.date | None
    newest: dt.date | None
    digest: str | None = None
    labels_digest: str | None = None

    @property
    def nearest(self) -> dt.date | None:
        """The roster to compare with: the one before, else the one after."""
        return self.previous or self.following


PUBLISHED_AT = sa.func.coalesce(SyncRun.decided_at, SyncRun.finished_at)
"""When a run published its list: at its end, or when a person decided."""


def _standing_on(day: sa.ColumnElement[dt.date]) -> sa.Select[StoredRoster]:
    """Return the query for the roster whose list is that of a day: the one published last."""
    return (
        sa.select(StoredRoster)
        .join(SyncRun, SyncRun.id == StoredRoster.run_id)
        .where(StoredRoster.is_published, StoredRoster.as_of == day)
        .order_by(PUBLISHED_AT.desc(), StoredRoster.run_id.desc())
        .limit(1)
    )


# Statements that every sync executes are built once: building one costs more than executing it.
_DAY = sa.bindparam("day", type_=sa.Date())
_DAYS = (
    sa.select(
        sa.func.max(sa.case((StoredRoster.as_of <= _DAY, StoredRoster.as_of))).label("previous"),
        sa.func.min(sa.case((StoredRoster.as_of > _DAY, StoredRoster.as_of))).label("following"),
        sa.func.max(StoredRoster.as_of).label("newest"),
    )
    .where(StoredRoster.is_published)
    .cte("days")
)
_NEAREST = _standing_on(sa.func.coalesce(_DAYS.c.previous, _DAYS.c.following))
_NEAREST_RUN = _NEAREST.with_only_columns(StoredRoster.run_id).correlate(_DAYS).scalar_subquery()
_OF_NEAREST = aliased(StoredRoster)
_AROUND = sa.select(_DAYS, _OF_NEAREST.list_digest, _OF_NEAREST.labels_digest).outerjoin_from(
    _DAYS, _OF_NEAREST, _OF_NEAREST.run_id == _NEAREST_RUN
)
_STANDING = _standing_on(_DAY)
NO_NEIGHBOURS = Neighbours(None, None, None)


async def span_of_rosters(session: AsyncSession) -> Span | None:
    """Return the first and the last date; None before the first sync."""
    oldest, newest = (
        sa.select(end(StoredRoster.as_of)).where(StoredRoster.is_published).scalar_subquery()
        for end in (sa.func.min, sa.func.max)  # apart, so that the index answers each
    )
    first, last = (await session.execute(sa.select(oldest, newest))).one()
    return Span(first, last) if first and last else None


async def neighbours_of(session: AsyncSession, day: dt.date) -> Neighbours:
    """Return the dates of the published rosters around `day`."""
    row = (await (await session.connection()).execute(_AROUND, {"day": day})).one()
    return Neighbours._make(row)


async def size_of_newest(session: AsyncSession) -> int | None:
    """Return how many issues the newest published roster holds; None before the first sync."""
    published = sa.select(StoredRoster.row_count).where(StoredRoster.is_published)
    newest = published.order_by(StoredRoster.as_of.desc(), StoredRoster.run_id.desc())
    return await session.scalar(newest.limit(1))


async def standing_roster(session: AsyncSession, day: dt.date) -> StoredRoster | None:
    """Return the roster whose list is that of a day: the one published last, None without one."""
    found: StoredRoster | None = await session.scalar(_STANDING, {"day": day})
    return found


async def rosters_as_they_came(
    session: AsyncSession, also: Sequence[int] = ()
) -> Sequence[tuple[int, dt.date]]:
    """Return run and day of each published roster in the order in which they were published.

    `also` are runs whose rosters count as published.
    """
    counts = sa.or_(StoredRoster.is_published, StoredRoster.run_id.in_(also))
    query = (
        sa.select(StoredRoster.run_id, sa.type_coerce(StoredRoster.as_of, sa.Date()))
        .join(SyncRun, SyncRun.id == StoredRoster.run_id)
        .where(counts, StoredRoster.as_of.is_not(None))
        .order_by(PUBLISHED_AT, StoredRoster.run_id)
    )
    return [(run_id, day) for run_id, day in await session.execute(query)]


_RETRACTED = sa.select(sa.func.count()).where(SyncRun.status == RunStatus.RETRACTED)
_VERSION = sa.select(
    sa.func.count().label("count"),
    sa.func.max(StoredRoster.run_id).label("newest"),
    _RETRACTED.scalar_subquery().label("retracted"),
).where(StoredRoster.is_published)


async def version_of_lists(session: AsyncSession) -> str:
    """Return a text that differs whenever a roster was published or retracted since."""
    return "-".join(map(str, (await session.execute(_VERSION)).one()))


async def present_version_of_lists(database: Database) -> str:
    """Return the same, of this moment, at as little cost as possible. Raises StoreUnavailable."""
    return "-".join(map(str, await database.look(_VERSION)))


async def published_rosters(
    session: AsyncSession,
    before: tuple[dt.date, int] | None,
    limit: int,
    *,
    with_retracted: bool = False,
) -> Sequence[StoredRoster]:
    """Return rosters that are part of the history, the newest day first, then the newest run.

    `before` is the day and the run of the last one that is known already. Those that were part of
    it once come as well if they are asked for.
    """
    place = sa.tuple_(StoredRoster.as_of, StoredRoster.run_id)
    was_published = StoredRoster.retracted_at.is_not(None) if with_retracted else sa.false()
    query = sa.select(StoredRoster).where(sa.or_(StoredRoster.is_published, was_published))
    if before is not None:
        query = query.where(place < sa.tuple_(*map(sa.literal, before)))
    newest_first = query.order_by(StoredRoster.as_of.desc(), StoredRoster.run_id.desc())
    return (await session.scalars(newest_first.limit(limit))).all()
