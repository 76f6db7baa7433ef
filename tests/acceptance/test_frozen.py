"""A process that is frozen stops no other one, and writes nothing when it wakes too late."""

import datetime as dt
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.limits import Limits
from meigara.db.models import SyncRun
from meigara.db.tables import TABLES
from meigara.db.url import database_url as parsed
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import StoreUnavailable
from meigara.services import runs
from meigara.services.queue import RunRequest, begin_run
from meigara.simulator.server import RunningSimulator, SimulatorConfig
from tests.acceptance import test_cluster, test_killed
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import serving
from tests.acceptance.test_cluster import Cluster
from tests.acceptance.test_killed import FIRST, MINUTE, START, date_of, write_roster
from tests.acceptance.victim import Fate, sync_until_death
from tests.freeze import come_to_rest, freeze, is_taken_over, lists_of, stopped_in, thaw
from tests.processes import fast_process
from tests.servers import free_port, is_frozen, is_listening, spawned_meigara
from tests.waiting import until

cluster = test_cluster.cluster
source = test_killed.source
QUICK = Limits(idle=0.5, lock=1)
LONGEST_LOOK, LONGEST_START = 2.0, 5.0


@pytest.mark.parametrize("touches", [range(6, 42, 4), range(8, 42, 4)], ids=["some", "others"])
async def test_frozen_at_any_moment_and_woken_after_a_takeover_a_process_writes_nothing(
    migrated_url: str, source: RunningSimulator, touches: range
) -> None:
    store, taken_over = Database(parsed(migrated_url), QUICK), 0
    for day, touch in enumerate(touches):
        source.set_today(date_of(day))
        moment = START + day * MINUTE
        with frozen_at(migrated_url, source, moment, touch) as victim:
            if not can_be_written(migrated_url) or not await is_running(store):
                wake(victim)
                assert victim.exitcode in (0, 1)  # 1 where its transaction was ended meanwhile
                continue
            other = await begun_by_another(store, moment + MINUTE)
            async with store.writing() as session:
                await runs.finish(session, other, "other", RunStatus.FAILED, moment + MINUTE)
            before = await everything(store)
            wake(victim)
            assert await everything(store) == before
            taken_over += 1
    await store.close()
    assert taken_over >= 2


def test_a_process_that_is_frozen_while_it_writes_to_a_file_lets_the_others_answer(
    migrated_shell: Shell, tmp_path: Path
) -> None:
    folder = tmp_path / "rosters"
    folder.mkdir()
    write_roster(folder, 0)
    simulator = migrated_shell.connect(SimulatorConfig(rosters=folder, today=FIRST))
    url = migrated_shell.env["MEIGARA_DATABASE_URL"]
    with serving(migrated_shell) as server, frozen_in_the_middle(url, simulator) as victim:
        begun = time.monotonic()
        server.get("/healthz")
        assert time.monotonic() - begun < LONGEST_LOOK
        assert_a_start_is_answered(server.client)
        cancel_is_refused = server.client.post("/api/v1/runs/1/cancel")
        assert cancel_is_refused.status_code == 503
        wake(victim)
        run_id = server.start()
        server.await_status(run_id, "succeeded", "held", "failed")


@pytest.mark.waits(15)
@pytest.mark.parametrize("phase", ["fetch", "publish"])
def test_a_worker_that_is_frozen_is_replaced_and_writes_nothing_when_it_wakes(
    cluster: Cluster, phase: str
) -> None:
    cluster.env["MEIGARA_DATABASE_URL"] += "?options=-c%20idle_in_transaction_session_timeout%3D2s"
    cluster.beat()
    worker = cluster.worker("one")
    with stopped_in(cluster, phase, lambda: freeze(worker)) as run_id:
        cluster.query("UPDATE sync_run SET lease_expires_at = now() WHERE id = %s", run_id)
        cluster.worker("two")
        until(lambda: is_taken_over(cluster, run_id), 40)
    come_to_rest(cluster)
    before, told = lists_of(cluster), len(cluster.log(worker))
    thaw(worker)
    until(lambda: "run." in cluster.log(worker)[told:])
    assert lists_of(cluster) == before


@pytest.mark.waits(20)
def test_postgresql_that_is_frozen_keeps_nobody_waiting_who_asks_the_server(
    cluster: Cluster,
) -> None:
    with web(cluster) as client:
        client.post("/api/v1/runs").raise_for_status()
        with cluster.postgresql.frozen():
            for _ in range(3):
                answer = timed(client, "GET", "/healthz", LONGEST_LOOK)
                assert answer.status_code == 503
                assert_a_start_is_answered(client)
            assert timed(client, "GET", "/readyz", LONGEST_START).json()["ready"] is False
        until(lambda: client.get("/healthz").is_success)
        assert client.post("/api/v1/runs").is_success


@pytest.mark.waits(15)
def test_redis_that_is_frozen_keeps_nobody_waiting_who_starts_a_run(cluster: Cluster) -> None:
    with web(cluster) as client:
        with cluster.redis.frozen():
            answer = timed(client, "POST", "/api/v1/runs", LONGEST_START)
            assert (answer.status_code, answer.json()["waiting"]) == (202, {"for": "broker"})
            assert timed(client, "GET", "/healthz", LONGEST_LOOK).is_success
            assert timed(client, "GET", "/readyz", LONGEST_START).status_code == 503
        cluster.worker("one")
        cluster.await_status(answer.json()["id"], "succeeded", 40)


@pytest.mark.waits(15)
def test_where_no_beat_ticks_the_server_does(cluster: Cluster) -> None:
    cluster.worker("one")
    with web(cluster):
        cluster.await_status(cluster.start(), "succeeded", 45)


async def begun_by_another(store: Database, moment: dt.datetime) -> int:
    """Begin a run in place of one that a frozen process has; wait until its locks are gone."""
    for _ in range(5):
        with suppress(StoreUnavailable):
            return await begin_run(store, RunRequest(Trigger.CLI), "other", moment)
    raise AssertionError("the locks are still there")


def timed(client: httpx.Client, method: str, path: str, longest: float) -> httpx.Response:
    """Ask, and insist on an answer in time."""
    begun = time.monotonic()
    answer = client.request(method, path)
    assert time.monotonic() - begun < longest, path
    return answer


def assert_a_start_is_answered(client: httpx.Client) -> None:
    """Start a run where the store cannot be written, and be told so in time."""
    answer = timed(client, "POST", "/api/v1/runs", LONGEST_START)
    if answer.status_code == 200:  # it is active: nothing needs to be written
        return
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["detail"]


@contextmanager
def frozen_at(
    url: str, source: RunningSimulator, moment: dt.datetime, touch: int
) -> Iterator[ForkServerProcess]:
    """Let a process sync and freeze at a touch of the database, unless it is over before."""
    fate = Fate(touch=touch, number=signal.SIGSTOP)
    arguments = (url, source.base_url, moment, fate, QUICK)
    victim = fast_process.Process(target=sync_until_death, args=arguments)
    victim.start()
    try:
        until(lambda: is_frozen(victim.pid or 0) or not victim.is_alive())
        yield victim
    finally:
        victim.kill()
        victim.join()


@contextmanager
def frozen_in_the_middle(url: str, source: RunningSimulator) -> Iterator[ForkServerProcess]:
    """Let a process freeze while it publishes into a file."""
    for touch in range(30, 60):
        with frozen_at(url, source, dt.datetime.now(dt.UTC), touch) as victim:
            if not can_be_written(url):
                yield victim
                return
            wake(victim)
    raise AssertionError("it never wrote")


def wake(victim: ForkServerProcess) -> None:
    """Let a process go on, and wait for its end."""
    if victim.is_alive():
        os.kill(victim.pid or 0, signal.SIGCONT)
    victim.join(30)
    assert not victim.is_alive()


def can_be_written(url: str) -> bool:
    """Say whether nobody holds the write lock of a file."""
    if not url.startswith("sqlite"):
        return True
    file = url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


async def is_running(store: Database) -> bool:
    """Say whether a run is under way."""
    async with store.reading() as session:
        under_way = sa.exists().where(SyncRun.status == RunStatus.RUNNING)
        return bool(await session.scalar(sa.select(under_way)))


async def everything(store: Database) -> str:
    """Return all that the store holds."""
    async with store.reading() as session:
        return repr([(await session.execute(sa.select(table))).all() for table in TABLES])


@contextmanager
def web(cluster: Cluster) -> Iterator[httpx.Client]:
    """Start the server of the cluster and give a client of it."""
    port = free_port()
    with spawned_meigara("serve", "--port", str(port), env=cluster.env):
        until(lambda: is_listening(port))
        with closing(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)) as client:
            yield client
