"""The clocks of web, workers and beats are minutes apart: no run starves or is reaped alive."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from meigara.execution.queue import TICK_TASK, make_celery
from tests.acceptance import test_cluster
from tests.acceptance.test_cluster import SOLO, Cluster, kill
from tests.acceptance.test_frozen import web
from tests.processes import Started
from tests.waiting import until

cluster = test_cluster.cluster
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


@contextmanager
def clock_set(cluster: Cluster, minutes: int) -> Iterator[None]:
    """Let the clock of what is started meanwhile be so many minutes ahead."""
    if not LIBRARIES:
        reason = "no libfaketime; `make setup-system` as root installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    ours = {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME": f"{minutes:+d}m",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(Path(__file__).parents[1] / "skew"),
    }
    cluster.env |= ours
    try:
        yield
    finally:
        for name in ours:
            del cluster.env[name]


def worker_at(cluster: Cluster, minutes: int, name: str) -> Started:
    """Start a worker whose clock is so many minutes ahead."""
    with clock_set(cluster, minutes):
        return cluster.worker(name, *SOLO, "-l", "debug")


@pytest.mark.waits(15)
@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_run_is_neither_lost_nor_taken_from_a_worker_whose_clock_is_wrong(
    cluster: Cluster, minutes: int
) -> None:
    worker = worker_at(cluster, minutes, "wrong")
    with clock_set(cluster, -minutes):
        cluster.beat()
        with web(cluster) as client:
            cluster.simulator.set_faults("slow:8")
            run_id = client.post("/api/v1/runs").raise_for_status().json()["id"]
            until(lambda: bool(cluster.simulator.requests))
            until(lambda: TICK_TASK in cluster.log(worker).partition("ready.")[2])
            run = cluster.await_status(run_id, "succeeded", 30)
            assert run["attempt"] == 1
            assert len(cluster.simulator.requests) == 1
            assert client.get("/readyz").is_success
    told = cluster.query("SELECT extract(epoch FROM now() - max(finished_at)) AS s FROM sync_run")
    assert 0 < told[0]["s"] < 60


@pytest.mark.waits(35)
def test_a_beat_takes_over_at_once_from_one_whose_clock_was_ahead(cluster: Cluster) -> None:
    with clock_set(cluster, 5):
        first = cluster.beat("debug")
        until(lambda: "Sending due task" in cluster.log(first))
        kill(first)
    second = cluster.beat("debug")
    until(lambda: "Sending due task" in cluster.log(second), 45)


def test_ticks_that_nobody_reads_do_not_pile_up(cluster: Cluster) -> None:
    celery = make_celery(cluster.redis_url)
    for _ in range(150):
        celery.send_task(TICK_TASK)
    beat = cluster.beat("debug")
    until(lambda: cluster.log(beat).count("Sending due task") > 1)
    with celery.connection_for_read() as connection:
        assert connection.default_channel.client.llen("meigara") == 150
    cluster.worker("one")
    cluster.await_status(cluster.start(), "succeeded")
