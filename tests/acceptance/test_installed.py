"""The wheel with the lock for running, and nothing else, does all that a user needs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running
from tests.acceptance.conftest import KEY, TODAY
from tests.servers import free_port, redis_server, spawned
from tests.waiting import until

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "requirements"
UV = Path(sys.executable).with_name("uv")
PERSONS = dict(os.environ)
"""What says where packages come from and where those are kept that were fetched before."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install wheel and lock into an empty environment; give the folder of its programs."""
    place = tmp_path_factory.mktemp("installed")
    into = ("--quiet", "--python", str(place / "venv" / "bin" / "python"))
    building = ("--require-hashes", "--build-constraints", str(LOCKS / "build.lock"))
    uv("build", "--quiet", "--wheel", *building, "--out-dir", str(place), str(ROOT))
    uv("venv", "--quiet", "--python", sys.executable, str(place / "venv"))
    uv("pip", "install", *into, "--require-hashes", "-r", str(LOCKS / "run.lock"))
    uv("pip", "install", *into, "--no-deps", *map(str, place.glob("*.whl")))
    return place / "venv" / "bin"


def uv(*args: str) -> None:
    """Run uv; where packages cannot be had, the tests cannot tell anything."""
    if not UV.exists():
        give_up("there is no uv beside this Python; `make setup-dev` installs it")
    result = subprocess.run([UV, *args], env=PERSONS, capture_output=True, text=True, check=False)
    if result.returncode:
        give_up(f"what the lock names cannot be installed here: {result.stderr}")


def give_up(reason: str) -> NoReturn:
    """Skip; fail where everything must be tested."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def source(market: Market) -> Iterator[RunningSimulator]:
    """Give an invented J-Quants on a fixed day."""
    with running(SimulatorConfig(market=market, today=TODAY)) as simulator:
        yield simulator


@pytest.fixture
def settings(source: RunningSimulator, migrated_url: str) -> dict[str, str]:
    """Give the settings of a program in embedded mode."""
    return {
        "MEIGARA_DATABASE_URL": migrated_url,
        "MEIGARA_JQUANTS_API_KEY": KEY,
        "MEIGARA_JQUANTS_BASE_URL": source.base_url,
        "PYTHONDONTWRITEBYTECODE": "",  # each process would compile all that it loads
    }


def command(programs: Path, *args: str, env: Mapping[str, str]) -> None:
    """Run the command to its end, which must be a good one."""
    result = subprocess.run(
        [programs / "meigara", *args],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def serve(stack: ExitStack, programs: Path, env: Mapping[str, str]) -> httpx.Client:
    """Start the server; give a client of it."""
    port = free_port()
    start(stack, [str(programs / "meigara"), "serve", "--port", str(port)], env)
    client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20))
    until(lambda: answers(client))
    return client


def answers(client: httpx.Client) -> bool:
    """Say whether the server is there."""
    try:
        return client.get("/healthz").is_success
    except httpx.ConnectError:
        return False


def start(stack: ExitStack, program: Sequence[str], env: Mapping[str, str]) -> None:
    """Start a program that runs until the end of the test."""
    process = stack.enter_context(spawned(program, env))
    stack.callback(lambda: process.poll() is None or pytest.fail(process.communicate()[1]))


def assert_a_sync_succeeds(client: httpx.Client) -> None:
    """Press the button and wait for the list."""
    run_id = client.post("/api/v1/runs").raise_for_status().json()["id"]
    path = f"/api/v1/runs/{run_id}"
    until(lambda: client.get(path).json()["status"] == "succeeded", 40)
    assert client.get("/api/v1/issues?limit=1").raise_for_status().json()["total"] > 4_000
    until(lambda: client.get("/readyz").status_code == 200)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_wheel_with_the_run_lock_alone_syncs_and_serves_in_one_process(
    programs: Path, settings: dict[str, str]
) -> None:
    command(programs, "sync", env=settings)
    with ExitStack() as stack:
        assert_a_sync_succeeds(serve(stack, programs, settings))


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_the_wheel_with_the_run_lock_alone_runs_web_worker_and_beat(
    programs: Path, settings: dict[str, str]
) -> None:
    if shutil.which("redis-server") is None:
        give_up("no Redis; `make setup-system` as root installs it")
    with ExitStack() as stack:
        _, url = stack.enter_context(redis_server())
        distributed = settings | {"MEIGARA_MODE": "distributed", "MEIGARA_REDIS_URL": url}
        celery = [str(programs / "celery"), "-A", "meigara.worker"]
        start(stack, [*celery, "worker", "--concurrency", "1"], distributed)
        start(stack, [*celery, "beat", "--pidfile="], distributed)
        assert_a_sync_succeeds(serve(stack, programs, distributed))
