"""Freeze everything in turn, and print how long the others had to wait for it."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from meigara.db.migrate import upgrade
from meigara.simulator.market import Market
from meigara.simulator.server import SimulatorConfig
from tests.acceptance.conftest import TODAY, Shell
from tests.acceptance.serving import execute, serving
from tests.acceptance.test_cluster import Cluster
from tests.acceptance.test_frozen import can_be_written
from tests.freeze import (
    PHASES,
    Waits,
    asking,
    come_to_rest,
    cut_off,
    freeze,
    is_taken_over,
    lists_of,
    stopped_in,
    thaw,
    web_of,
)
from tests.proxy import proxy_to
from tests.servers import frozen
from tests.waiting import until

LONGEST_TAKEOVER, LONGEST_HEALTH, LONGEST_START = 45.0, 2.0, 5.0
_AFTER_WAKING = 8.0
_BROUGHT = "SELECT 1 FROM sync_run WHERE status = 'succeeded'"


class Measured:
    """What has come out so far."""

    def __init__(self, seconds: float) -> None:
        """Freeze for so many seconds."""
        self.seconds = seconds
        self.is_broken = False

    def say(self, name: str, waits: Waits, takeover: float | None, note: str = "") -> None:
        """Print a line, and note whether it keeps the promises."""
        kept = waits.health <= LONGEST_HEALTH and waits.start <= LONGEST_START
        kept = kept and (takeover is None or takeover <= LONGEST_TAKEOVER)
        self.is_broken |= not kept or bool(note)
        taken = f"{takeover:5.1f} s" if takeover is not None else "      –"
        told = f"{name:34} takeover {taken}  /healthz {waits.health:4.2f} s"
        told += f"  start {waits.start:4.2f} s  {'kept' if kept else 'BROKEN'} {note}"
        sys.stdout.write(f"{told} {dict(sorted(waits.statuses.items()))}\n")
        sys.stdout.flush()


def _worker(cluster: Cluster, address: str, measured: Measured, phase: str) -> None:
    """Freeze a worker in a phase; another one starts as soon as it is frozen."""
    worker = cluster.worker(f"frozen-in-{phase}")
    with stopped_in(cluster, phase, lambda: freeze(worker)) as run_id:
        begun = time.monotonic()
        cluster.worker("other")
        with asking(address) as waits:
            until(lambda: is_taken_over(cluster, run_id), measured.seconds + 30)
            takeover = time.monotonic() - begun
            until(lambda: time.monotonic() - begun > measured.seconds, measured.seconds + 60)
    come_to_rest(cluster)
    before = lists_of(cluster)
    thaw(worker)
    woken = time.monotonic()
    until(lambda: time.monotonic() - woken > _AFTER_WAKING, 60)
    note = "" if lists_of(cluster) == before else "THE ZOMBIE WROTE"
    measured.say(f"worker frozen in {phase}", waits, takeover, note)


def _cut_off_worker(cluster: Cluster, address: str, measured: Measured, phase: str) -> None:
    """Let the connections of a worker fall silent in a phase."""
    url = urlsplit(cluster.database_url)
    with ExitStack() as stack:
        proxy = stack.enter_context(proxy_to(str(url.hostname), int(url.port or 0)))
        with cut_off(cluster, proxy):
            cluster.worker(f"silent-in-{phase}")
        with stopped_in(cluster, phase, proxy.fall_silent) as run_id:
            begun = time.monotonic()
            cluster.worker("other")
            with asking(address) as waits:
                until(lambda: is_taken_over(cluster, run_id), measured.seconds + 60)
                takeover = time.monotonic() - begun
        measured.say(f"worker cut off in {phase}", waits, takeover)


def _machine(cluster: Cluster, address: str, measured: Measured) -> None:
    """Freeze a worker in its fetch together with the beats."""
    beats = [cluster.beat(), cluster.beat()]
    worker = cluster.worker("frozen-with-beats")
    until(lambda: any("Sending due task" in cluster.log(beat) for beat in beats), 40)
    with stopped_in(cluster, "fetch", lambda: freeze(worker, *beats)) as run_id:
        begun = time.monotonic()
        cluster.worker("other")
        with asking(address) as waits:
            until(lambda: is_taken_over(cluster, run_id), measured.seconds + 30)
            takeover = time.monotonic() - begun
            until(lambda: time.monotonic() - begun > measured.seconds, measured.seconds + 60)
    thaw(worker, *beats)
    measured.say("worker and both beats frozen", waits, takeover)


def _server(cluster: Cluster, address: str, measured: Measured, name: str) -> None:
    """Freeze PostgreSQL or Redis while runs are started; then everything goes on by itself."""
    cluster.beat()
    cluster.worker("one")
    server = cluster.postgresql if name == "PostgreSQL" else cluster.redis
    with asking(address) as waits, server.frozen():
        begun = time.monotonic()
        until(lambda: time.monotonic() - begun > measured.seconds, measured.seconds + 60)
    woken = time.monotonic()
    come_to_rest(cluster)
    run_id = cluster.start()
    cluster.revive()
    until(lambda: cluster.run(run_id)["status"] == "succeeded", 90)
    measured.say(f"{name} frozen (takeover: until a run)", waits, time.monotonic() - woken)


def _server_on_a_file(market: Market, measured: Measured, phase: str) -> None:
    """Freeze a server that works on an SQLite file; another one serves the same file."""
    with ExitStack() as stack:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "meigara.db"
        shell = Shell(f"sqlite:///{file}")
        stack.callback(shell.close)
        simulator = shell.connect(SimulatorConfig(market=market, today=TODAY))
        upgrade(shell.env["MEIGARA_DATABASE_URL"])
        first = stack.enter_context(serving(shell))
        simulator.set_faults(*["hang"] if phase == "fetch" else [])
        other = stack.enter_context(serving(shell))
        first.start()
        until(lambda: bool(simulator.requests))
        if phase == "publish":
            until(lambda: not can_be_written(shell.env["MEIGARA_DATABASE_URL"]))
        with frozen(first.process.pid), asking(str(other.client.base_url)) as waits:
            begun, takeover = time.monotonic(), None
            simulator.set_faults()
            while time.monotonic() - begun < measured.seconds:
                time.sleep(0.2)
                if takeover is None and execute(shell, _BROUGHT):
                    takeover = time.monotonic() - begun
        woken = time.monotonic()
        until(lambda: bool(execute(shell, _BROUGHT)), 60)
        if (
            phase == "publish"
        ):  # nobody can take the lock of the file away: it goes on when it wakes
            takeover = time.monotonic() - woken
        measured.say(f"server on a file frozen in {phase}", waits, takeover)


@contextmanager
def _cluster(market: Market) -> Iterator[tuple[Cluster, str]]:
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(stack, market, Path(folder))
        yield cluster, stack.enter_context(web_of(cluster))


def main() -> int:
    """Freeze each part; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description="Freeze each part of a cluster for a while.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", default="", help="a part of the names of what is frozen")
    asked = parser.parse_args()
    measured, market = Measured(asked.seconds), Market()
    for phase in PHASES:
        if asked.only in f"worker frozen in {phase}":
            with _cluster(market) as (cluster, address):
                _worker(cluster, address, measured, phase)
    for phase in ("fetch", "publish"):
        if asked.only in f"server on a file frozen in {phase}":
            _server_on_a_file(market, measured, phase)
    for phase in ("fetch", "publish"):
        if asked.only in f"worker cut off in {phase}":
            with _cluster(market) as (cluster, address):
                _cut_off_worker(cluster, address, measured, phase)
    if asked.only in "beats":
        with _cluster(market) as (cluster, address):
            _machine(cluster, address, measured)
    for name in ("PostgreSQL", "Redis"):
        if asked.only in name:
            with _cluster(market) as (cluster, address):
                _server(cluster, address, measured, name)
    return int(measured.is_broken)


if __name__ == "__main__":
    sys.exit(main())
