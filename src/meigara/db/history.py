"""How is the history of issues read and rewritten? The caller commits."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.bulk import insert_rows
from meigara.db.models import IssueVersion
from meigara.domain.issue import ListedIssue, issue_of
from meigara.domain.search import text_to_search
from meigara.domain.timeline import History, Interval

IssueHistory = History[ListedIssue]
Histories = Mapping[str, IssueHistory]
"""The history of each code; a code that was never listed has none."""

_RECORD_SEPARATOR = "\x1e"  # no content holds a control character but its own separator
_CODES_PER_QUERY = 5_000  # SQLite takes 32,766 parameters in one statement, PostgreSQL 65,535
_COLUMNS = (
    "code",
    "valid_from",
    "valid_to",
    *ListedIssue._fields[1:],
    "is_company",
    "content",
    "search_text",
    "opened_by",
    "closed_by",
)

# Statements that every sync executes are built once: building one costs more than executing it.
_OF_CODES = (
    sa.select(IssueVersion.valid_from, IssueVersion.valid_to, IssueVersion.content)
    .where(IssueVersion.code.in_(sa.bindparam("codes", expanding=True)))
    .order_by(IssueVersion.valid_from)
)
_OF_KEY = sa.and_(
    IssueVersion.code == sa.bindparam("of_code"),
    IssueVersion.valid_from == sa.bindparam("from_day"),
)
_REMOVE = sa.delete(IssueVersion).where(_OF_KEY)
_END = (
    sa.update(IssueVersion)
    .where(_OF_KEY)
    .values(valid_to=sa.bindparam("until"), closed_by=sa.bindparam("by"))
)
_LIST = sa.select(
    sa.func.aggregate_strings(IssueVersion.content, _RECORD_SEPARATOR),
    sa.func.count().filter(IssueVersion.is_company),
)
_LIST_OF_TODAY = _LIST.where(IssueVersion.valid_to.is_(None))


def is_valid_on(as_of: dt.date | None) -> sa.ColumnElement[bool]:
    """Return the condition for the versions that hold on a day; None means the open ones."""
    if as_of is None:
        return IssueVersion.valid_to.is_(None)
    return sa.and_(
        IssueVersion.valid_from <= as_of,
        sa.or_(IssueVersion.valid_to.is_(None), IssueVersion.valid_to > as_of),
    )


class HeldList(NamedTuple):
    """The list of a day: the content of each issue, and how many of them are companies."""

    contents: set[str]
    companies: int


async def list_on(session: AsyncSession, as_of: dt.date | None) -> HeldList:
    """Return the `content` of every issue listed on a day; None means today's list.

    The database joins them into one text: taking apart one value costs a third of 4,400 rows.
    """
    query = _LIST.where(is_valid_on(as_of)) if as_of else _LIST_OF_TODAY
    text, count = (await (await session.connection()).execute(query)).one()
    return HeldList(set(text.split(_RECORD_SEPARATOR)) if text else set(), count)


async def histories(session: AsyncSession, codes: Sequence[str]) -> Histories:
    """Return the history of each of `codes` that has one."""
    found: dict[str, list[Interval[ListedIssue]]] = defaultdict(list)
    connection = await session.connection()
    for start in range(0, len(codes), _CODES_PER_QUERY):
        part = codes[start : start + _CODES_PER_QUERY]
        for valid_from, valid_to, content in await connection.execute(_OF_CODES, {"codes": part}):
            issue = issue_of(content)
            found[issue.code].append(Interval(valid_from, valid_to, issue))
    return {code: tuple(intervals) for code, intervals in found.items()}


@dataclass(frozen=True, slots=True)
class _Edits:
    """The rows that turn stored histories into new ones."""

    removed: list[tuple[str, dt.date]]
    ended: list[tuple[str, dt.date, dt.date | None]]
    added: list[Interval[ListedIssue]]


async def rewrite(session: AsyncSession, before: Histories, after: Histories, run_id: int) -> int:
    """Write the intervals in which `after` differs from `before`; return the number of rows."""
    edits = _edits(before, after)
    if edits.removed:
        rows = [{"of_code": code, "from_day": day} for code, day in edits.removed]
        await _execute_many(session, _REMOVE, rows)
    if edits.ended:
        rows = [
            {"of_code": code, "from_day": day, "until": until, "by": run_id if until else None}
            for code, day, until in edits.ended
        ]
        await _execute_many(session, _END, rows)
    await add(session, edits.added, run_id)
    return len(edits.removed) + len(edits.ended) + len(edits.added)


async def add(
    session: AsyncSession, intervals: Iterable[Interval[ListedIssue]], run_id: int
) -> None:
    """Insert intervals of codes that have no history at that time."""
    rows = (_row(interval, run_id) for interval in intervals)
    await insert_rows(session, IssueVersion.__tablename__, _COLUMNS, rows)


async def _execute_many(
    session: AsyncSession, statement: sa.Executable, rows: list[dict[str, object]]
) -> None:
    """Execute on the connection: the ORM would look for objects to refresh, and there are none."""
    await (await session.connection()).execute(statement, rows)


def _edits(before: Histories, after: Histories) -> _Edits:
    edits = _Edits([], [], [])
    for code in before.keys() | after.keys():
        old = {each.valid_from: each for each in before.get(code, ())}
        new = {each.valid_from: each for each in after.get(code, ())}
        kept = {day for day in old.keys() & new.keys() if old[day].value == new[day].value}
        edits.removed.extend((code, day) for day in old.keys() - kept)
        edits.added.extend(new[day] for day in sorted(new.keys() - kept))
        edits.ended.extend((code, day, new[day].valid_to) for day in kept if old[day] != new[day])
    return edits


def _row(interval: Interval[ListedIssue], run_id: int) -> tuple[object, ...]:
    issue = interval.value
    return (
        issue.code,
        interval.valid_from.isoformat(),
        interval.valid_to.isoformat() if interval.valid_to else None,
        *issue[1:],
        issue.is_company,
        issue.content,
        text_to_search(issue.code, issue.name, issue.name_en),
        run_id,
        run_id if interval.valid_to else None,
    )
