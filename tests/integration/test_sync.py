"""What one sync does to the store."""

import asyncio
import datetime as dt
import logging
from dataclasses import replace

import pytest
import sqlalchemy as sa

from meigara.db.engine import Database, to_the_end
from meigara.db.history import list_on
from meigara.db.models import IssueVersion, StoredChange, StoredRoster
from meigara.domain.issue import contents_of
from meigara.domain.run import Phase, RunStatus, Trigger
from meigara.errors import (
    JQuantsContractBroken,
    JQuantsFailing,
    JQuantsUnavailable,
    KeyRefused,
    LeaseLost,
    MeigaraError,
    RunAlreadyActive,
)
from meigara.execution.embedded import EmbeddedDispatcher
from meigara.services import queue, runs
from meigara.services.changes import changes_of_run, changes_since
from meigara.services.progress import Progress
from tests.integration.conftest import DAY1, DAY2, DAY3, LIST1, LIST2, LIST3, NOW, World


async def contents_on(database: Database, day: dt.date | None) -> set[str]:
    async with database.reading() as session:
        return (await list_on(session, day)).contents


async def count(database: Database, table: type[object]) -> int:
    async with database.reading() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


async def test_a_first_sync_takes_the_whole_list_and_records_no_change(world: World) -> None:
    run = await world.sync()
    assert (run.status, run.as_of) == (RunStatus.SUCCEEDED, DAY1)
    assert (run.total, run.listed, run.delisted, run.changed) == (40, 40, 0, 0)
    assert await contents_on(world.database, None) == set(contents_of(LIST1.values()))
    assert await count(world.database, StoredChange) == 0


async def test_a_second_sync_of_the_same_list_writes_no_issue_row(world: World) -> None:
    await world.sync()
    run = await world.sync()
    assert (run.total, run.unchanged, run.listed, run.changed) == (40, 40, 0, 0)
    assert await count(world.database, IssueVersion) == 40
    assert await count(world.database, StoredRoster) == 2


async def test_the_next_day_writes_only_what_changed(world: World) -> None:
    await world.sync()
    world.simulator.set_today(DAY2)
    run = await world.sync()
    assert (run.listed, run.delisted, run.changed, run.unchanged) == (1, 1, 1, 38)
    assert await count(world.database, IssueVersion) == 42
    assert await contents_on(world.database, None) == set(contents_of(LIST2.values()))


async def test_the_change_set_is_the_result_of_the_run(world: World) -> None:
    await world.sync()
    world.simulator.set_today(DAY2)
    run = await world.sync()
    async with world.database.reading() as session:
        found = [
            (each.code, each.kind, each.before, each.after)
            for each in await changes_of_run(session, run.id)
        ]
    assert found == [
        ("10000", "delisted", "会社10000", None),
        ("10010", "renamed", "会社10010", "新しい社名"),
        ("20000", "listed", None, "会社20000"),
    ]


async def test_every_past_day_is_answered_as_it_was(world: World) -> None:
    for day in (DAY1, DAY2, DAY3):
        world.simulator.set_today(day)
        await world.sync()
    for day, issues in ((DAY1, LIST1), (DAY2, LIST2), (DAY3, LIST3)):
        assert await contents_on(world.database, day) == set(contents_of(issues.values()))


async def test_a_code_that_comes_back_under_another_name_is_the_same_code(world: World) -> None:
    for day in (DAY1, DAY2, DAY3):
        world.simulator.set_today(day)
        await world.sync()
    async with world.database.reading() as session:
        events = [
            (e.as_of, e.kind, e.name)
            for e in await changes_since(session, DAY1)
            if e.code == "10000"
        ]
    assert events == [(DAY2, "delisted", "会社10000"), (DAY3, "listed", "戻った会社")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1), (0, 2, 1)])
async def test_the_history_is_the_same_whatever_day_came_first(
    world: World, order: tuple[int, ...]
) -> None:
    days = (DAY1, DAY2, DAY3)
    world.simulator.set_today(DAY3)
    for index in order:
        run = await world.sync(days[index], is_backfill=True)
        assert run.as_of == days[index]
    for day, issues in ((DAY1, LIST1), (DAY2, LIST2), (DAY3, LIST3)):
        assert await contents_on(world.database, day) == set(contents_of(issues.values()))
    async with world.database.reading() as session:
        events = {(e.as_of, e.code, e.kind) for e in await changes_since(session, DAY1)}
    assert events == {
        (DAY2, "10000", "delisted"),
        (DAY2, "10010", "renamed"),
        (DAY2, "20000", "listed"),
        (DAY3, "10000", "listed"),
    }


async def test_a_missing_optional_field_changes_nothing(world: World) -> None:
    await world.sync()
    world.simulator.set_faults("missing-optional")
    run = await world.sync()
    assert (run.status, run.changed, run.unchanged) == (RunStatus.SUCCEEDED, 0, 40)
    assert run.companies == 40


@pytest.mark.parametrize("fault", ["extra-field", "unknown-codes", "long-name", "pages"])
async def test_what_a_list_may_hold_does_not_stop_a_sync(world: World, fault: str) -> None:
    await world.sync()
    world.simulator.set_faults(fault)
    run = await world.sync()
    assert run.status is RunStatus.SUCCEEDED
    assert run.total == 40


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("empty", "empty_answer"),
        ("missing-page", "page_missing"),
        ("shrunken", "mass_delisting"),
        ("doubled", "code_doubled"),
        ("missing-field", "field_missing"),
        ("null-field", "field_missing"),
        ("mixed-dates", "dates_mixed"),
        ("mass-change", "mass_change"),
    ],
)
async def test_a_wrong_answer_is_held_and_changes_nothing(
    world: World, fault: str, kind: str
) -> None:
    await world.sync()
    before = await contents_on(world.database, None)
    world.simulator.set_faults(fault)
    run = await world.sync()
    assert run.status is RunStatus.HELD
    assert kind in [reason["kind"] for reason in run.hold_reasons or []]
    assert await contents_on(world.database, None) == before
    assert await count(world.database, IssueVersion) == 40


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("500", JQuantsFailing),
        ("503-html", JQuantsFailing),
        ("html-200", JQuantsFailing),
        ("bad-json", JQuantsFailing),
        ("truncated", JQuantsUnavailable),
        ("reset", JQuantsUnavailable),
        ("wrong-type", JQuantsContractBroken),
        ("endless-pages", JQuantsContractBroken),
        ("wrong-key", KeyRefused),
    ],
)
async def test_a_failed_fetch_fails_the_run_with_its_cause_and_changes_nothing(
    world: World, fault: str, error: type[MeigaraError]
) -> None:
    await world.sync()
    before = await contents_on(world.database, None)
    world.simulator.set_faults(fault)
    with pytest.raises(error):
        await world.sync()
    async with world.database.reading() as session:
        run = (await runs.history(session, runs.HistoryQuery(limit=1)))[0]
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert run.error["kind"] == error.__name__
    assert await contents_on(world.database, None) == before


async def test_a_roster_older_than_the_newest_is_held_and_never_todays_list(world: World) -> None:
    world.simulator.set_today(DAY2)
    await world.sync()
    world.simulator.set_today(DAY1)
    run = await world.sync()
    assert run.status is RunStatus.HELD
    assert [reason["kind"] for reason in run.hold_reasons or []] == ["date_backwards"]
    assert await contents_on(world.database, None) == set(contents_of(LIST2.values()))


async def test_the_progress_goes_through_every_phase(world: World) -> None:
    seen: list[Progress] = []
    await world.sync(listener=seen.append)
    assert list(dict.fromkeys(each.phase for each in seen)) == list(Phase)
    assert seen[-1].pages == 1
    assert seen[-1].rows == 40


@pytest.mark.parametrize("steps", range(0, 24, 2))
async def test_a_sync_cancelled_while_it_begins_leaves_no_run_active(
    world: World, steps: int
) -> None:
    beginning = asyncio.create_task(
        world.syncer().begin(queue.RunRequest(Trigger.CLI), "me", lambda _progress: None)
    )
    for _ in range(steps):
        await asyncio.sleep(0.0005)
    beginning.cancel()
    await asyncio.wait({beginning})
    assert beginning.cancelled() or beginning.result().status is RunStatus.SUCCEEDED
    async with world.database.reading() as session:
        assert await queue.active_run(session) is None


async def test_one_run_at_a_time(world: World) -> None:
    run_id = await world.begin()
    with pytest.raises(RunAlreadyActive) as caught:
        await world.begin()
    assert caught.value.run_id == run_id


async def test_a_run_whose_lease_has_lapsed_gives_way(world: World) -> None:
    first = await world.begin()
    later = NOW + runs.LEASE + dt.timedelta(seconds=1)
    request = queue.RunRequest(Trigger.CLI)
    second = await queue.begin_run(world.database, request, "other", later)
    async with world.database.reading() as session:
        assert (await runs.get_run(session, first)).status is RunStatus.ABANDONED
        assert (await runs.get_run(session, second)).status is RunStatus.RUNNING


async def test_a_process_that_lost_its_lease_writes_nothing(world: World) -> None:
    run_id = await world.begin()
    async with world.database.writing() as session:
        await runs.reap(session, NOW + runs.LEASE + dt.timedelta(seconds=1))
    with pytest.raises(LeaseLost):
        await world.syncer().run(run_id, "me", lambda _progress: None)
    assert await contents_on(world.database, None) == set()


async def test_a_fetch_that_ends_within_a_renewal_leaves_no_lock_and_no_error(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    always_renewing = replace(world.syncer(), pulse_seconds=0.0)
    request = queue.RunRequest(Trigger.CLI, "me")
    for _ in range(30):
        run = await always_renewing.begin(request, "me", lambda _progress: None)
        assert run.status is RunStatus.SUCCEEDED
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_a_fetch_that_ends_while_a_renewal_waits_for_a_lock_leaves_none(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    always_renewing = replace(world.syncer(), pulse_seconds=0.0)
    world.simulator.set_faults("slow:0.3")
    run_id = await world.begin()
    running = asyncio.ensure_future(always_renewing.run(run_id, "me", lambda _progress: None))
    async with world.database.writing() as session:
        await runs.get_run(session, run_id, lock=True)
        await asyncio.sleep(0.8)
    assert (await running).status is RunStatus.SUCCEEDED
    assert (await world.sync()).status is RunStatus.SUCCEEDED
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_a_cancel_within_a_renewal_is_no_less_quick(world: World) -> None:
    world.simulator.set_faults("hang")
    always_renewing = replace(world.syncer(), pulse_seconds=0.0)
    for _ in range(10):
        run_id = await world.begin()
        running = asyncio.ensure_future(always_renewing.run(run_id, "me", lambda _progress: None))
        await asyncio.sleep(0.02)
        async with asyncio.timeout(5):
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        async with world.database.reading() as session:
            assert (await runs.get_run(session, run_id)).status is RunStatus.CANCELLED


async def test_a_worker_that_ends_while_it_claims_gives_the_run_back(world: World) -> None:
    world.simulator.set_faults("hang")
    sync = replace(world.syncer(), gives_back=True)
    run, _ = await queue.start_run(world.database, queue.RunRequest(Trigger.WEB), NOW)
    for moment in range(20):
        async with asyncio.timeout(5), EmbeddedDispatcher(sync, "me") as dispatcher:
            await dispatcher.dispatch(run.id)
            await asyncio.sleep(moment / 1_000)
        async with world.database.reading() as session:
            assert (await runs.get_run(session, run.id)).status is RunStatus.QUEUED


async def test_work_that_is_to_be_done_to_the_end_is_so_however_often_it_is_cancelled() -> None:
    is_done = False

    async def work() -> None:
        nonlocal is_done
        await asyncio.sleep(0.05)
        is_done = True

    working = asyncio.ensure_future(to_the_end(work()))
    for _ in range(3):
        await asyncio.sleep(0.005)
        working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert is_done
