"""How do the history and the labels become what they would be without one day? The caller commits.

The rosters of the day are no longer published by then. The lists and labels of all other days stay
as they are stored: what the source once left out, and was taken from the list of the day, stays.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.history import histories, is_valid_on, rewrite
from meigara.db.labels import label_histories, labels_on, rewrite_labels
from meigara.db.models import IssueVersion, StoredRoster
from meigara.db.rosters import Neighbours
from meigara.domain.digest import shifted, text_of_label
from meigara.domain.roster import LabelKey
from meigara.domain.timeline import Interval, place, value_on


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


class _Unsaid(NamedTuple):
    """A name that only the roster of a day gave, and how long it was taken to be true."""

    key: LabelKey
    until: dt.date | None
    said: str | None
    before: str | None


async def retract_labels(session: AsyncSession, day: dt.date, around: Neighbours) -> None:
    """Let the labels before `day` hold until a later list confirms or changes them.

    A list has named the classes that its issues have; a class without an issue kept its name.
    """
    known = await label_histories(session)
    before = await labels_on(session, around.previous) if around.previous else {}
    said = await labels_on(session, day)
    unsaid = [
        _Unsaid(
            key,
            await _unconfirmed_until(session, key, known[key], day, around.following),
            said.get(key),
            before.get(key),
        )
        for key in before.keys() | said.keys()
        if before.get(key) != said.get(key)
    ]
    after = {each.key: place(known[each.key], day, each.until, each.before) for each in unsaid}
    if after:
        await rewrite_labels(session, after)
    if around.following is not None:
        await _correct_digests(session, around.following, unsaid)


async def _unconfirmed_until(
    session: AsyncSession,
    key: LabelKey,
    history: Sequence[Interval[str]],
    day: dt.date,
    following: dt.date | None,
) -> dt.date | None:
    """Return the first later day whose list told the name itself, or when the name ended."""
    ends = [each.valid_to for each in history if each.covers(day)]
    if following is None or not ends:
        return following
    kind, code = key
    is_later = sa.or_(IssueVersion.valid_to.is_(None), IssueVersion.valid_to > following)
    first_use = sa.select(sa.func.min(IssueVersion.valid_from)).where(
        getattr(IssueVersion, kind) == code, is_later
    )
    used_from = await session.scalar(first_use)
    used = max(used_from, following) if used_from else None
    return min((each for each in (*ends, used) if each), default=None)


async def _correct_digests(
    session: AsyncSession, following: dt.date, unsaid: Sequence[_Unsaid]
) -> None:
    """Let the receipts of later days tell the labels that those days have now."""
    lasting = [each for each in unsaid if each.until != following]
    if not lasting:
        return
    later = sa.select(StoredRoster).where(
        StoredRoster.is_published, StoredRoster.as_of >= following
    )
    for roster in await session.scalars(later):
        if roster.as_of is None or roster.labels_digest is None:
            continue
        moved = [each for each in lasting if not each.until or roster.as_of < each.until]
        roster.labels_digest = shifted(
            roster.labels_digest,
            gone=(text_of_label(*each.key, each.said) for each in moved if each.said),
            come=(text_of_label(*each.key, each.before) for each in moved if each.before),
        )
