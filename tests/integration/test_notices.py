"""Which messages do runs give rise to, for whom, and how often?"""

import datetime as dt
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from meigara.config import Settings
from meigara.db.engine import Database
from meigara.db.models import SyncRun
from meigara.db.notices import Notice
from meigara.domain.changes import ChangeKind
from meigara.domain.notices import NoticeEvent, NoticeStatus
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import JQuantsError
from meigara.messages import compose
from meigara.services import held, notices, targets
from meigara.services.changes import changes_of_run
from meigara.services.targets import NewTarget
from tests.integration.conftest import DAY2, LIMITS, NOW, World

MINUTE = dt.timedelta(minutes=1)


async def add(
    database: Database,
    name: str,
    *events: NoticeEvent,
    kinds: Sequence[ChangeKind] = (),
    codes: Sequence[str] = (),
) -> None:
    """Add a target that is told of these events, of all if none is named."""
    wanted = NewTarget(name, "sealed", "json://…", events or list(NoticeEvent), kinds, codes)
    await targets.add_target(database, wanted, "me", NOW)


async def told(database: Database) -> list[tuple[str, int, str]]:
    """Write the messages that are due; return for all of them the target, run and event."""
    async with database.writing() as session:
        await notices.take_events(session, NOW)
    async with database.reading() as session:
        found = await notices.recent(session)
    return [(target.name, notice.run_id, str(notice.event)) for notice, target in reversed(found)]


async def end_run(world: World, status: RunStatus, **values: object) -> None:
    """Add a run that ended so."""
    async with world.database.writing() as session:
        session.add(
            SyncRun(
                endpoint_id=1,
                trigger=Trigger.SCHEDULE,
                status=status,
                is_backfill=False,
                attempt=1,
                queued_at=NOW,
                **values,
            )
        )


async def test_changes_are_told_once_to_those_whom_they_concern(world: World) -> None:
    await add(world.database, "all")
    await add(world.database, "renames", NoticeEvent.CHANGES, kinds=[ChangeKind.RENAMED])
    await add(world.database, "watched", NoticeEvent.CHANGES, codes=["10010", "10020"])
    await add(world.database, "others", NoticeEvent.CHANGES, codes=["10020"])
    moves = [ChangeKind.SEGMENT]
    await add(world.database, "moves", NoticeEvent.CHANGES, kinds=moves)
    await add(world.database, "failures", NoticeEvent.FAILED)
    await world.sync()  # the first list is no change
    assert await told(world.database) == []
    world.simulator.set_today(DAY2)
    run = await world.sync()
    expected = [(name, run.id, "changes") for name in ("all", "renames", "watched")]
    assert sorted(await told(world.database)) == expected
    assert len(await told(world.database)) == 3
    await world.sync()  # nothing is new
    assert len(await told(world.database)) == 3


async def test_a_failure_is_told_when_no_further_try_is_due_and_then_the_recovery(
    world: World,
) -> None:
    await add(world.database, "all")
    await world.sync()
    await end_run(world, RunStatus.FAILED, retry_at=NOW + MINUTE)
    assert await told(world.database) == []
    async with world.database.writing() as session:
        await session.execute(sa.update(SyncRun).values(retry_at=None))
    assert await told(world.database) == [("all", 2, "failed")]
    await world.sync()
    assert await told(world.database) == [("all", 2, "failed"), ("all", 3, "recovered")]
    await world.sync()
    assert len(await told(world.database)) == 2


async def test_a_held_run_is_told_and_what_becomes_of_it_when_it_is_applied(world: World) -> None:
    await add(world.database, "all", NoticeEvent.HELD, NoticeEvent.CHANGES)
    await world.sync()
    world.simulator.set_faults("mass-change")
    run = await world.sync()
    assert run.status is RunStatus.HELD
    assert await told(world.database) == [("all", run.id, "held")]
    await held.apply_held(world.database, run.id, LIMITS, "me", NOW)
    assert ("all", run.id, "changes") in await told(world.database)


async def test_of_many_missed_slots_the_newest_is_told_with_their_number(world: World) -> None:
    await add(world.database, "all")
    for days in range(5):
        await end_run(
            world, RunStatus.MISSED, schedule_id=1, scheduled_for=NOW + days * dt.timedelta(days=1)
        )
    assert await told(world.database) == [("all", 5, "missed")]
    async with world.database.reading() as session:
        notice, _ = (await notices.recent(session))[0]
        run = await session.get_one(SyncRun, 5)
    message = compose(run, notice, [], Settings(database_url="sqlite://"))
    assert "続けて 5 回" in message.body


async def test_a_target_is_told_of_nothing_that_was_before_it(world: World) -> None:
    await end_run(world, RunStatus.FAILED)
    await add(world.database, "late")
    assert await told(world.database) == []


async def test_a_message_is_claimed_by_one_process_and_left_alone_when_that_dies(
    world: World,
) -> None:
    await add(world.database, "all")
    await end_run(world, RunStatus.FAILED)
    await told(world.database)
    due = await notices.next_due(world.database, NOW)
    assert due is not None
    notice, _ = due
    assert await notices.claim(world.database, notice.id, NOW)
    assert not await notices.claim(world.database, notice.id, NOW)
    assert await notices.next_due(world.database, NOW + MINUTE) is None
    assert await notices.next_due(world.database, NOW + 3 * MINUTE) is None
    async with world.database.reading() as session:
        assert await session.scalar(sa.select(Notice.status)) is NoticeStatus.UNCERTAIN
    assert await notices.send_again(world.database, notice.id, NOW)
    assert not await notices.send_again(world.database, notice.id, NOW)
    assert await notices.next_due(world.database, NOW) is not None


async def test_a_message_that_is_not_taken_is_tried_five_times_more(world: World) -> None:
    await add(world.database, "all")
    await end_run(world, RunStatus.FAILED)
    await told(world.database)
    now, tries = NOW, 0
    while due := await notices.next_due(world.database, now):
        assert await notices.claim(world.database, due[0].id, now)
        await notices.settle(world.database, due[0], NoticeStatus.FAILED, now)
        now, tries = now + dt.timedelta(days=1), tries + 1
    assert tries == 6
    async with world.database.reading() as session:
        assert await session.scalar(sa.select(Notice.status)) is NoticeStatus.FAILED


@pytest.mark.parametrize(("language", "said"), [(None, "名称変更"), ("en", "renamed")])
async def test_a_message_says_what_changed_in_the_language_of_the_settings(
    world: World, language: str | None, said: str
) -> None:
    await add(world.database, "all")
    await world.sync()
    world.simulator.set_today(DAY2)
    run = await world.sync()
    await told(world.database)
    async with world.database.reading() as session:
        notice, _ = (await notices.recent(session))[0]
        changes = await changes_of_run(session, run.id)
    public = "https://meigara.example.jp/"
    settings = Settings(database_url="sqlite://", language=language, public_url=public)
    message = compose(run, notice, changes, settings)
    assert "10010 新しい社名" in message.body
    assert said in message.body
    assert message.body.endswith("https://meigara.example.jp/runs/2")


async def test_a_failed_source_is_told_with_what_to_do(world: World) -> None:
    await add(world.database, "all")
    world.simulator.set_faults("wrong-key")
    with pytest.raises(JQuantsError):
        await world.sync()
    await told(world.database)
    async with world.database.reading() as session:
        notice, _ = (await notices.recent(session))[0]
        run = await session.get_one(SyncRun, notice.run_id)
    message = compose(run, notice, [], Settings(database_url="sqlite://"))
    assert "API" in message.body
    assert len(message.body.splitlines()) == 2
