"""How are the names that the source gives its codes read and rewritten? The caller commits."""

import datetime as dt
from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import Label
from meigara.domain.roster import LabelKind, Labels
from meigara.domain.timeline import Interval, place


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
) -> None:
    """Make `labels` true from `on` until the day before `until`; codes not in them stay."""
    held = await labels_on(session, on)
    changed = {key: name for key, name in labels.items() if held.get(key) != name}
    if not changed:
        return
    histories = await _histories(session)
    keys = [{"of_kind": kind, "of_code": code} for kind, code in changed if histories[kind, code]]
    rows = [
        {"kind": kind, "code": code, "name": each.value}
        | {"valid_from": each.valid_from, "valid_to": each.valid_to}
        for (kind, code), name in changed.items()
        for each in place(histories[kind, code], on, until, name)
    ]
    connection = await session.connection()
    if keys:
        same = sa.and_(Label.kind == sa.bindparam("of_kind"), Label.code == sa.bindparam("of_code"))
        await connection.execute(sa.delete(Label).where(same), keys)
    await connection.execute(sa.insert(Label), rows)


async def _histories(session: AsyncSession) -> dict[tuple[LabelKind, str], list[Interval[str]]]:
    found: dict[tuple[LabelKind, str], list[Interval[str]]] = defaultdict(list)
    query = sa.select(Label.kind, Label.code, Label.valid_from, Label.valid_to, Label.name)
    for kind, code, *interval in await session.execute(query):
        found[LabelKind(kind), code].append(Interval._make(interval))
    return found
