"""The distributed mode with real processes: workers, beats, Redis, PostgreSQL, and their deaths."""

import datetime as dt
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import redis
from psycopg.rows import dict_row

from meigara.db.migrate import upgrade
from meigara.execution.queue import SYNC_TASK, TICK_TASK, make_celery
from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running
from tests.acceptance.conftest import KEY, TODAY
from tests.processes import CELERY, Started
from tests.servers import Server, postgresql_binaries, postgresql_server, redis_server, run_meigara
from tests.waiting import until

TOKYO = ZoneInfo("Asia/Tokyo")
PREFORK = ("--pool", "prefork", "--concurrency", "2")
SOLO = ("--pool", "solo")


class Cluster:
    """PostgreSQL, Redis, a source, and the workers and beats that a test starts."""

    def __init__(self, stack: ExitStack, market: Market, folder: Path) -> None:
        self.postgresql, self.database_url = stack.enter_context(postgresql_server("-cfsync=off"))
        self.redis, self.redis_url = stack.enter_context(redis_server())
        self.env = {
            "MEIGARA_MODE": "distributed",
            "MEIGARA_DATABASE_URL": self.database_url,
            "MEIGARA_REDIS_URL": self.redis_url,
            "MEIGARA_JQUANTS_API_KEY": KEY,
            "MEIGARA_JQUANTS_RETRIES": "0",
        }
        self._stack = stack
        self._market = market
        self._folder = folder
        self._kept: list[tuple[list[str], Started]] = []
        self._logs: dict[int, Path] = {}
        self.simulator = self.subscribe("premium")
        upgrade(self.database_url)

    def subscribe(self, plan: str) -> RunningSimulator:
        """Start a source for a plan and point the processes that follow at it."""
        config = SimulatorConfig(market=self._market, today=TODAY, plan=plan)
        self.simulator = self._stack.enter_context(running(config))
        self.env["MEIGARA_JQUANTS_BASE_URL"] = self.simulator.base_url
        self.env["MEIGARA_JQUANTS_PLAN"] = plan
        return self.simulator

    def worker(self, name: str, *pool: str) -> Started:
        """Start a worker and wait until it takes tasks."""
        process = self._celery("worker", "-n", f"{name}@%h", "-l", "info", *(pool or PREFORK))
        until(lambda: " ready." in self.log(process), 40)
        return process

    def beat(self, level: str = "info") -> Started:
        """Start a beat; what it sends it says for debugging."""
        return self._celery("beat", "--pidfile=", "-l", level)

    def log(self, process: Started) -> str:
        """Return what a process has written so far."""
        return self._logs[process.pid].read_text("utf-8")

    def revive(self) -> None:
        """Start again what has ended, as whoever keeps the processes would."""
        for command, process in list(self._kept):
            if process.poll() is not None:
                self._kept.remove((command, process))
                self._spawn(command)

    def query(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Return the rows that a statement gives, past the program."""
        with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def run(self, run_id: int) -> dict[str, Any]:
        """Return a run as it stands."""
        return self.query("SELECT * FROM sync_run WHERE id = %s", run_id)[0]

    def start(self) -> int:
        """Queue a run by the command line; the beat's tick offers it."""
        result = run_meigara("runs", "start", "--json", env=self.env)
        assert result.returncode == 0, result.stderr
        return int(self.query("SELECT max(id) AS id FROM sync_run")[0]["id"])

    def await_status(self, run_id: int, status: str, seconds: float = 20) -> dict[str, Any]:
        """Wait until a run is in a state; return it."""
        until(lambda: self.run(run_id)["status"] == status, seconds)
        return self.run(run_id)

    def set_next_slot(self, slot: dt.datetime) -> None:
        """Make a moment the next slot, to the second."""
        time = slot.astimezone(TOKYO).time()
        self.query("UPDATE schedule SET execution_time = %s, next_run_at = %s", time, slot)

    def slots(self) -> list[tuple[dt.datetime, str]]:
        """Return the slots that have a row, and how each stands."""
        rows = self.query("SELECT * FROM sync_run WHERE schedule_id IS NOT NULL ORDER BY id")
        return [(row["scheduled_for"], row["status"]) for row in rows]

    def _celery(self, *args: str) -> Started:
        return self._spawn([CELERY, "-A", "meigara.worker", *args])

    def _spawn(self, command: list[str]) -> Started:
        log = self._folder / f"{len(self._logs)}"
        process = Started(command, self.env, log=log)
        self._logs[process.pid] = log
        self._kept.append((command, process))
        self._stack.callback(process.close)
        self._stack.callback(kill, process)
        return process


def kill(process: Started) -> None:
    """Kill a process and all its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def cluster(market: Market, tmp_path: Path) -> Iterator[Cluster]:
    """Give the servers of a cluster, without workers and beats yet."""
    if shutil.which("redis-server") is None or postgresql_binaries() is None:
        reason = "no Redis or PostgreSQL; `make setup-system` as root installs them"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path / "logs"
    folder.mkdir()
    with ExitStack() as stack:
        yield Cluster(stack, market, folder)


def now() -> dt.datetime:
    """The present second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.mark.parametrize("pool", [PREFORK, SOLO], ids=["prefork", "solo"])
def test_twenty_runs_one_after_another_succeed_in_one_worker(
    cluster: Cluster, pool: Sequence[str]
) -> None:
    worker = cluster.worker("one", *pool)
    celery = make_celery(cluster.redis_url)
    for run_id in range(1, 21):
        assert cluster.start() == run_id
        celery.send_task(SYNC_TASK, (run_id,))
        assert cluster.await_status(run_id, "succeeded")["attempt"] == 1
    assert "Traceback" not in cluster.log(worker)
    assert "attached to a different loop" not in cluster.log(worker)


def test_idle_processes_write_nothing_at_the_usual_level_and_each_tick_for_debugging(
    cluster: Cluster,
) -> None:
    beat, worker = cluster.beat(), cluster.worker("one")
    until(lambda: cluster.query("SELECT next_run_at FROM schedule")[0]["next_run_at"] is not None)
    run_id = cluster.start()
    cluster.await_status(run_id, "succeeded")  # a tick has offered it
    until(lambda: "run.succeeded" in cluster.log(worker))
    assert TICK_TASK not in cluster.log(worker).partition(" ready.")[2]
    assert "due task" not in cluster.log(beat)
    kill(worker)  # so that the other one gets each tick
    talkative = cluster.worker("two", *SOLO, "-l", "debug")
    until(lambda: f"{TICK_TASK}[" in cluster.log(talkative))


def test_two_thousand_messages_for_one_run_are_one_execution(cluster: Cluster) -> None:
    run_id = cluster.start()
    celery = make_celery(cluster.redis_url)
    with celery.connection_or_acquire() as connection:
        for _ in range(2000):
            celery.send_task(SYNC_TASK, (run_id,), connection=connection)
    cluster.worker("one")
    cluster.worker("two")
    cluster.await_status(run_id, "succeeded")
    with redis.Redis.from_url(cluster.redis_url) as broker:
        until(lambda: broker.llen("meigara") == 0, 60)
    run = cluster.run(run_id)
    assert (run["status"], run["attempt"]) == ("succeeded", 1)
    assert len(cluster.simulator.requests) == 1


@pytest.mark.waits(35)
def test_a_killed_worker_is_replaced_by_another_within_45_seconds(cluster: Cluster) -> None:
    cluster.beat()
    first = cluster.worker("one")
    cluster.simulator.set_faults("hang")
    run_id = cluster.start()
    until(lambda: bool(cluster.simulator.requests))
    cluster.worker("two")
    kill(first)
    killed_at = dt.datetime.now(dt.UTC)
    cluster.simulator.set_faults()
    run = cluster.await_status(run_id, "succeeded", 50)
    assert run["attempt"] == 2
    assert run["finished_at"] - killed_at < dt.timedelta(seconds=45)


def test_a_slot_fires_once_and_soon_where_two_beats_and_two_workers_run(cluster: Cluster) -> None:
    for process in (cluster.beat(), cluster.beat(), cluster.worker("one"), cluster.worker("two")):
        assert process.poll() is None
    until(lambda: cluster.query("SELECT next_run_at FROM schedule")[0]["next_run_at"] is not None)
    slot = now() + dt.timedelta(seconds=3)
    cluster.set_next_slot(slot)
    until(lambda: cluster.slots() == [(slot, "succeeded")])
    run = cluster.run(1)
    assert run["trigger"] == "schedule"
    assert run["queued_at"] - slot < dt.timedelta(seconds=5)


@pytest.mark.waits(30)
def test_redis_that_is_away_for_fifteen_seconds_and_comes_back_empty_loses_no_slot(
    cluster: Cluster,
) -> None:
    cluster.worker("one")
    beats = (cluster.beat("debug"), cluster.beat("debug"))
    until(lambda: any("Sending due task" in cluster.log(beat) for beat in beats))
    cluster.redis.stop()
    stopped_at = dt.datetime.now(dt.UTC)
    slot = now() + dt.timedelta(seconds=2)
    cluster.set_next_slot(slot)
    until(lambda: dt.datetime.now(dt.UTC) - stopped_at > dt.timedelta(seconds=15))
    assert cluster.slots() == []
    cluster.redis.start()

    def is_run() -> bool:
        cluster.revive()
        return cluster.slots() == [(slot, "succeeded")]

    until(is_run, 60)
    ticked_again = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=6)
    until(lambda: dt.datetime.now(dt.UTC) > ticked_again)
    assert is_run()
    assert len(cluster.simulator.requests) == 1


def test_postgresql_that_is_restarted_is_used_again(cluster: Cluster) -> None:
    cluster.beat()
    cluster.worker("one")
    cluster.await_status(cluster.start(), "succeeded")
    restart(cluster.postgresql)
    second = cluster.start()
    cluster.await_status(second, "succeeded", 40)


def restart(server: Server) -> None:
    """Stop a server and start it again."""
    server.stop()
    server.start()


def test_a_worker_without_what_it_needs_ends_with_a_sentence() -> None:
    result = subprocess.run(
        [CELERY, "-A", "meigara.worker", "worker"],
        env={**os.environ, "MEIGARA_MODE": "embedded"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 2
    assert "MEIGARA_MODE" in result.stderr
    assert "Traceback" not in result.stderr
