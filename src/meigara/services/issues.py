"""Which issues are, or were, on the list?"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from meigara.db.history import is_valid_on
from meigara.db.labels import labels_on
from meigara.db.models import IssueVersion
from meigara.db.rosters import Span, span_of_rosters
from meigara.domain.classification import label
from meigara.domain.issue import issue_of
from meigara.domain.roster import LabelKind, Labels
from meigara.domain.search import words_of
from meigara.errors import BeforeFirstRoster, IssueNotFound, NothingSynced


class Presence(StrEnum):
    """Which issues are meant: those on the list, or those that have left it."""

    LISTED = "listed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class IssueQuery:
    """Which issues are asked for. `as_of` None means the newest list.

    `classes` are the codes of which an issue must have one, by the field that holds it; where there
    are none, all are meant.
    """

    as_of: dt.date | None = None
    code: str | None = None
    search: str = ""
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    companies_only: bool = False
    presence: Presence = Presence.LISTED

    @property
    def is_valid(self) -> sa.ColumnElement[bool]:
        """The condition for the versions that are meant by the day and the presence."""
        is_so = _is_gone if self.presence is Presence.GONE else is_valid_on
        return is_so(self.as_of)


class Order(StrEnum):
    """By what a list is ordered; codes decide among equals."""

    CODE = "code"
    NAME = "name"
    MARKET = "market"
    SECTOR = "sector33"
    SCALE = "scale"
    SINCE = "valid_from"


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list in some order."""

    order: Order = Order.CODE
    is_descending: bool = False
    offset: int = 0
    limit: int = 100


class IssueRecord(msgspec.Struct, frozen=True, gc=False):
    """One issue as it is shown and exported; `valid_to` is the first day it was no longer so."""

    code: str
    name: str
    name_en: str
    market_code: str
    market_name: str
    sector17_code: str
    sector17_name: str
    sector33_code: str
    sector33_name: str
    scale: str
    margin_code: str | None
    product_code: str | None
    is_company: bool
    is_listed: bool
    valid_from: dt.date
    valid_to: dt.date | None


# `content` holds all attributes: reading one column costs half of reading nine.
_VERSION = (
    IssueVersion.content,
    IssueVersion.is_company,
    IssueVersion.valid_from,
    IssueVersion.valid_to,
)


async def find_issues(
    session: AsyncSession, query: IssueQuery, *, after: str = "", limit: int | None = None
) -> Sequence[IssueRecord]:
    """Return the issues that fit `query`, ordered by code: up to `limit` of those after a code.

    A single code is found whether it is listed or gone.

    Raises NothingSynced, BeforeFirstRoster, or IssueNotFound for a code never seen.
    """
    await ensure_known(session, query.as_of)
    labels = await labels_on(session, query.as_of)
    statement = sa.select(*_VERSION).order_by(IssueVersion.code).limit(limit)
    if after:
        statement = statement.where(IssueVersion.code > after)
    for condition in _conditions(query):
        statement = statement.where(condition)
    if query.code is not None:
        return [await _single(session, statement, query, labels)]
    found = await (await session.connection()).execute(statement.where(query.is_valid))
    return _records(found.all(), labels, is_listed=query.presence is Presence.LISTED)


async def page_of_issues(
    session: AsyncSession, query: IssueQuery, page: Page
) -> tuple[Sequence[IssueRecord], int, int]:
    """Return a part of the issues that fit, and how many issues and companies fit in all.

    Raises NothingSynced, BeforeFirstRoster.
    """
    await ensure_known(session, query.as_of)
    labels = await labels_on(session, query.as_of)
    fitting = sa.and_(query.is_valid, *_conditions(query))
    column = getattr(IssueVersion, page.order)
    order = column.desc() if page.is_descending else column.asc()
    statement = sa.select(*_VERSION).where(fitting).order_by(order, IssueVersion.code)
    connection = await session.connection()
    found = await connection.execute(statement.offset(page.offset).limit(page.limit))
    is_listed = query.presence is Presence.LISTED
    records = _records(found.all(), labels, is_listed=is_listed)
    return records, *await count_issues(session, query)


async def count_issues(session: AsyncSession, query: IssueQuery) -> tuple[int, int]:
    """Return how many issues fit, and how many of them are companies."""
    counts = sa.select(sa.func.count(), sa.func.count().filter(IssueVersion.is_company))
    fitting = counts.where(query.is_valid, *_conditions(query))
    total, companies = (await (await session.connection()).execute(fitting)).one()
    return total, companies


async def ensure_known(session: AsyncSession, as_of: dt.date | None) -> Span:
    """Return the first and last date that rosters are held for.

    Raises NothingSynced, or BeforeFirstRoster if `as_of` lies before the first.
    """
    span = await span_of_rosters(session)
    if span is None:
        raise NothingSynced
    if as_of is not None and as_of < span.first:
        raise BeforeFirstRoster(as_of=as_of, first=span.first)
    return span


async def _single(
    session: AsyncSession,
    statement: sa.Select[*tuple[Any, ...]],
    query: IssueQuery,
    labels: Labels,
) -> IssueRecord:
    """Return the version of one code on the day asked for, else its last one before."""
    newest_first = statement.order_by(None).order_by(IssueVersion.valid_from.desc()).limit(1)
    if query.as_of is not None:
        newest_first = newest_first.where(IssueVersion.valid_from <= query.as_of)
    row = (await session.execute(newest_first)).first()
    if row is None:
        raise IssueNotFound(code=query.code)
    ended = row.valid_to is not None and (query.as_of is None or row.valid_to <= query.as_of)
    return _records([row], labels, is_listed=not ended)[0]


def _conditions(query: IssueQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        IssueVersion.search_text.contains(word, autoescape=True) for word in words_of(query.search)
    ]
    if query.code is not None:
        conditions.append(IssueVersion.code == query.code)
    meant = {name: codes for name, codes in query.classes.items() if codes}
    conditions += [getattr(IssueVersion, name).in_(codes) for name, codes in meant.items()]
    if query.companies_only:
        conditions.append(IssueVersion.is_company.is_(True))
    return conditions


def _is_gone(as_of: dt.date | None) -> sa.ColumnElement[bool]:
    """Return the condition for the last version of each code that is off the list on a day."""
    later = aliased(IssueVersion)
    came_back = sa.and_(later.code == IssueVersion.code, later.valid_from >= IssueVersion.valid_to)
    if as_of is None:
        return sa.and_(IssueVersion.valid_to.is_not(None), ~sa.exists().where(came_back))
    came_back = sa.and_(came_back, later.valid_from <= as_of)
    return sa.and_(IssueVersion.valid_to <= as_of, ~sa.exists().where(came_back))


class _Names(dict[str, str]):
    """The names of the codes of one table, each looked up once."""

    def __init__(self, kind: LabelKind, labels: Labels) -> None:
        self._kind = kind
        self._labels = labels

    def __missing__(self, code: str) -> str:
        name = self[code] = label(self._kind, code, self._labels)
        return name


def _records(
    rows: Iterable[sa.Row[*tuple[Any, ...]]], labels: Labels, *, is_listed: bool
) -> list[IssueRecord]:
    """Return rows of `_VERSION` as records: a whole list is thousands of them."""
    markets = _Names(LabelKind.MARKET, labels)
    sectors17 = _Names(LabelKind.SECTOR17, labels)
    sectors33 = _Names(LabelKind.SECTOR33, labels)
    records = []
    for content, is_company, valid_from, valid_to in rows:
        code, name, name_en, sector17, sector33, scale, market, margin, product = issue_of(content)
        record = IssueRecord(
            code,
            name,
            name_en,
            market,
            markets[market],
            sector17,
            sectors17[sector17],
            sector33,
            sectors33[sector33],
            scale,
            margin or None,
            product or None,
            is_company,
            is_listed,
            valid_from,
            valid_to,
        )
        records.append(record)
    return records
