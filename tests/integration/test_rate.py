"""Processes that share a store share the calls that a plan allows in a minute."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence

import pytest
import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.models import DataSource
from meigara.db.url import database_url as parsed
from meigara.services.rate import StoreLimiter

START = dt.datetime(2026, 11, 20, 21, 0, tzinfo=dt.UTC)
MINUTE, SECOND = dt.timedelta(seconds=60), dt.timedelta(seconds=1)


class Time:
    """The true time; it passes when somebody sleeps, or as the test says."""

    def __init__(self) -> None:
        self.moment = START

    async def sleep(self, seconds: float) -> None:
        """Wake after so much time; those who sleep together wake together."""
        until = self.moment + dt.timedelta(seconds=seconds)
        await asyncio.sleep(0)
        self.moment = max(self.moment, until)


class Caller:
    """A process with a limiter; it notes when each of its calls was counted."""

    def __init__(self, store: Database, time: Time, ahead: dt.timedelta = SECOND * 0) -> None:
        self.made: list[dt.datetime] = []
        self.waits: list[tuple[dt.datetime, float]] = []
        self._time = time
        self._ahead = ahead
        self._looked_at = time.moment
        self._limiter = StoreLimiter(store, self._now, time.sleep)

    async def call(self, calls: int) -> None:
        """Make one call under a plan of so many a minute."""
        await self._limiter.acquire(
            calls, lambda seconds: self.waits.append((self._time.moment, seconds))
        )
        self.made.append(self._looked_at)

    def _now(self) -> dt.datetime:
        self._looked_at = self._time.moment
        return self._looked_at + self._ahead


def most_in_a_minute(callers: Sequence[Caller]) -> int:
    """Return the most calls that any 60 seconds hold, both ends included."""
    made = [at for caller in callers for at in caller.made]
    return max(sum(start <= at <= start + MINUTE for at in made) for start in made)


async def remembered(database: Database) -> int:
    """Return how many calls the store remembers."""
    async with database.reading() as session:
        return len(await session.scalar(sa.select(DataSource.recent_calls)) or ())


@pytest.fixture
def time() -> Time:
    """Give a time that the test moves."""
    return Time()


@pytest.fixture
async def stores(database: Database, migrated_url: str) -> AsyncIterator[list[Database]]:
    """Give the same store to three processes, each with connections of its own."""
    found = [Database(parsed(migrated_url)) for _ in range(3)]
    yield found
    for each in found:
        await each.close()


@pytest.fixture
def callers(stores: list[Database], time: Time) -> list[Caller]:
    """Give three processes with one store and the right time."""
    return [Caller(store, time) for store in stores]


@pytest.mark.parametrize("calls", [1, 5, 60])
async def test_no_sixty_seconds_hold_more_calls_than_the_plan_allows(
    callers: list[Caller], time: Time, calls: int
) -> None:
    for number in range(3 * calls):
        await callers[number % 3].call(calls)
        time.moment += SECOND / 3
    assert most_in_a_minute(callers) == calls
    assert sum(len(caller.made) for caller in callers) == 3 * calls


async def test_processes_that_ask_at_once_keep_to_the_plan_together(
    stores: list[Database], time: Time
) -> None:
    callers = [Caller(stores[number % 3], time) for number in range(18)]
    await asyncio.gather(*(caller.call(5) for caller in callers))
    assert [len(caller.made) for caller in callers] == [1] * 18
    assert most_in_a_minute(callers) == 5
    assert time.moment - START >= 3 * MINUTE


async def test_what_the_plan_allows_passes_without_a_wait(
    callers: list[Caller], time: Time
) -> None:
    for number in range(5):
        await callers[number % 3].call(5)
    assert [caller.waits for caller in callers] == [[], [], []]
    assert time.moment == START


async def test_a_wait_is_told_before_it_begins_and_lasts_as_long_as_was_told(
    callers: list[Caller], time: Time
) -> None:
    for caller in callers:
        await caller.call(2)
    (told_at, seconds), *more = callers[2].waits
    assert (told_at, more) == (START, [])
    assert seconds >= 60
    assert time.moment == START + dt.timedelta(seconds=seconds)


async def test_the_store_remembers_the_calls_of_one_minute_only(
    database: Database, callers: list[Caller], time: Time
) -> None:
    for number in range(12):
        await callers[number % 3].call(5)
        time.moment += 20 * SECOND
    assert await remembered(database) == 4


async def test_a_clock_that_is_set_back_by_hours_makes_nobody_wait_for_hours(
    callers: list[Caller], time: Time
) -> None:
    for caller in callers:
        await caller.call(3)
    time.moment -= dt.timedelta(hours=5)
    await callers[0].call(3)
    assert all(seconds <= 61 for caller in callers for _at, seconds in caller.waits)


@pytest.mark.parametrize("ahead", [-1, 1], ids=["behind", "ahead"])
async def test_clocks_that_differ_by_a_second_do_not_let_more_calls_pass(
    stores: list[Database], time: Time, ahead: int
) -> None:
    callers = [Caller(stores[0], time, ahead * SECOND), Caller(stores[1], time)]
    for number in range(20):
        await callers[number % 2].call(5)
    assert most_in_a_minute(callers) <= 5
