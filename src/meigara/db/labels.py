"""How are the names that the source gives its codes read and rewritten? The caller commits."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import Label
from meigara.domain.roster import LabelKey, LabelKind, Labels
from meigara.domain.timeline import History, Interval, place


async def labels_on(session: AsyncSession, as_of: dt.date | None) -> Labels:
    """Return the name of each code on a day; None means today."""
    query = sa.select(Label.kind, Label.code, Label.name)
    if as_of is None:
        query = query.where(Label.valid_to.is_(None))
    else:
        still_valid = sa.or_(Label.valid_to.is_(None), Label.valid_to > as_of)
        query = query.where(Label.valid_from <= as_of, still_valid)
    rows = await (await session.connection()).execute(query)
    return {(LabelKind(kind), code): name for kind, code, name in rows}


async def place_labels(
    session: AsyncSession, labels: Labels, on: dt.date, until: dt.date | None
) -> Labels:
    """Make `labels` true from `on` until the day before `until`; codes not in them stay.

    Return all labels of the day `on` as they are then.
    """
    held = await labels_on(session, on)
    changed = {key: name for key, name in labels.items() if held.get(key) != name}
    if changed:
        histories = await label_histories(session)
        after = {
            key: place(histories.get(key, ()), on, until, name) for key, name in changed.items()
        }
        await rewrite_labels(session, after)
    return {**held, **changed}


async def rewrite_labels(session: AsyncSession, after: Mapping[LabelKey, History[str]]) -> None:
    """Give each of some codes the history of its name."""
    keys = [{"of_kind": kind, "of_code": code} for kind, code in after]
    rows = [
        {"kind": kind, "code": code, "name": each.value}
        | {"valid_from": each.valid_from, "valid_to": each.valid_to}
        for (kind, code), history in after.items()
        for each in history
    ]
    connection = await session.connection()
    same = sa.and_(Label.kind == sa.bindparam("of_kind"), Label.code == sa.bindparam("of_code"))
    await connection.execute(sa.delete(Label).where(same), keys)
    if rows:
        await connection.execute(sa.insert(Label), rows)


async def label_histories(session: AsyncSession) -> Mapping[LabelKey, Sequence[Interval[str]]]:
    """Return the history of the name of each code, the oldest first."""
    found: dict[LabelKey, list[Interval[str]]] = defaultdict(list)
    columns = (Label.kind, Label.code, Label.valid_from, Label.valid_to, Label.name)
    query = sa.select(*columns).order_by(Label.valid_from)
    for kind, code, *interval in await session.execute(query):
        found[LabelKind(kind), code].append(Interval._make(interval))
    return found
