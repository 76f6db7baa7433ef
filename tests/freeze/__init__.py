"""Freeze one part of a cluster after another for a minute, and measure how long others wait."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import psycopg

from tests.acceptance.test_cluster import Cluster
from tests.processes import Started
from tests.proxy import Proxy
from tests.servers import free_port, is_listening, spawned_meigara
from tests.waiting import until

PHASES = ("fetch", "check", "compare", "publish")
_WHAT_A_LIST_IS = ("sync_run", "roster", "issue_version", "issue_change", "label")
_STALLING = {
    "check": "SELECT id FROM endpoint FOR UPDATE",
    "compare": "LOCK TABLE issue_version IN ACCESS EXCLUSIVE MODE",
    "publish": "LOCK TABLE roster IN SHARE ROW EXCLUSIVE MODE",
}
"""What keeps a worker in a phase of its transaction for as long as another one holds it."""


@dataclass
class Waits:
    """The longest answers, in seconds, and how many there were of each status."""

    health: float = 0.0
    start: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)

    def note(self, what: str, seconds: float, status: int) -> None:
        """Note one answer."""
        setattr(self, what, max(getattr(self, what), seconds))
        name = f"{what} {status}"
        self.statuses[name] = self.statuses.get(name, 0) + 1


@contextmanager
def web_of(cluster: Cluster) -> Iterator[str]:
    """Start the server of a cluster; give its address."""
    port = free_port()
    with spawned_meigara("serve", "--port", str(port), env=cluster.env):
        until(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}"


@contextmanager
def asking(address: str) -> Iterator[Waits]:
    """Look at the health and start runs all the time; give what was waited."""
    waits, is_over = Waits(), threading.Event()

    def ask(what: str, method: str, path: str, pause: float) -> None:
        with httpx.Client(base_url=address, timeout=120) as client:
            while not is_over.wait(pause):
                begun = time.monotonic()
                answer = client.request(method, path)
                waits.note(what, time.monotonic() - begun, answer.status_code)

    askers = [
        threading.Thread(target=ask, args=("health", "GET", "/healthz", 0.2)),
        threading.Thread(target=ask, args=("start", "POST", "/api/v1/runs", 0.7)),
    ]
    for asker in askers:
        asker.start()
    try:
        yield waits
    finally:
        is_over.set()
        for asker in askers:
            asker.join()


@contextmanager
def stopped_in(cluster: Cluster, phase: str, stop: Callable[[], None]) -> Iterator[int]:
    """Start a run and `stop` who works on it when it is in `phase`; give its number."""
    asked = len(cluster.simulator.requests)
    cluster.simulator.set_faults("hang" if phase == "fetch" else "slow:2")
    run_id = cluster.start()
    until(lambda: len(cluster.simulator.requests) > asked, 40)
    if phase == "fetch":
        stop()
    else:
        with psycopg.connect(cluster.database_url) as stalling:
            stalling.execute(_STALLING[phase].encode())
            until(lambda: _somebody_waits(cluster), 40)
            stop()
    cluster.simulator.set_faults()
    yield run_id


def freeze(*processes: Started) -> None:
    """Freeze processes with all their children."""
    for each in processes:
        os.killpg(each.pid, signal.SIGSTOP)


def thaw(*processes: Started) -> None:
    """Let them go on."""
    for each in processes:
        os.killpg(each.pid, signal.SIGCONT)


def come_to_rest(cluster: Cluster) -> None:
    """Wait until no run is under way."""
    active = "SELECT 1 FROM sync_run WHERE status IN ('queued', 'running')"
    until(lambda: not cluster.query(active), 60)


def lists_of(cluster: Cluster) -> str:
    """Return all that a zombie must not touch."""
    rows = "SELECT to_jsonb({0}) - 'told_at' AS row FROM {0} ORDER BY 1"  # a tick tells of each end
    return repr([cluster.query(rows.format(table)) for table in _WHAT_A_LIST_IS])


def is_taken_over(cluster: Cluster, run_id: int) -> bool:
    """Say whether another worker has brought the list: in the same run, or in one begun since."""
    query = "SELECT 1 FROM sync_run WHERE status = 'succeeded' AND (id > %s OR attempt > 1)"
    return bool(cluster.query(query, run_id))


@contextmanager
def cut_off(cluster: Cluster, proxy: Proxy) -> Iterator[None]:
    """Let what is started meanwhile reach the database through a proxy."""
    direct = cluster.env["MEIGARA_DATABASE_URL"]
    port = direct.rpartition(":")[2].partition("/")[0]
    cluster.env["MEIGARA_DATABASE_URL"] = direct.replace(f":{port}/", f":{proxy.port}/")
    try:
        yield
    finally:
        cluster.env["MEIGARA_DATABASE_URL"] = direct


def _somebody_waits(cluster: Cluster) -> bool:
    waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return bool(cluster.query(waits))
