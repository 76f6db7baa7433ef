"""Where do notices go, and which ones? Whatever changes something owns its transaction."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.engine import Database
from meigara.db.models import SyncRun
from meigara.db.notices import Notice, NoticeTarget
from meigara.domain.access import parse_token_name
from meigara.domain.auditing import Action
from meigara.domain.changes import ChangeKind
from meigara.domain.notices import NoticeEvent
from meigara.errors import TargetExists, TargetNotFound
from meigara.services.auditing import record
from meigara.services.notices import is_untold


@dataclass(frozen=True, slots=True)
class NewTarget:
    """A target that a person wants: its address sealed and masked, and what it is told of.

    Changes are told of the `kinds` and of the issues in `codes`; none of either means all.
    """

    name: str
    sealed_url: str
    shown_url: str
    events: Sequence[NoticeEvent]
    kinds: Sequence[ChangeKind] = ()
    codes: Sequence[str] = ()


async def all_targets(session: AsyncSession) -> Sequence[NoticeTarget]:
    """Return all targets by their names."""
    return (await session.scalars(sa.select(NoticeTarget).order_by(NoticeTarget.name))).all()


async def get_target(session: AsyncSession, target_id: int) -> NoticeTarget:
    """Return a target. Raises TargetNotFound."""
    target = await session.get(NoticeTarget, target_id)
    if target is None:
        raise TargetNotFound(target_id=target_id)
    return target


async def add_target(
    database: Database, wanted: NewTarget, actor: str | None, now: dt.datetime
) -> None:
    """Add a target; it is told of what happens from now on. Raises InvalidAccount, TargetExists."""
    name = parse_token_name(wanted.name)
    target = NoticeTarget(
        name=name,
        sealed_url=wanted.sealed_url,
        shown_url=wanted.shown_url,
        events=list(map(str, wanted.events)),
        kinds=list(map(str, wanted.kinds)),
        codes=list(wanted.codes),
        created_at=now,
    )
    try:
        async with database.writing() as session:
            session.add(target)
            await session.execute(sa.update(SyncRun).where(is_untold()).values(told_at=now))
            said = {"events": ", ".join(target.events), "to": wanted.shown_url}
            record(session, Action.TARGET_ADDED, actor, now, subject=name, detail=said)
    except IntegrityError:
        raise TargetExists(name=name) from None


async def remove_target(
    database: Database, target_id: int, actor: str | None, now: dt.datetime
) -> None:
    """Remove a target and its messages. Raises TargetNotFound."""
    async with database.writing() as session:
        target = await get_target(session, target_id)
        await session.execute(sa.delete(Notice).where(Notice.target_id == target_id))
        await session.delete(target)
        record(session, Action.TARGET_REMOVED, actor, now, subject=target.name)


async def seal_anew(database: Database, seal: Callable[[str], str]) -> int:
    """Seal all addresses with another secret; return how many."""
    async with database.writing() as session:
        targets = await all_targets(session)
        for target in targets:
            target.sealed_url = seal(target.sealed_url)
        return len(targets)
