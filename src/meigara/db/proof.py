"""Is what is stored that which was published?

The receipt of each roster holds the digests of its list, of the labels of its day and of the
changes of its run. One pass over the history, in the order of its days, finds the first day on
which something else is stored. What was stored before there were digests is not doubted.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import IssueVersion, Label, StoredChange, StoredRoster, SyncRun
from meigara.db.rosters import PUBLISHED_AT
from meigara.domain.digest import digest_with, text_of_change, text_of_label, weight_of
from meigara.domain.issue import ListedIssue
from meigara.domain.run import RunStatus
from meigara.domain.search import text_to_search
from meigara.errors import Reason

_ATTRIBUTES = ListedIssue._fields
_WAS_PUBLISHED = (RunStatus.SUCCEEDED, RunStatus.RETRACTED)


class _Receipt(NamedTuple):
    """A roster and the run that brought it; `run_as_of` and `total` are what the run says."""

    run_id: int
    as_of: dt.date | None
    row_count: int
    is_published: bool
    is_retracted: bool
    list_digest: str | None
    changes_digest: str | None
    labels_digest: str | None
    status: RunStatus
    run_as_of: dt.date | None
    total: int | None


class _Moves:
    """What each day adds to a sum of weights and to a number of texts."""

    def __init__(self) -> None:
        self._of_day: dict[dt.date, tuple[int, int]] = defaultdict(lambda: (0, 0))

    def add(self, text: str, valid_from: dt.date, valid_to: dt.date | None) -> None:
        """Let a text come on one day and go on another."""
        weight = weight_of(text)
        self._move(valid_from, weight, 1)
        if valid_to is not None:
            self._move(valid_to, -weight, -1)

    def on(self, days: Sequence[dt.date]) -> Iterator[tuple[dt.date, int, int]]:
        """Yield the sum and the number on each of some days, which are in order."""
        moves = iter(sorted(self._of_day.items()))
        move, weight, count = next(moves, None), 0, 0
        for day in days:
            while move is not None and move[0] <= day:
                weight, count = weight + move[1][0], count + move[1][1]
                move = next(moves, None)
            yield day, weight, count

    def _move(self, day: dt.date, weight: int, count: int) -> None:
        before = self._of_day[day]
        self._of_day[day] = before[0] + weight, before[1] + count


async def alterations_in(session: AsyncSession) -> AsyncIterator[Reason]:
    """Yield a sentence for whatever is not as it was published."""
    receipts = await _receipts(session)
    standing = {each.as_of: each for each in receipts if each.is_published and each.as_of}
    lists = _Moves()
    async for version in await _streamed(session, _VERSIONS):
        for finding in _faults_of(version, standing):
            yield finding
        lists.add(version.content, version.valid_from, version.valid_to)
    for finding in (*_faults_of_lists(standing, lists), *_contradictions(receipts)):
        yield finding
    async for finding in _faults_of_labels(session, standing):
        yield finding
    async for finding in _faults_of_changes(session, receipts):
        yield finding
    async for finding in _missing_receipts(session):
        yield finding


async def _receipts(session: AsyncSession) -> Sequence[_Receipt]:
    """Return all receipts; of one day, that of its list comes last."""
    columns = (
        StoredRoster.run_id,
        StoredRoster.as_of,
        StoredRoster.row_count,
        StoredRoster.is_published,
        StoredRoster.retracted_at.is_not(None),
        StoredRoster.list_digest,
        StoredRoster.changes_digest,
        StoredRoster.labels_digest,
        SyncRun.status,
        SyncRun.as_of,
        SyncRun.total,
    )
    query = sa.select(*columns).join(SyncRun, SyncRun.id == StoredRoster.run_id)
    ordered = query.order_by(StoredRoster.as_of, PUBLISHED_AT, StoredRoster.run_id)
    return [_Receipt._make(row) for row in await session.execute(ordered)]


_VERSIONS = sa.select(
    IssueVersion.valid_from,
    IssueVersion.valid_to,
    IssueVersion.content,
    IssueVersion.search_text,
    IssueVersion.is_company,
    *(getattr(IssueVersion, name) for name in _ATTRIBUTES),
).order_by(IssueVersion.valid_from, IssueVersion.code)


async def _streamed(session: AsyncSession, query: sa.Select[*tuple[Any, ...]]) -> Any:
    return await (await session.connection()).stream(query)


def _faults_of(version: Any, standing: Mapping[dt.date, _Receipt]) -> Iterator[Reason]:
    """Yield what is wrong with one version in itself."""
    place = {"code": version.code, "day": version.valid_from}
    attributes = ListedIssue._make(version[-len(_ATTRIBUTES) :])
    if version.content != attributes.content:
        yield Reason("The columns of issue {code} from {day} on contradict its content.", **place)
    if version.search_text != text_to_search(*attributes[:3]):
        yield Reason("Issue {code} from {day} on is not found by its own name.", **place)
    if version.is_company is not attributes.is_company:
        yield Reason("Issue {code} from {day} on is counted wrongly as company or not.", **place)
    for bound in (version.valid_from, version.valid_to):
        if bound is not None and bound not in standing:
            yield Reason(
                "Issue {code} changes on {day}, and no list of that day is stored.",
                code=version.code,
                day=bound,
            )


def _faults_of_lists(standing: Mapping[dt.date, _Receipt], lists: _Moves) -> Iterator[Reason]:
    """Yield the days from which on another list is stored than was published.

    What is wrong in the same way until the next alteration is said once.
    """
    newest, wrong = max(standing, default=None), (0, 0)
    for day, weight, count in lists.on(sorted(standing)):
        receipt = standing[day]
        if receipt.list_digest is None and day != newest:
            continue
        surplus = count - receipt.row_count
        off = _off(weight, receipt.list_digest)
        if (off, surplus) != wrong and surplus and (off or receipt.list_digest is None):
            yield Reason(
                "The list of {day} has {found:,} issues; {expected:,} were published.",
                day=day,
                found=count,
                expected=receipt.row_count,
            )
        elif (off, surplus) != wrong and off:
            yield Reason("An issue in the list of {day} is not as it was published.", day=day)
        elif surplus and not off:
            yield Reason("The receipt of the list of {day} has a wrong number of rows.", day=day)
        wrong = off, surplus


def _off(weight: int, digest: str | None) -> int:
    """Return by how much a sum is not the one that a digest tells; 0 where there is none."""
    return 0 if digest is None else int(digest_with(weight - int(digest, 16)), 16)


def _contradictions(receipts: Sequence[_Receipt]) -> Iterator[Reason]:
    """Yield the receipts that say something else than their runs."""
    for each in receipts:
        place = {"run_id": each.run_id, "day": each.as_of or "-"}
        expected = RunStatus.SUCCEEDED if each.is_published else RunStatus.RETRACTED
        is_meant = each.is_published or each.is_retracted
        if is_meant != (each.status in _WAS_PUBLISHED) or (is_meant and each.status != expected):
            yield Reason("The state of run {run_id} contradicts its receipt of {day}.", **place)
        elif is_meant and (each.as_of, each.row_count) != (each.run_as_of, each.total):
            yield Reason(
                "Run {run_id} brought another list than its receipt of {day} says.", **place
            )


async def _faults_of_labels(
    session: AsyncSession, standing: Mapping[dt.date, _Receipt]
) -> AsyncIterator[Reason]:
    labels, wrong = _Moves(), 0
    query = sa.select(Label.kind, Label.code, Label.name, Label.valid_from, Label.valid_to)
    for *label, valid_from, valid_to in await session.execute(query):
        labels.add(text_of_label(*label), valid_from, valid_to)
    for day, weight, _ in labels.on(sorted(standing)):
        digest = standing[day].labels_digest
        if digest is not None and (off := _off(weight, digest)) != wrong:
            wrong = off
            if off:
                yield Reason("The labels of {day} are not those that were published.", day=day)


async def _faults_of_changes(
    session: AsyncSession, receipts: Sequence[_Receipt]
) -> AsyncIterator[Reason]:
    weights: dict[int, int] = defaultdict(int)
    async for run_id, retracts, *change in await _streamed(session, _CHANGES):
        weights[run_id] += weight_of(text_of_change(change, retracts))
    for each in receipts:
        if _off(weights[each.run_id], each.changes_digest):
            yield Reason(
                "The changes of run {run_id}, of {day}, are not those that it published.",
                run_id=each.run_id,
                day=each.as_of,
            )


_CHANGES = sa.select(
    StoredChange.run_id,
    StoredChange.retracts,
    StoredChange.code,
    StoredChange.kind,
    StoredChange.field,
    StoredChange.before,
    StoredChange.after,
)


async def _missing_receipts(session: AsyncSession) -> AsyncIterator[Reason]:
    """Yield the runs that published a list of a time that is known, and have no receipt of it."""
    known_from = sa.select(sa.func.min(IssueVersion.valid_from)).scalar_subquery()
    query = (
        sa.select(SyncRun.id, SyncRun.as_of)
        .outerjoin(StoredRoster, StoredRoster.run_id == SyncRun.id)
        .where(
            StoredRoster.run_id.is_(None),
            SyncRun.status.in_(_WAS_PUBLISHED),
            sa.or_(SyncRun.as_of >= known_from, SyncRun.as_of.is_(None)),
        )
    )
    for run_id, day in await session.execute(query):
        yield Reason(
            "Run {run_id} published the list of {day}, and its receipt is gone.",
            run_id=run_id,
            day=day or "-",
        )
