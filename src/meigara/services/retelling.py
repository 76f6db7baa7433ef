"""How is the feed of changes told that a list has not been? The caller commits.

Nothing that was told is deleted. A change that did not happen gets a second row that is the same
and names it (`retracts`): whoever leaves out such pairs holds the feed of a store that the list
never reached. Also the lists that were compared with it have changed something else then: what
they changed is told anew from the lists as they are stored, so of a list that was corrected since,
what only its first edition held is not told.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from meigara.db.bulk import insert_rows
from meigara.db.history import list_on
from meigara.db.models import StoredChange, StoredRoster, SyncRun
from meigara.db.rosters import rosters_as_they_came, standing_roster
from meigara.domain.changes import ChangeKind, IssueChange, Issues, diff
from meigara.domain.digest import shifted, text_of_change
from meigara.domain.issue import ListedIssue, issue_of
from meigara.domain.timeline import predecessors

_COLUMNS = ("run_id", *IssueChange._fields, "retracts")
_FIELDS = tuple(getattr(StoredChange, name) for name in IssueChange._fields)


class _Told(NamedTuple):
    """A change that a run has told and not taken back, and its number."""

    change: IssueChange
    id: int


class _Follower(NamedTuple):
    """A run whose list was compared with that of a day, and the day to compare it with instead.

    `base` is None where it would have been the first list, which changes nothing.
    """

    run_id: int
    as_of: dt.date
    base: dt.date | None


class _Row(NamedTuple):
    run_id: int
    change: IssueChange
    retracts: int | None


def is_told(run_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a change was told by one of some runs and not taken back."""
    later = aliased(StoredChange)
    taken_back = sa.select(later.retracts).where(
        later.run_id.in_(run_ids), later.retracts.is_not(None)
    )
    return sa.and_(
        StoredChange.run_id.in_(run_ids),
        StoredChange.retracts.is_(None),
        StoredChange.id.not_in(taken_back),
    )


async def count_told(session: AsyncSession, run_ids: Sequence[int]) -> int:
    """Return how many changes some runs have told and not taken back."""
    query = sa.select(sa.func.count()).select_from(StoredChange)
    return await session.scalar(query.where(is_told(run_ids))) or 0


async def retell(session: AsyncSession, day: dt.date, withdrawn: Sequence[int]) -> None:
    """Take back the changes of the runs that published `day`, and correct those of later lists.

    The rosters of these runs are no longer published; the history still holds the day.
    """
    taken_back, added = [], []
    for run_id in withdrawn:
        taken_back += [_Row(run_id, *each) for each in await _told_by(session, run_id)]
    for follower in await _followers(session, day, withdrawn):
        told = await _told_by(session, follower.run_id)
        true = await _true_changes(session, day, follower, [each.change for each in told])
        unsaid, missing = _corrections(told, true)
        taken_back += [_Row(follower.run_id, *each) for each in unsaid]
        added += [_Row(follower.run_id, each, None) for each in missing]
        await _recount(session, follower, true)
    newest_first = sorted(taken_back, key=lambda row: row.retracts or 0, reverse=True)
    await _write(session, (*newest_first, *added))


async def _told_by(session: AsyncSession, run_id: int) -> Sequence[_Told]:
    query = sa.select(StoredChange.id, *_FIELDS).where(is_told([run_id]))
    rows = await session.execute(query.order_by(StoredChange.id))
    return [_Told(IssueChange(*change), number) for number, *change in rows]


async def _followers(
    session: AsyncSession, day: dt.date, withdrawn: Sequence[int]
) -> Sequence[_Follower]:
    """Return the runs that met the list of `day` as the one before theirs when they published."""
    with_day = await rosters_as_they_came(session, withdrawn)
    without = [each for each in with_day if each[1] != day]
    bases = predecessors(as_of for _, as_of in without)
    base_of = {run_id: base for (run_id, _), base in zip(without, bases, strict=True)}
    met = predecessors(as_of for _, as_of in with_day)
    return [
        _Follower(run_id, as_of, base_of[run_id])
        for (run_id, as_of), before in zip(with_day, met, strict=True)
        if before == day != as_of
    ]


async def _true_changes(
    session: AsyncSession, day: dt.date, follower: _Follower, told: Sequence[IssueChange]
) -> Sequence[IssueChange]:
    """Return what a list changed in the one that was before it really."""
    if follower.base is None:
        return []
    before = await _issues_on(session, follower.base)
    after: Issues = await _issues_on(session, follower.as_of)
    standing = await standing_roster(session, follower.as_of)
    if standing is None or standing.run_id != follower.run_id:  # it was corrected since
        after = _changed(await _issues_on(session, day), told, {**before, **after})
    return list(diff(before, after).changes())


async def _issues_on(session: AsyncSession, day: dt.date) -> dict[str, ListedIssue]:
    held = await list_on(session, day)
    return {issue.code: issue for issue in map(issue_of, held.contents)}


def _changed(issues: Issues, told: Iterable[IssueChange], known: Issues) -> Issues:
    """Return a list after changes; `known` has what a listing does not tell, as far as it is."""
    changed = dict(issues)
    for change in told:
        if change.kind == ChangeKind.DELISTED:
            changed.pop(change.code, None)
        elif change.kind == ChangeKind.LISTED:
            unknown = ListedIssue(change.code, *[""] * (len(ListedIssue._fields) - 1))
            issue = known.get(change.code, unknown)
            changed[change.code] = issue._replace(name=change.after or "")
        elif change.code in changed:
            issue = changed[change.code]
            changed[change.code] = issue._replace(**{change.field: change.after or ""})
    return changed


def _corrections(
    told: Sequence[_Told], true: Sequence[IssueChange]
) -> tuple[Sequence[_Told], Sequence[IssueChange]]:
    """Return what was told and is not true, and what is true and was not told."""
    missing = Counter(true)
    unsaid = []
    for each in told:
        if missing[each.change]:
            missing[each.change] -= 1
        else:
            unsaid.append(each)
    return unsaid, list(_those(missing, true))


def _those(counts: Counter[IssueChange], changes: Iterable[IssueChange]) -> Iterator[IssueChange]:
    for change in changes:
        if counts[change]:
            counts[change] -= 1
            yield change


async def _recount(session: AsyncSession, follower: _Follower, true: Sequence[IssueChange]) -> None:
    """Let the figures of a run be those of the changes that it made really."""
    run = await session.get_one(SyncRun, follower.run_id)
    total = run.total or 0
    kinds = Counter(change.kind for change in true)
    listed = kinds[ChangeKind.LISTED] if follower.base else total
    moved = (ChangeKind.LISTED, ChangeKind.DELISTED)
    run.listed, run.delisted = listed, kinds[ChangeKind.DELISTED]
    run.changed = len({change.code for change in true if change.kind not in moved})
    run.unchanged = total - listed - run.changed


async def _write(session: AsyncSession, rows: Sequence[_Row]) -> None:
    """Append rows to the feed, and to what proves the changes of their runs."""
    values = ((row.run_id, *row.change, row.retracts) for row in rows)
    await insert_rows(session, StoredChange.__tablename__, _COLUMNS, values)
    for run_id in {row.run_id for row in rows}:
        roster = await session.get(StoredRoster, run_id)
        if roster is not None and roster.changes_digest is not None:
            own = (row for row in rows if row.run_id == run_id)
            texts = (text_of_change(row.change, row.retracts) for row in own)
            roster.changes_digest = shifted(roster.changes_digest, come=texts)
