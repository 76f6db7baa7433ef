"""How do the history and the labels become what they would be without one day? The caller commits.

The rosters of the day are no longer published by then. The lists and labels of all other days stay
as they are stored: what the source once left out, and was taken from the list of the day, stays.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.history import histories, is_valid_on, rewrite
from meigara.db.labels import label_histories, labels_on, rewrite_labels
from meigara.db.models import IssueVersion, StoredRoster
from meigara.db.rosters import Neighbours, rosters_as_they_came
from meigara.domain.digest import shifted, text_of_label
from meigara.domain.roster import LabelKey, LabelKind
from meigara.domain.timeline import History, Interval, place, predecessors, value_on


async def retract_versions(
    session: AsyncSession, day: dt.date, around: Neighbours, run_id: int
) -> None:
    """Let the list before `day` hold until the following one; `run_id` is noted on new rows."""
    begins_or_ends = sa.or_(IssueVersion.valid_from == day, IssueVersion.valid_to == day)
    touched = begins_or_ends if around.previous else is_valid_on(day)
    query = sa.select(IssueVersion.code).where(touched).distinct()
    before = await histories(session, (await session.scalars(query)).all())
    after = {
        code: place(history, day, around.following, value_on(history, around.previous))
        for code, history in before.items()
    }
    await rewrite(session, before, after, run_id)


async def retract_labels(
    session: AsyncSession, day: dt.date, around: Neighbours, withdrawn: Sequence[int]
) -> None:
    """Let the labels before `day` hold until the following list, and as long as none said more.

    A list has named the classes that its issues have; the name of a class without an issue was
    taken over from the list before. `withdrawn` are the runs that published `day`.
    """
    known = await label_histories(session)
    before = await labels_on(session, around.previous) if around.previous else {}
    after = {
        key: place(history, day, around.following, before.get(key))
        for key, history in known.items()
    }
    if around.following is not None:
        came = await rosters_as_they_came(session, withdrawn)
        for key in await _taken_over(session, day, known, came):
            uses = await _uses(session, key, day)
            left = _Left(day, [as_of for _, as_of in came if as_of != day], uses)
            after[key] = left.history(after[key])
    changed = {key: history for key, history in after.items() if history != tuple(known[key])}
    if changed:
        await rewrite_labels(session, changed)
        await _correct_digests(session, day, known, changed)


async def _taken_over(
    session: AsyncSession,
    day: dt.date,
    keys: Iterable[LabelKey],
    came: Sequence[tuple[int, dt.date]],
) -> set[LabelKey]:
    """Return the classes whose names a later list took over from that of `day`."""
    met = predecessors(as_of for _, as_of in came)
    followers = {
        as_of for (_, as_of), before in zip(came, met, strict=True) if before == day != as_of
    }
    found: set[LabelKey] = set()
    for follower in followers:
        for kind in LabelKind:
            column = getattr(IssueVersion, kind)
            query = sa.select(column).where(is_valid_on(follower)).distinct()
            used = set((await session.scalars(query)).all())
            found |= {key for key in keys if key[0] is kind and key[1] not in used}
    return found


async def _uses(session: AsyncSession, key: LabelKey, day: dt.date) -> Sequence[Interval[None]]:
    """Return when issues were in a class, from `day` on, as few intervals in order."""
    kind, code = key
    is_later = sa.or_(IssueVersion.valid_to.is_(None), IssueVersion.valid_to > day)
    query = (
        sa.select(IssueVersion.valid_from, IssueVersion.valid_to)
        .where(getattr(IssueVersion, kind) == code, is_later)
        .order_by(IssueVersion.valid_from)
    )
    found: list[Interval[None]] = []
    for begins, ends in await session.execute(query):
        last = found[-1] if found else None
        if last is None or (last.valid_to is not None and last.valid_to < begins):
            found.append(Interval(begins, ends, None))
        elif last.valid_to is not None and (ends is None or ends > last.valid_to):
            found[-1] = last._replace(valid_to=ends)
    return found


class _Left:
    """The names of one class on the days that are left, as they came without the day taken out."""

    def __init__(
        self, day: dt.date, came: Sequence[dt.date], uses: Sequence[Interval[None]]
    ) -> None:
        self._day = day
        self._came = came
        self._uses = uses

    def history(self, history: History[str]) -> History[str]:
        """Return the history in which later days took over no name that was said on the day."""
        names: dict[dt.date, str | None] = {}
        for as_of, before in zip(self._came, predecessors(self._came), strict=True):
            if as_of < self._day or any(use.covers(as_of) for use in self._uses):
                names[as_of] = value_on(history, as_of)
            elif before != as_of:  # else it is a correction, which took over its own day's
                names[as_of] = names[before] if before else None
        later = sorted(as_of for as_of in names if as_of > self._day)
        for name, days in groupby(later, key=names.__getitem__):
            first = next(days)
            history = place(history, first, None, name)
        return history


async def _correct_digests(
    session: AsyncSession,
    day: dt.date,
    before: Mapping[LabelKey, Sequence[Interval[str]]],
    after: Mapping[LabelKey, Sequence[Interval[str]]],
) -> None:
    """Let the receipts of later days tell the labels that those days have now."""
    is_later = sa.and_(StoredRoster.is_published, StoredRoster.as_of > day)
    for roster in await session.scalars(sa.select(StoredRoster).where(is_later)):
        if roster.labels_digest is not None:
            gone = [_label_on(key, before[key], roster.as_of) for key in after]
            come = [_label_on(key, history, roster.as_of) for key, history in after.items()]
            roster.labels_digest = shifted(
                roster.labels_digest, gone=filter(None, gone), come=filter(None, come)
            )


def _label_on(key: LabelKey, history: Sequence[Interval[str]], day: dt.date | None) -> str | None:
    name = value_on(history, day)
    return None if name is None else text_of_label(*key, name)
