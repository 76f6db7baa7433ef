"""Each receipt proves the list, the labels and the changes that were published with it."""

import datetime as dt
from pathlib import Path

import sqlalchemy as sa

from meigara.db.history import list_on
from meigara.db.labels import labels_on
from meigara.db.models import StoredChange, StoredRoster
from meigara.db.recent import lately
from meigara.domain.digest import (
    EMPTY,
    digest_of,
    digest_of_labels,
    shifted,
    text_of_change,
)
from meigara.domain.issue import contents_of
from meigara.domain.run import RunStatus
from meigara.services.held import apply_held
from tests.integration.conftest import (
    DAY1,
    DAY2,
    DAY3,
    LIMITS,
    LIST1,
    LIST2,
    LIST3,
    NOW,
    World,
    write_rosters,
)


async def receipt(world: World, run_id: int) -> StoredRoster:
    async with world.database.reading() as session:
        return await session.get_one(StoredRoster, run_id)


async def assert_proven(world: World, run_id: int) -> None:
    """Compare the digests of a receipt with those of what the store holds of its day."""
    stored = await receipt(world, run_id)
    columns = [getattr(StoredChange, name) for name in ("code", "kind", "field", "before", "after")]
    async with world.database.reading() as session:
        contents = (await list_on(session, stored.as_of)).contents
        labels = await labels_on(session, stored.as_of)
        changes = await session.execute(sa.select(*columns).where(StoredChange.run_id == run_id))
        assert stored.list_digest == digest_of(contents)
        assert stored.changes_digest == digest_of(text_of_change(row) for row in changes)
        assert stored.labels_digest == digest_of_labels(labels)


def test_a_digest_follows_a_change_of_its_texts_and_knows_no_order() -> None:
    assert shifted(digest_of("abc"), gone="b", come="de") == digest_of("edca")
    assert shifted(digest_of("a"), gone="a") == EMPTY
    assert digest_of(("ab", "c")) != digest_of(("a", "bc"))


async def test_each_published_list_is_proven_whatever_the_order(world: World) -> None:
    for day in (DAY2, DAY1, DAY3):
        world.simulator.set_today(day)
        run = await world.sync(day, is_backfill=True)
        assert run.status is RunStatus.SUCCEEDED
        await assert_proven(world, run.id)


async def test_a_confirmed_list_and_a_corrected_one_are_proven(
    world: World, tmp_path: Path
) -> None:
    await world.sync()
    await assert_proven(world, (await world.sync()).id)
    write_rosters(tmp_path / "rosters", {DAY1: LIST2})
    await assert_proven(world, (await world.sync()).id)


async def test_what_the_source_left_out_counts_as_it_is_stored(
    world: World, tmp_path: Path
) -> None:
    await world.sync()
    incomplete = {code: issue._replace(margin="") for code, issue in LIST2.items()}
    write_rosters(tmp_path / "rosters", {DAY2: incomplete})
    world.simulator.set_today(DAY2)
    await assert_proven(world, (await world.sync()).id)


async def test_a_store_without_digests_gets_one_with_its_next_list(world: World) -> None:
    await world.sync()
    async with world.database.writing() as session:
        await session.execute(sa.update(StoredRoster).values(list_digest=None))
    world.simulator.set_today(DAY2)
    await assert_proven(world, (await world.sync()).id)


async def test_a_held_answer_has_its_own_digest_until_it_is_applied(world: World) -> None:
    await world.sync()
    world.simulator.set_faults("mass-change")
    held = await world.sync()
    stored = await receipt(world, held.id)
    assert stored.list_digest not in (None, digest_of(contents_of(LIST1.values())))
    assert (stored.changes_digest, stored.labels_digest) == (None, None)
    await apply_held(world.database, held.id, LIMITS, "hanako", NOW + dt.timedelta(minutes=1))
    await assert_proven(world, held.id)


async def test_a_list_that_is_as_an_older_one_is_recognised(world: World) -> None:
    for day in (DAY1, DAY2):
        world.simulator.set_today(day)
        await world.sync()
    first, second, third = (digest_of(contents_of(each.values())) for each in (LIST1, LIST2, LIST3))
    async with world.database.reading() as session:
        found = [await lately(session, DAY2, DAY3, each) for each in (first, second, third)]
    assert [each.equal_day for each in found] == [DAY1, None, None]
