"""The distributed mode where more than one thing fails at a time, and what a sender may wait."""

import datetime as dt
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import httpx
import pytest
import redis

from meigara.execution.queue import CeleryDispatcher, make_celery
from meigara.execution.signs import SILENCE_SECONDS
from tests.acceptance import test_cluster, test_delivery
from tests.acceptance.conftest import KEY
from tests.acceptance.serving import assert_an_edit_fires_in_time
from tests.acceptance.test_cluster import SOLO, Cluster, kill, now
from tests.acceptance.test_delivery import Receiver
from tests.servers import free_port, is_listening, run_meigara, spawned_meigara
from tests.waiting import until

cluster = test_cluster.cluster
receiver = test_delivery.receiver
LONGEST_OFFER = 5.0
CAUGHT_UP = "SELECT * FROM sync_run WHERE scheduled_for = %s"
OPEN_VERSIONS = "SELECT * FROM issue_version WHERE valid_to IS NULL ORDER BY id"


async def test_an_offer_is_bounded_and_harmless_while_the_broker_is_away_or_mute(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    dispatcher = CeleryDispatcher(make_celery(cluster.redis_url))
    await dispatcher.dispatch(1)
    assert not caplog.records
    with _mute(cluster):
        begun = time.monotonic()
        await dispatcher.dispatch(1)
        assert time.monotonic() - begun < LONGEST_OFFER
    cluster.redis.stop()
    begun = time.monotonic()
    await dispatcher.dispatch(1)
    await dispatcher.dispatch(1)
    assert time.monotonic() - begun < 2 * LONGEST_OFFER
    assert {record.levelname for record in caplog.records} == {"WARNING"}


async def test_an_offer_to_a_broker_that_cannot_be_spoken_to_is_noted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not await CeleryDispatcher(make_celery("unknown://127.0.0.1")).dispatch(1)
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_a_run_started_on_the_web_reaches_a_worker_without_a_beat(cluster: Cluster) -> None:
    cluster.worker("one")
    with _web(cluster) as client:
        first = client.post("/api/v1/runs").raise_for_status().json()["id"]
        cluster.await_status(first, "succeeded")
        cluster.redis.stop()
        second = client.post("/api/v1/runs").raise_for_status()
        assert second.elapsed < dt.timedelta(seconds=LONGEST_OFFER)
        assert (second.json()["status"], second.json()["waiting"]) == ("queued", {"for": "broker"})
        run_id = second.json()["id"]
        told = client.get(f"/sync/task/{run_id}", headers={"Accept-Language": "en"}).json()
        assert (told["state"], told["status"].split(";")[0]) == (
            "PENDING",
            "The broker cannot be reached",
        )
        cluster.redis.start()
        cluster.beat()
        assert cluster.await_status(run_id, "succeeded", 40)["waiting"] is None


def test_a_cluster_is_ready_only_while_a_worker_and_a_beat_give_signs_of_life(
    cluster: Cluster,
) -> None:
    with _web(cluster) as client:
        assert missing_parts(client) == {"worker", "beat"}
        worker = cluster.worker("one")
        until(lambda: missing_parts(client) == {"beat"})
        beat = cluster.beat()
        until(lambda: missing_parts(client) == set())
        kill(worker)
        kill(beat)
        make_signs_old(cluster)
        until(lambda: missing_parts(client) == {"worker", "beat"})


def missing_parts(client: httpx.Client) -> set[str]:
    """Return the parts of which `/readyz` says that they give no sign."""
    answer = client.get("/readyz")
    parts = {name for name, said in answer.json()["parts"].items() if "sign of life" in said}
    assert answer.status_code == (503 if parts else 200)
    return parts


def make_signs_old(cluster: Cluster) -> None:
    """Let every sign of life of the cluster end that would end within its time."""
    with redis.Redis.from_url(cluster.redis_url) as broker:
        for key in (b"meigara:worker", b"redbeat::lock"):
            assert 0 < broker.ttl(key) <= SILENCE_SECONDS
            broker.expire(key, 0)


@pytest.mark.parametrize(
    ("setting", "value"), [("maxmemory", "1"), ("requirepass", "another")], ids=["full", "closed"]
)
def test_a_run_started_while_the_broker_takes_nothing_is_queued_and_says_so(
    cluster: Cluster, setting: str, value: str
) -> None:
    with _web(cluster) as client, redis.Redis.from_url(cluster.redis_url) as broker:
        broker.config_set(setting, value)
        run = client.post("/api/v1/runs").raise_for_status().json()
        assert (run["status"], run["waiting"]) == ("queued", {"for": "broker"})
        assert "ブローカー" in client.get("/").text
        assert client.get("/readyz").status_code == 503


@pytest.mark.waits(40)
def test_a_machine_that_dies_with_its_worker_and_the_active_beat_is_replaced_within_45_seconds(
    cluster: Cluster,
) -> None:
    worker, active = cluster.worker("one"), cluster.beat()
    cluster.await_status(cluster.start(), "succeeded")
    listed = cluster.query(OPEN_VERSIONS)
    standby = cluster.beat()
    until(lambda: "beat: Starting..." in cluster.log(standby))
    cluster.simulator.set_faults("hang")
    asked = len(cluster.simulator.requests)
    run_id = cluster.start()
    until(lambda: len(cluster.simulator.requests) > asked)
    kill(worker)
    kill(active)
    killed_at = dt.datetime.now(dt.UTC)
    assert "Acquired lock" not in cluster.log(standby)
    assert cluster.query(OPEN_VERSIONS) == listed
    cluster.simulator.set_faults()
    cluster.worker("two")
    run = cluster.await_status(run_id, "succeeded", 50)
    assert run["attempt"] == 2
    assert run["finished_at"] - killed_at < dt.timedelta(seconds=45)
    slot = now()
    cluster.set_next_slot(slot)
    until(lambda: cluster.slots() == [(slot, "succeeded")])
    assert cluster.query(OPEN_VERSIONS) == listed


def test_a_run_outlives_a_restart_of_postgresql_and_so_does_its_worker(cluster: Cluster) -> None:
    cluster.beat()
    worker = cluster.worker("one")
    cluster.simulator.set_faults("slow:6")
    run_id = cluster.start()
    until(lambda: bool(cluster.simulator.requests))
    test_cluster.restart(cluster.postgresql)
    assert cluster.run(run_id)["status"] == "running"
    cluster.simulator.set_faults()
    cluster.await_status(run_id, "succeeded", 50)
    cluster.await_status(cluster.start(), "succeeded")
    assert worker.poll() is None


@pytest.mark.parametrize("slots_missed", [1, 3])
def test_after_an_outage_the_newest_slot_is_caught_up_once_and_the_others_are_told_as_missed(
    cluster: Cluster, slots_missed: int
) -> None:
    newest = now() - dt.timedelta(hours=2)
    cluster.set_next_slot(newest - dt.timedelta(days=slots_missed - 1))
    for _ in range(2):
        cluster.beat()
        cluster.worker(f"worker-{_}")
    older = [
        (newest - dt.timedelta(days=days), "missed") for days in range(slots_missed - 1, 0, -1)
    ]
    until(lambda: sorted(cluster.slots()) == [*older, (newest, "succeeded")])
    assert [row["trigger"] for row in cluster.query(CAUGHT_UP, newest)] == ["catch_up"]
    assert len(cluster.simulator.requests) == 1


@pytest.mark.waits(60)
def test_an_edited_time_fires_within_five_seconds_of_being_due_and_a_past_one_never(
    cluster: Cluster,
) -> None:
    cluster.beat()
    cluster.worker("one")
    with _web(cluster) as client:
        assert_an_edit_fires_in_time(client)
    assert [status for _, status in cluster.slots()] == ["succeeded"]


@pytest.mark.waits(70)
def test_web_workers_and_command_line_keep_to_the_calls_of_one_key_together(
    cluster: Cluster,
) -> None:
    """The Free plan allows 5 calls a minute; whoever makes the sixth gets 429 from the source."""
    cluster.subscribe("free")
    cluster.beat()
    for number in range(4):
        cluster.worker(f"worker-{number}", *SOLO)
    with _web(cluster) as client:
        for _ in range(3):
            cluster.await_status(client.post("/api/v1/runs").json()["id"], "succeeded")
        commands = [("check",), ("sync", "--dry-run"), ("check",)]
        with ThreadPoolExecutor() as people:
            ended = people.map(
                lambda each: run_meigara(*each, env=cluster.env, timeout=150), commands
            )
            assert [each.returncode for each in ended] == [0, 0, 0]
        cluster.await_status(client.post("/api/v1/runs").json()["id"], "succeeded", 80)
    assert len(cluster.simulator.requests) == 7


@contextmanager
def _mute(cluster: Cluster) -> Iterator[None]:
    """Let Redis take connections and answer nothing."""
    cluster.redis.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        cluster.redis.signal(signal.SIGCONT)


@contextmanager
def _web(cluster: Cluster) -> Iterator[httpx.Client]:
    """Start the server of the cluster and give a client of it."""
    port = free_port()
    with spawned_meigara("serve", "--port", str(port), env=cluster.env):
        until(lambda: is_listening(port))
        address = f"http://127.0.0.1:{port}"
        with closing(httpx.Client(base_url=address, timeout=20)) as client:
            yield client


def test_a_worker_uses_a_key_from_the_page_and_tells_once_of_a_failure(
    cluster: Cluster, receiver: Receiver
) -> None:
    del cluster.env["MEIGARA_JQUANTS_API_KEY"]
    cluster.beat()
    cluster.worker("one")
    cluster.worker("two")
    with _web(cluster) as client:
        assert client.post("/setup", data={"key": KEY}).status_code == 200
        target = {"name": "hook", "url": receiver.url, "events": ["failed", "recovered"]}
        assert client.post("/notices", data=target).status_code == 303
        for fault, status in (("", "succeeded"), ("wrong-key", "failed"), ("", "succeeded")):
            cluster.simulator.set_faults(*filter(None, [fault]))
            run_id = client.post("/api/v1/runs").raise_for_status().json()["id"]
            cluster.await_status(run_id, status)
        until(lambda: len(receiver.taken) == 2)
        time.sleep(5)
    assert [title.split()[1] for title in receiver.titles()] == [
        "同期に失敗しました",
        "同期が回復しました",
    ]
