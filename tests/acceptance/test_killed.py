"""A process that dies in the middle of a sync leaves the old list or the new one."""

import datetime as dt
import json
import random
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from meigara.db.engine import Database
from meigara.db.history import list_on
from meigara.db.rosters import span_of_rosters
from meigara.db.soundness import findings_in
from meigara.db.url import database_url as parsed
from meigara.domain.issue import ListedIssue, contents_of
from meigara.simulator import calendar
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running
from tests.acceptance.victim import Fate, sync_until_death
from tests.processes import fast_process
from tests.rosters import a_list, a_row

POINTS = 50
DAYS = 4 * POINTS
ISSUES = 300
CHANGED = 40
FIRST = dt.date(2020, 1, 6)
START = dt.datetime(2025, 7, 11, 5, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def date_of(day: int) -> dt.date:
    """Return a business day by its number; the first one is 0."""
    date = FIRST
    for _ in range(day):
        date = calendar.next_after(date)
    return date


def list_of(day: int) -> dict[str, ListedIssue]:
    """Return the list of a day: some are renamed each day, one is new and one is gone."""
    issues = a_list(ISSUES)
    for code in list(issues)[:CHANGED]:
        issues[code] = issues[code]._replace(name=f"会社{code} その{day}")
    return issues | a_list(1, start=5000 + day)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    """Serve a list for each day."""
    folder = tmp_path_factory.mktemp("rosters")
    for day in range(DAYS):
        write_roster(folder, day)
    with running(SimulatorConfig(rosters=folder, today=FIRST)) as simulator:
        yield simulator


def write_roster(folder: Path, day: int) -> None:
    date = date_of(day).isoformat()
    rows = [a_row(issue, date) for issue in list_of(day).values()]
    (folder / f"{date}.json").write_text(json.dumps({"data": rows}), encoding="utf-8")


def fate_of(dice: random.Random) -> Fate:
    """Choose a moment: half of them between two touches of the database, half at any time."""
    if dice.random() < 0.5:
        return Fate(touch=dice.randint(1, 60))
    return Fate(seconds=dice.uniform(0.0, 0.25))


@pytest.fixture
async def reader(migrated_url: str) -> AsyncIterator[Database]:
    """Give the store as somebody reads it who is not killed."""
    database = Database(parsed(migrated_url))
    yield database
    await database.close()


@pytest.mark.parametrize("part", range(4))
async def test_killed_at_any_of_fifty_points_a_reader_sees_the_old_list_or_the_new_one(
    migrated_url: str, reader: Database, source: RunningSimulator, part: int
) -> None:
    dice = random.Random(f"{migrated_url.split(':', maxsplit=1)[0]} {part}")
    old, deaths = await first_list(reader, migrated_url, source), 0
    for day in range(1, DAYS):
        if deaths == POINTS:
            break
        new = set(contents_of(list_of(day).values()))
        source.set_today(date_of(day))
        arguments = (migrated_url, source.base_url, START + day * MINUTE, fate_of(dice))
        victim = fast_process.Process(target=sync_until_death, args=arguments)
        victim.start()
        while victim.is_alive():
            assert await list_now(reader) in (old, new)
            victim.join(0.01)
        deaths += victim.exitcode == -signal.SIGKILL
        old = await settled(reader, day, old, new)
    assert deaths == POINTS


async def first_list(reader: Database, url: str, source: RunningSimulator) -> set[str]:
    """Sync the first day without an accident."""
    source.set_today(FIRST)
    victim = fast_process.Process(
        target=sync_until_death, args=(url, source.base_url, START, Fate())
    )
    victim.start()
    victim.join()
    assert victim.exitcode == 0
    return await list_now(reader)


async def list_now(reader: Database) -> set[str]:
    async with reader.reading() as session:
        return (await list_on(session, None)).contents


async def settled(reader: Database, day: int, old: set[str], new: set[str]) -> set[str]:
    """Check that list, roster and history agree with each other; return the list."""
    async with reader.reading() as session:
        found, span = (await list_on(session, None)).contents, await span_of_rosters(session)
        assert [finding async for finding in findings_in(session)] == []
    assert span is not None
    is_published = span.last == date_of(day)
    assert found == (new if is_published else old)
    return found
