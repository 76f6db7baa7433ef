"""The numbers to watch, over runs that come and go."""

import datetime as dt

import pytest

from meigara.db.engine import Database
from meigara.domain.run import RunStatus
from meigara.errors import KeyRefused
from meigara.services import keeping
from meigara.services.held import discard_held
from meigara.services.metrics import Figures, figures
from meigara.services.notices import take_events
from tests.integration.conftest import DAY2, NOW, World

LATER = NOW + dt.timedelta(days=400)


async def counted(database: Database) -> Figures:
    """Let the runs that have ended be counted, as a tick does; return the numbers."""
    async with database.writing() as session:
        await take_events(session, NOW)
    async with database.reading() as session:
        return await figures(session, NOW)


async def test_the_counters_of_runs_never_fall_whatever_is_deleted(world: World) -> None:
    await world.sync()
    world.simulator.set_faults("wrong-key")
    for _ in range(2):
        with pytest.raises(KeyRefused):
            await world.sync()
    before = await counted(world.database)
    assert (before.ended[RunStatus.SUCCEEDED], before.ended[RunStatus.FAILED]) == (1, 2)
    assert await keeping.forget_runs(world.database, LATER) == 2
    after = await counted(world.database)
    assert after.runs[RunStatus.FAILED] == 0
    assert after.ended == before.ended
    await keeping.purge_all(world.database, "me", NOW)
    assert (await counted(world.database)).ended == before.ended


async def test_a_held_run_is_counted_once_when_it_is_held_and_once_when_it_is_decided(
    world: World,
) -> None:
    await world.sync()
    world.simulator.set_today(DAY2)
    world.simulator.set_faults("mass-change")
    run = await world.sync()
    for _ in range(2):
        assert (await counted(world.database)).ended[RunStatus.HELD] == 1
    await discard_held(world.database, run.id, "me", NOW)
    ended = (await counted(world.database)).ended
    assert (ended[RunStatus.HELD], ended[RunStatus.DISCARDED]) == (1, 1)
