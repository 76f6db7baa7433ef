"""What a person can do with a held run."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa

from meigara.db.history import list_on
from meigara.db.models import StoredRoster, SyncRun
from meigara.domain.issue import contents_of
from meigara.domain.run import RunStatus
from meigara.errors import RunAlreadyFinished, RunNotApplicable, RunNotFound, RunNotHeld
from meigara.services import runs
from meigara.services.consequences import proposal
from meigara.services.held import apply_held, discard_held
from tests.integration.conftest import DAY1, DAY2, LIMITS, LIST1, LIST2, NOW, World

DAY_AFTER = NOW + dt.timedelta(days=1)


async def held_run(world: World, fault: str = "mass-change") -> SyncRun:
    """Sync once, then get a held run by a fault."""
    await world.sync()
    world.simulator.set_faults(fault)
    run = await world.sync()
    assert run.status is RunStatus.HELD
    return run


async def applied(world: World, run_id: int) -> SyncRun:
    return await apply_held(world.database, run_id, LIMITS, "hanako", DAY_AFTER)


async def answer_of(world: World, run_id: int) -> bytes | None:
    async with world.database.reading() as session:
        query = sa.select(StoredRoster.answer).where(StoredRoster.run_id == run_id)
        return (await session.execute(query)).scalar_one()


async def test_a_held_run_shows_what_it_would_change(world: World) -> None:
    run = await held_run(world)
    async with world.database.reading() as session:
        found = await proposal(session, run.id, LIMITS, NOW)
    assert len(found.change_set.revised) == run.changed == 20
    assert not found.is_defective


async def test_applying_publishes_the_list_and_notes_who_did_it(world: World) -> None:
    run = await applied(world, (await held_run(world)).id)
    assert (run.status, run.changed) == (RunStatus.SUCCEEDED, 20)
    assert (run.decided_by, run.decided_at) == ("hanako", DAY_AFTER)
    assert run.finished_at == NOW
    async with world.database.reading() as session:
        assert (await list_on(session, None)).contents != set(contents_of(LIST1.values()))
    assert await answer_of(world, run.id) is None


async def test_discarding_leaves_the_list_and_forgets_the_answer(world: World) -> None:
    held = await held_run(world)
    assert await answer_of(world, held.id)
    run = await discard_held(world.database, held.id, "hanako", DAY_AFTER)
    assert run.status is RunStatus.DISCARDED
    assert await answer_of(world, held.id) is None
    async with world.database.reading() as session:
        assert (await list_on(session, None)).contents == set(contents_of(LIST1.values()))


@pytest.mark.parametrize("fault", ["empty", "doubled", "missing-field", "missing-page"])
async def test_a_defective_answer_cannot_be_applied(world: World, fault: str) -> None:
    held = await held_run(world, fault)
    with pytest.raises(RunNotApplicable):
        await applied(world, held.id)
    await discard_held(world.database, held.id, None, DAY_AFTER)


async def test_a_run_is_decided_once(world: World) -> None:
    held = await held_run(world)
    attempts = [applied(world, held.id) for _ in range(5)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, SyncRun) for result in results) == 1
    assert sum(isinstance(result, RunNotHeld) for result in results) == 4


async def test_an_older_roster_that_is_applied_becomes_the_past(world: World) -> None:
    world.simulator.set_today(DAY2)
    await world.sync()
    world.simulator.set_today(DAY1)
    run = await applied(world, (await world.sync()).id)
    assert run.as_of == DAY1
    async with world.database.reading() as session:
        assert (await list_on(session, None)).contents == set(contents_of(LIST2.values()))
        assert (await list_on(session, DAY1)).contents == set(contents_of(LIST1.values()))


async def test_a_run_held_yesterday_is_compared_with_the_list_of_today(world: World) -> None:
    held = await held_run(world)
    world.simulator.set_faults()
    world.simulator.set_today(DAY2)
    await world.sync()
    run = await applied(world, held.id)
    assert run.as_of == DAY1
    async with world.database.reading() as session:
        assert (await list_on(session, None)).contents == set(contents_of(LIST2.values()))


async def test_only_a_held_run_can_be_decided(world: World) -> None:
    run = await world.sync()
    with pytest.raises(RunNotHeld):
        await applied(world, run.id)
    with pytest.raises(RunNotHeld):
        await discard_held(world.database, run.id, None, NOW)
    with pytest.raises(RunNotFound):
        await applied(world, 99)


async def test_a_finished_run_cannot_be_cancelled(world: World) -> None:
    run = await world.sync()
    with pytest.raises(RunAlreadyFinished):
        await runs.request_cancel(world.database, run.id, None, NOW)


async def test_fifty_syncs_begun_at_once_are_one_run(world: World) -> None:
    results = await asyncio.gather(*(world.begin() for _ in range(50)), return_exceptions=True)
    begun = [result for result in results if isinstance(result, int)]
    assert len(begun) == 1
    assert {getattr(r, "run_id", None) for r in results if not isinstance(r, int)} == set(begun)
