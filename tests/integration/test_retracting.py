"""A stored list is taken out again, and nothing tells that it was there but what says so."""

import asyncio
import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from meigara.db.accounts import AuditEntry
from meigara.db.engine import Database
from meigara.db.migrate import upgrade
from meigara.db.models import StoredRoster, SyncRun
from meigara.db.rosters import version_of_lists
from meigara.db.soundness import findings_in
from meigara.db.url import database_url as parsed
from meigara.domain.auditing import Action
from meigara.domain.run import RunStatus
from meigara.errors import NothingSynced, RosterNotFound, StoreBusy
from meigara.services.changes import ChangeQuery, changes_of_run, changes_since, follow_changes
from meigara.services.keeping import forget_runs, purge_before
from meigara.services.retracting import Retraction, outlook, retract, retract_run
from tests.integration.conftest import DAY1, DAY2, DAY3, LIST1, LIST2, LIST3, NOW, World
from tests.integration.publishing import Issues, assert_as_if_never, published
from tests.rosters import a_list

DAY4 = dt.date(2025, 7, 4)
FAR = dt.date(2035, 6, 1)
TRUNCATED = dict(list(LIST2.items())[:10])
SHUFFLED = {
    code: issue._replace(market="0112", sector33="9050", name=f"偽{code}")
    for code, issue in LIST2.items()
} | a_list(3, start=7000)


@pytest.fixture
async def never(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give a second store, for what would be so without the wrong list."""
    url = f"sqlite:///{tmp_path_factory.mktemp('never') / 'never.db'}"
    await asyncio.to_thread(upgrade, url)
    store = Database(parsed(url))
    yield store
    await store.close()


async def retracted(database: Database, day: dt.date) -> Retraction:
    return await retract(database, day, "hanako", NOW)


@pytest.mark.parametrize(
    ("day", "issues"), [(FAR, LIST2), (DAY3, TRUNCATED), (DAY3, SHUFFLED)],
    ids=["a day of the future", "a truncated list", "wrong classes and invented issues"],
)  # fmt: skip
async def test_a_poisoned_store_becomes_what_it_never_was_not(
    database: Database, never: Database, day: dt.date, issues: Issues
) -> None:
    for store in (database, never):
        await published(store, DAY1, LIST1)
        await published(store, DAY2, LIST2)
    wrong = await published(database, day, issues, suffix="!")
    found = await retracted(database, day)
    assert (found.run_ids, found.issues) == ((wrong,), len(issues))
    assert (found.previous, found.following) == (DAY2, None)
    await assert_as_if_never(database, never)
    for store in (database, never):
        await published(store, DAY3, LIST3)
        await published(store, DAY4, LIST1)
    await assert_as_if_never(database, never)


@pytest.mark.parametrize("wrong", [TRUNCATED, SHUFFLED, LIST1], ids=["cut", "shuffled", "older"])
@pytest.mark.parametrize("suffix", ["", "!"], ids=["same labels", "other labels"])
async def test_a_day_in_the_middle_is_taken_out(
    database: Database, never: Database, wrong: Issues, suffix: str
) -> None:
    """Later lists were compared with the wrong one; one of them was corrected, one confirmed."""
    for store in (database, never):
        await published(store, DAY1, LIST1)
    await published(database, DAY2, wrong, suffix=suffix)
    for store in (database, never):
        await published(store, DAY3, LIST2)
        await published(store, DAY3, LIST3)
        await published(store, DAY4, LIST3)
    await retracted(database, DAY2)
    await assert_as_if_never(database, never)


async def test_the_first_day_is_taken_out(database: Database, never: Database) -> None:
    await published(database, DAY1, SHUFFLED, suffix="!")
    for store in (database, never):
        await published(store, DAY2, LIST2)
        await published(store, DAY3, LIST3)
    found = await retracted(database, DAY1)
    assert (found.previous, found.following) == (None, DAY2)
    await assert_as_if_never(database, never)


async def test_the_only_day_is_taken_out(database: Database, never: Database) -> None:
    await published(database, DAY1, SHUFFLED)
    await published(database, DAY1, LIST1)
    found = await retracted(database, DAY1)
    assert found.run_ids == (1, 2)
    await assert_as_if_never(database, never)
    async with database.reading() as session:
        with pytest.raises(NothingSynced):
            await changes_since(session, DAY1)


async def test_a_day_that_was_added_later_is_taken_out(database: Database, never: Database) -> None:
    for store in (database, never):
        await published(store, DAY1, LIST1)
        await published(store, DAY3, LIST3)
    await published(database, DAY2, SHUFFLED, suffix="!")
    await retracted(database, DAY2)
    await assert_as_if_never(database, never)


async def test_two_days_are_taken_out_one_after_the_other(
    database: Database, never: Database
) -> None:
    for store in (database, never):
        await published(store, DAY1, LIST1)
    await published(database, DAY2, TRUNCATED)
    await published(database, DAY3, SHUFFLED, suffix="!")
    for store in (database, never):
        await published(store, DAY4, LIST3)
    await retracted(database, DAY2)
    await retracted(database, DAY3)
    await assert_as_if_never(database, never)


async def test_a_taken_out_list_can_be_fetched_again(database: Database, never: Database) -> None:
    for store in (database, never):
        await published(store, DAY1, LIST1)
    await published(database, DAY2, LIST2)
    await retracted(database, DAY2)
    for store in (database, never):
        await published(store, DAY2, LIST2)
    await assert_as_if_never(database, never)


async def test_what_a_retracted_run_did_is_still_told_and_audited(database: Database) -> None:
    await published(database, DAY1, LIST1)
    run_id = await published(database, DAY2, LIST2)
    async with database.reading() as session:
        before = await changes_of_run(session, run_id)
    found = await retracted(database, DAY2)
    assert found.changes == len(before) == 3
    async with database.reading() as session:
        told = await changes_of_run(session, run_id)
        run = await session.get_one(SyncRun, run_id)
        roster = await session.get_one(StoredRoster, run_id)
        entry = (
            await session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()))
        ).first()
    assert {each[1:] for each in map(_without_name, told)} == {
        each[1:] for each in map(_without_name, before)
    }
    assert run.status is RunStatus.RETRACTED
    assert (roster.is_published, roster.retracted_at) == (False, NOW)
    assert entry is not None
    assert (entry.action, entry.subject, entry.actor) == (
        Action.ROSTER_RETRACTED,
        "2025-07-02",
        "hanako",
    )


def _without_name(change: Any) -> tuple[Any, ...]:
    return (None, change.code, change.kind, change.field, change.before, change.after)


async def test_a_follower_is_told_each_change_that_did_not_happen(database: Database) -> None:
    await published(database, DAY1, LIST1)
    await published(database, DAY2, LIST2)
    async with database.reading() as session:
        told = await follow_changes(session, ChangeQuery(), 0, 100)
    await retracted(database, DAY2)
    async with database.reading() as session:
        after = await follow_changes(session, ChangeQuery(), told[-1].id, 100)
    assert [each.retracts for each in after] == [each.id for each in told][::-1]
    assert [_without_name(each) for each in after] == [_without_name(each) for each in told][::-1]
    assert {each.name for each in after} >= {LIST2["20000"].name}


async def test_the_version_of_the_lists_never_comes_back(database: Database) -> None:
    seen: list[str] = []
    for day, issues in ((DAY1, LIST1), (DAY2, LIST2), (DAY3, LIST3)):
        await published(database, day, issues)
        seen.append(await _version(database))
    for day in (DAY3, DAY2):
        await retracted(database, day)
        seen.append(await _version(database))
    await published(database, DAY2, LIST2)
    seen.append(await _version(database))
    assert len(set(seen)) == len(seen)


async def _version(database: Database) -> str:
    async with database.reading() as session:
        return await version_of_lists(session)


async def test_a_store_that_held_every_true_list_takes_them_again(world: World) -> None:
    await world.sync()
    await published(world.database, FAR, LIST2)
    world.simulator.set_today(DAY3)
    assert (await world.sync()).status is RunStatus.HELD
    await retracted(world.database, FAR)
    run = await world.sync()
    assert (run.status, run.as_of) == (RunStatus.SUCCEEDED, DAY3)


async def test_the_receipt_of_what_was_taken_out_is_kept(database: Database) -> None:
    await published(database, DAY1, LIST1)
    run_id = await published(database, DAY2, LIST2)
    await retracted(database, DAY2)
    assert await forget_runs(database, NOW + dt.timedelta(days=1)) == 0
    assert await purge_before(database, DAY1, None, NOW) == DAY1
    async with database.reading() as session:
        assert (await session.get_one(StoredRoster, run_id)).retracted_at == NOW
        assert [str(finding) async for finding in findings_in(session)] == []


async def test_nothing_is_taken_out_while_a_run_is_active_or_twice(world: World) -> None:
    run = await world.sync()
    active = await world.begin()
    with pytest.raises(StoreBusy):
        await retracted(world.database, DAY1)
    async with world.database.writing() as session:
        (await session.get_one(SyncRun, active)).status = RunStatus.CANCELLED
    attempts = (retract_run(world.database, run.id, None, NOW) for _ in range(5))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(each, Retraction) for each in results) == 1
    assert sum(isinstance(each, RosterNotFound) for each in results) == 4
    async with world.database.reading() as session:
        with pytest.raises(RosterNotFound):
            await outlook(session, DAY1)
