"""Who did what, and when? Written in the transaction of the deed itself."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.accounts import AuditEntry
from meigara.domain.auditing import Action


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Which entries are asked for: of an action, older than the number `before`."""

    action: Action | None = None
    before: int | None = None
    limit: int = 100


def record(
    session: AsyncSession,
    action: Action,
    actor: str | None,
    now: dt.datetime,
    *,
    subject: str | None = None,
    address: str | None = None,
    network: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add an entry to the trail; the caller commits it together with what was done."""
    told = {name: str(value) for name, value in (detail or {}).items()} or None
    session.add(
        AuditEntry(
            at=now,
            actor=actor,
            action=action,
            subject=subject,
            detail=told,
            address=address,
            network=network,
        )
    )


async def trail(session: AsyncSession, query: TrailQuery) -> Sequence[AuditEntry]:
    """Return the entries that fit, the newest first."""
    found = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(query.limit)
    if query.action is not None:
        found = found.where(AuditEntry.action == query.action)
    if query.before is not None:
        found = found.where(AuditEntry.id < query.before)
    return (await session.scalars(found)).all()
