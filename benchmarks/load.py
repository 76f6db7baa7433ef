"""How long do 200 readers of the list wait while a sync publishes another one, and how long fifty
people who start a run at once?
"""

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from benchmarks.presses import Pressed
from benchmarks.readers import Reading
from benchmarks.servers import Server
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running
from tests.servers import free_port, is_listening, run_meigara, spawned_meigara
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[1]
_READERS = 200
_PRESSES = 5
_DAY = dt.date(2026, 11, 20)
_NEXT_DAY = dt.date(2026, 11, 24)


class Loaded(msgspec.Struct, frozen=True):
    """What the readers saw, and when (monotonic seconds) the newer list was published.

    `presses` are the times that fifty people pressed at once.
    """

    database: str
    reading: Reading
    published_at: float
    presses: list[Pressed]


def load(server: Server, seconds: float) -> Loaded:
    """Serve a list to the readers for some seconds; halfway a sync publishes the next day's."""
    with _served(server.new_database()) as (simulator, client):
        command = [sys.executable, "-m", "benchmarks.readers", str(client.base_url.port)]
        command += ["--seconds", str(seconds), "--readers", str(_READERS)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as readers:
            time.sleep(seconds / 2)
            simulator.set_today(_NEXT_DAY)
            run_id = client.post("/api/v1/runs").raise_for_status().json()["id"]
            until(lambda: _status(client, run_id) == "succeeded", 60)
            published_at = time.monotonic()
            output, _ = readers.communicate(timeout=seconds + 60)
        presses = [_press(client) for _ in range(_PRESSES)]
    reading = msgspec.json.decode(output, type=Reading)
    return Loaded(server.kind, reading, published_at, presses)


def _press(client: httpx.Client) -> Pressed:
    command = [sys.executable, "-m", "benchmarks.presses", str(client.base_url.port)]
    output = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, check=True, timeout=60)
    pressed = msgspec.json.decode(output.stdout, type=Pressed)
    until(lambda: _status(client, max(pressed.runs)) == "succeeded", 60)
    return pressed


def _status(client: httpx.Client, run_id: int) -> str:
    status: str = client.get(f"/api/v1/runs/{run_id}").raise_for_status().json()["status"]
    return status


@contextmanager
def _served(url: str) -> Iterator[tuple[RunningSimulator, httpx.Client]]:
    with running(SimulatorConfig(today=_DAY)) as simulator:
        env = {
            "MEIGARA_DATABASE_URL": url,
            "MEIGARA_JQUANTS_API_KEY": "benchmark",
            "MEIGARA_JQUANTS_BASE_URL": simulator.base_url,
            "MEIGARA_JQUANTS_PLAN": "premium",
        }
        run_meigara("sync", env=env).check_returncode()
        port = free_port()
        with spawned_meigara("serve", "--port", str(port), env=env):
            until(lambda: is_listening(port))
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                yield simulator, client
