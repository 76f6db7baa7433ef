"""PostgreSQL does not answer any more, or this process does not go on: neither waits for ever."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from meigara.db.clock import Clock
from meigara.db.engine import TOO_LATE, Database
from meigara.db.limits import Limits
from meigara.db.models import SyncRun
from meigara.db.url import database_url as parsed
from meigara.domain.run import Trigger
from meigara.errors import StoreUnavailable
from meigara.services import queue, runs
from tests.proxy import Proxy, proxy_to

QUICK = Limits(statement=1, lock=0.5, idle=1, ping=0.5, pool=0.5)
MARGIN = 2.0
ONE, SLOW = sa.text("SELECT 1"), sa.text("SELECT pg_sleep(30)")
on_postgresql = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)


@pytest.fixture
def proxy(migrated_url: str) -> Iterator[Proxy]:
    """Stand between this process and the server."""
    url = sa.make_url(migrated_url)
    with proxy_to(str(url.host), int(url.port or 0)) as proxy:
        yield proxy


@pytest.fixture
async def store(migrated_url: str, proxy: Proxy) -> AsyncIterator[Database]:
    """Give a store that is reached through the proxy, and one connection to it."""
    store = Database(parsed(migrated_url).set(host="127.0.0.1", port=proxy.port), QUICK)
    await ask(store)
    yield store
    await store.close()


async def ask(store: Database, query: sa.TextClause = ONE) -> None:
    """Ask the store something."""
    async with store.reading() as session:
        await session.execute(query)


async def seconds_until_told(store: Database, query: sa.TextClause = ONE) -> float:
    """Return how long it takes until the silence of the store is told."""
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await ask(store, query)
    return time.monotonic() - begun


@on_postgresql
async def test_a_connection_that_fell_silent_in_the_pool_is_replaced(
    store: Database, proxy: Proxy
) -> None:
    proxy.fall_silent()
    proxy.let_new_ones_through()
    begun = time.monotonic()
    await ask(store)
    assert time.monotonic() - begun < QUICK.ping + 3


@on_postgresql
async def test_where_nothing_answers_it_is_told_after_seconds(
    store: Database, proxy: Proxy
) -> None:
    proxy.fall_silent()
    assert await seconds_until_told(store) < 5


@on_postgresql
async def test_a_server_that_lets_in_and_then_says_nothing_is_told_as_well(
    store: Database, proxy: Proxy
) -> None:
    proxy.fall_silent()
    proxy.let_new_ones_through()
    sa.event.listen(store.engine.sync_engine, "connect", lambda *_: proxy.fall_silent())
    assert await seconds_until_told(store) < 5


@on_postgresql
async def test_a_statement_that_is_under_way_when_the_connection_falls_silent_ends(
    store: Database, proxy: Proxy
) -> None:
    asking = asyncio.create_task(seconds_until_told(store, SLOW))
    await until_asked(store)
    proxy.fall_silent()
    proxy.let_new_ones_through()
    assert await asking < QUICK.statement + MARGIN + 1
    await ask(store)


@on_postgresql
async def test_looks_that_are_not_answered_take_no_thread_from_others(
    store: Database, proxy: Proxy
) -> None:
    await store.look(sa.select(sa.literal(1)))
    proxy.fall_silent()
    looks = [asyncio.create_task(store.look(sa.select(sa.literal(1)))) for _ in range(12)]
    begun = time.monotonic()
    await asyncio.to_thread(lambda: None)
    assert time.monotonic() - begun < 1
    for look in looks[:2]:
        with pytest.raises(StoreUnavailable):
            await look
    for look in looks:
        look.cancel()


@on_postgresql
async def test_a_statement_that_takes_too_long_is_ended_and_said_so(store: Database) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await ask(store, SLOW)
    assert caught.value.params["reason"] == TOO_LATE


@on_postgresql
async def test_long_work_is_not_ended(store: Database) -> None:
    async with store.writing(is_long=True) as session:
        await session.execute(sa.text("SELECT pg_sleep(4)"))
        await asyncio.sleep(1.5)
        await session.execute(ONE)


@on_postgresql
async def test_who_finds_all_connections_taken_is_told_so_soon(store: Database) -> None:
    sleepers = [asyncio.create_task(ask(store, sa.text("SELECT pg_sleep(0.9)"))) for _ in range(15)]
    pool: Any = store.engine.pool
    while pool.checkedout() < len(sleepers):
        await asyncio.sleep(0.01)
    with pytest.raises(StoreUnavailable) as caught:
        await ask(store)
    assert caught.value.params["reason"] == TOO_LATE
    await asyncio.gather(*sleepers)


@on_postgresql
async def test_a_process_that_stops_in_the_middle_of_publishing_loses_the_locks_and_writes_nothing(
    store: Database, database: Database
) -> None:
    now = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    run_id = await queue.begin_run(store, queue.RunRequest(Trigger.CLI), "me", now)

    async def publish() -> None:
        async with store.writing() as session:
            await runs.guard(session, run_id, "me")
            async with database.writing() as other:  # waits until the server has ended the first
                await runs.reap(other, now + 2 * runs.LEASE)
            await session.execute(sa.update(SyncRun).values(total=1))

    with pytest.raises(StoreUnavailable):
        await publish()
    async with database.reading() as session:
        run = await runs.get_run(session, run_id)
        assert (run.status, run.total) == ("abandoned", None)


@on_postgresql
async def test_whoever_waits_for_a_lock_is_told_in_time(
    store: Database, database: Database
) -> None:
    now = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    run_id = await queue.begin_run(database, queue.RunRequest(Trigger.CLI), "me", now)
    async with database.writing() as session:
        await runs.guard(session, run_id, "me")
        with pytest.raises(StoreUnavailable) as caught:
            async with store.writing() as other:
                await runs.reap(other, now + 2 * runs.LEASE)
    assert caught.value.params["reason"] == TOO_LATE


@on_postgresql
async def test_the_address_may_set_other_limits_for_the_server(migrated_url: str) -> None:
    url = parsed(migrated_url).update_query_dict({"options": "-c statement_timeout=123ms"})
    store = Database(url)
    async with store.reading() as session:
        assert await session.scalar(sa.text("SHOW statement_timeout")) == "123ms"
        assert await session.scalar(sa.text("SHOW lock_timeout")) == "10s"
    await store.close()


async def test_the_time_is_that_of_the_database_whatever_this_machine_believes(
    database: Database,
) -> None:
    asked = sa.text("SELECT extract(epoch FROM clock_timestamp())")
    if database.engine.dialect.name == "sqlite":
        asked = sa.text("SELECT (julianday('now') - 2440587.5) * 86400")
    async with database.reading() as session:
        told = float((await session.execute(asked)).scalar_one())
    assert abs(database.now().timestamp() - told) < 0.5


def test_a_clock_that_was_set_goes_on_from_there() -> None:
    clock = Clock()
    assert abs(clock.now().timestamp() - time.time()) < 0.5
    clock.set(time.time() + 300)
    assert 299.5 < clock.now().timestamp() - time.time() < 300.5


async def until_asked(store: Database) -> None:
    """Wait until the server works on the slow statement."""
    query = sa.text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%'")
    for _ in range(100):
        async with store.reading() as session:
            if (await session.scalar(query) or 0) > 1:
                return
        await asyncio.sleep(0.02)
