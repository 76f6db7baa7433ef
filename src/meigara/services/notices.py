"""What is there to tell, to whom, and has it been told? The outbox of messages.

A run that has ended is looked at once (`told_at`): in the same transaction each target gets a
message for what concerns it. A message goes `waiting` → `sending` → `sent`; one that a dead process
left in `sending` is `uncertain` and is not sent a second time.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.counting import rows_changed
from meigara.db.engine import Database
from meigara.db.models import StoredChange, SyncRun
from meigara.db.notices import Notice, NoticeTarget
from meigara.db.tally import add_ended
from meigara.domain.notices import NoticeEvent, NoticeStatus, next_try
from meigara.domain.run import ACTIVE, RunStatus

LONGEST_SENDING = dt.timedelta(minutes=2)
"""A message that is on its way for so long was left by a process that died."""

_BAD = (RunStatus.FAILED, RunStatus.HELD, RunStatus.ABANDONED, RunStatus.DISCARDED)
_EVENTS: Mapping[RunStatus, NoticeEvent] = {
    RunStatus.FAILED: NoticeEvent.FAILED,
    RunStatus.ABANDONED: NoticeEvent.FAILED,
    RunStatus.HELD: NoticeEvent.HELD,
    RunStatus.MISSED: NoticeEvent.MISSED,
}


def is_untold() -> sa.ColumnElement[bool]:
    """Return the condition that a run has ended for good and was not looked at."""
    return sa.and_(
        SyncRun.told_at.is_(None), SyncRun.status.not_in(ACTIVE), SyncRun.retry_at.is_(None)
    )


def is_to_be_sent(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a message is due, or was left by a process that died."""
    is_due = sa.and_(Notice.status == NoticeStatus.WAITING, Notice.next_try_at <= now)
    return sa.or_(is_due, _is_left(now))


def _is_left(now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Notice.status == NoticeStatus.SENDING, Notice.sending_since < now - LONGEST_SENDING
    )


async def has_targets(session: AsyncSession) -> bool:
    """Say whether anybody is told of anything."""
    return bool(await session.scalar(sa.select(sa.exists().where(NoticeTarget.id.is_not(None)))))


async def take_events(session: AsyncSession, now: dt.datetime) -> int:
    """Count the runs that have ended and write the messages about them; return how many messages.

    The caller commits. Of several missed slots the newest is told, with their number.
    """
    untold = sa.select(SyncRun).where(is_untold()).order_by(SyncRun.id)
    runs = (await session.scalars(untold.with_for_update())).all()
    if not runs:
        return 0
    targets = (await session.scalars(sa.select(NoticeTarget))).all()
    missed = [run for run in runs if run.status is RunStatus.MISSED]
    count = 0
    for run in runs:
        run.told_at = now
        await add_ended(session, run.status)
        if run in missed[:-1] or not targets:
            continue
        detail = {"count": len(missed)} if run.status is RunStatus.MISSED else None
        for event in await _events_of(session, run):
            for target in targets:
                if await _concerns(session, run, event, target):
                    session.add(_message(target, run, event, detail, now))
                    count += 1
    await session.flush()
    return count


async def _events_of(session: AsyncSession, run: SyncRun) -> Sequence[NoticeEvent]:
    if run.status is not RunStatus.SUCCEEDED:
        return [_EVENTS[run.status]] if run.status in _EVENTS else []
    before = sa.select(SyncRun.status).where(
        SyncRun.id < run.id, SyncRun.status.in_((*_BAD, RunStatus.SUCCEEDED))
    )
    previous = await session.scalar(before.order_by(SyncRun.id.desc()).limit(1))
    recovered = [NoticeEvent.RECOVERED] if previous in _BAD else []
    return [*recovered, NoticeEvent.CHANGES]


async def _concerns(
    session: AsyncSession, run: SyncRun, event: NoticeEvent, target: NoticeTarget
) -> bool:
    if event not in target.events:
        return False
    if event is not NoticeEvent.CHANGES:
        return True
    found = sa.exists().where(StoredChange.run_id == run.id, *wanted_by(target))
    return bool(await session.scalar(sa.select(found)))


def wanted_by(target: NoticeTarget) -> Sequence[sa.ColumnElement[bool]]:
    """Return the conditions that a change is one that a target wants to be told of."""
    conditions = []
    if target.kinds:
        conditions.append(StoredChange.kind.in_(target.kinds))
    if target.codes:
        conditions.append(StoredChange.code.in_(target.codes))
    return conditions


def _message(
    target: NoticeTarget,
    run: SyncRun,
    event: NoticeEvent,
    detail: dict[str, Any] | None,
    now: dt.datetime,
) -> Notice:
    return Notice(
        target_id=target.id,
        run_id=run.id,
        event=event,
        status=NoticeStatus.WAITING,
        detail=detail,
        attempts=0,
        created_at=now,
        next_try_at=now,
    )


async def next_due(database: Database, now: dt.datetime) -> tuple[Notice, NoticeTarget] | None:
    """Return the message that has waited longest and where it goes; None if nothing is due.

    What a dead process left is noted as uncertain.
    """
    async with database.reading() as session:
        has_left = await session.scalar(sa.select(sa.exists().where(_is_left(now))))
    if has_left:
        async with database.writing() as session:
            left = sa.update(Notice).where(_is_left(now))
            await session.execute(left.values(status=NoticeStatus.UNCERTAIN, settled_at=now))
    async with database.reading() as session:
        due = sa.select(Notice, NoticeTarget).join(NoticeTarget)
        due = due.where(Notice.status == NoticeStatus.WAITING, Notice.next_try_at <= now)
        found = (
            await session.execute(due.order_by(Notice.next_try_at, Notice.id).limit(1))
        ).first()
        return (found[0], found[1]) if found else None


async def claim(database: Database, notice_id: int, now: dt.datetime) -> bool:
    """Say that a message is on its way; False if somebody else said so first."""
    claimed = sa.update(Notice).where(Notice.id == notice_id, Notice.status == NoticeStatus.WAITING)
    values = {"status": NoticeStatus.SENDING, "sending_since": now, "attempts": Notice.attempts + 1}
    async with database.writing() as session:
        return await rows_changed(session, claimed.values(**values)) == 1


async def settle(
    database: Database, notice: Notice, status: NoticeStatus, now: dt.datetime
) -> None:
    """Write what became of a message that was on its way; a failure is tried again later."""
    again = next_try(notice.attempts + 1, now) if status is NoticeStatus.FAILED else None
    values = {"status": NoticeStatus.WAITING, "next_try_at": again}
    if again is None:
        values = {"status": status, "next_try_at": None, "settled_at": now}
    mine = sa.update(Notice).where(Notice.id == notice.id, Notice.status == NoticeStatus.SENDING)
    async with database.writing() as session:
        await session.execute(mine.values(**values))


async def send_again(database: Database, notice_id: int, now: dt.datetime) -> bool:
    """Let a message that failed, or may not have arrived, wait to be sent; say whether it does."""
    over = (NoticeStatus.FAILED, NoticeStatus.UNCERTAIN)
    statement = sa.update(Notice).where(Notice.id == notice_id, Notice.status.in_(over))
    values = {"status": NoticeStatus.WAITING, "next_try_at": now, "attempts": 0, "settled_at": None}
    async with database.writing() as session:
        return await rows_changed(session, statement.values(**values)) == 1


async def recent(session: AsyncSession, limit: int = 50) -> Sequence[tuple[Notice, NoticeTarget]]:
    """Return the newest messages, each with where it goes."""
    query = sa.select(Notice, NoticeTarget).join(NoticeTarget).order_by(Notice.id.desc())
    return [(row[0], row[1]) for row in await session.execute(query.limit(limit))]
