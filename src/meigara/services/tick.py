"""The whole scheduler: reap lapsed leases, open due slots, try again, offer what is stranded,
write the notices about what has ended.

Any number of tickers may run on one database: its unique keys allow one row per slot and one
active run, and whoever comes second finds nothing left to do.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.engine import Database
from meigara.db.models import Schedule, SyncRun
from meigara.db.stalled import end_stalled
from meigara.services.notices import is_to_be_sent, is_untold, take_events
from meigara.services.queue import is_stranded, requeue_due, take_stranded
from meigara.services.runs import has_lapsed, reap
from meigara.services.schedules import lock_schedule, open_due_slot


class Dispatcher(Protocol):
    """The way from a queued run to somebody who works on it."""

    async def dispatch(self, run_id: int) -> bool:
        """Offer a run; say whether the offer was taken.

        A lost offer does no harm: the next tick makes it again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did."""

    abandoned: int = 0
    opened: int | None = None
    missed: int = 0
    retried: int | None = None
    offered: Sequence[int] = ()
    has_notices: bool = False


NOTHING = Ticked()


async def tick(database: Database, dispatcher: Dispatcher, now: dt.datetime) -> Ticked:
    """Do what is due at `now`. It owns its transactions.

    Raises StoreUnavailable; the next tick then does it all.
    """
    async with database.reading() as session:
        if not await _is_anything_due(session, now):
            return NOTHING
    try:
        async with database.writing() as session:
            ticked = await _settle_all(session, now)
    except IntegrityError:  # another process opened the slot, or started a run, at this moment
        return NOTHING
    for run_id in ticked.offered:
        await dispatcher.dispatch(run_id)
    return ticked


async def _settle_all(session: AsyncSession, now: dt.datetime) -> Ticked:
    await end_stalled(session)
    schedule = await lock_schedule(session)
    abandoned = await reap(session, now)
    opened = await open_due_slot(session, schedule, now)
    retried = await requeue_due(session, now)
    offered = tuple(await take_stranded(session, now))
    await take_events(session, now)
    has_notices = bool(await session.scalar(sa.select(sa.exists().where(is_to_be_sent(now)))))
    return Ticked(abandoned, opened.run_id, len(opened.missed), retried, offered, has_notices)


async def _is_anything_due(session: AsyncSession, now: dt.datetime) -> bool:
    """Look without writing: on most ticks there is nothing to do."""
    is_due = sa.or_(Schedule.next_run_at.is_(None), Schedule.next_run_at <= now)
    conditions = (
        sa.exists().where(Schedule.is_enabled, is_due),
        sa.exists().where(sa.or_(has_lapsed(now), is_stranded(now), SyncRun.retry_at <= now)),
        sa.exists().where(is_untold()),
        sa.exists().where(is_to_be_sent(now)),
    )
    query = sa.select(sa.or_(*conditions))
    return bool((await (await session.connection()).execute(query)).scalar())
