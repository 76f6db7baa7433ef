"""The installed command in front of a source on a socket."""

import datetime as dt
import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running
from tests.servers import run_meigara

KEY = "canary-key-7f3a9c51d2e8"
TODAY = dt.date(2026, 11, 20)


class Shell:
    """A person's shell: the command, its settings, and the source it talks to."""

    def __init__(self, database_url: str) -> None:
        self.env = {"MEIGARA_DATABASE_URL": database_url, "MEIGARA_JQUANTS_API_KEY": KEY}
        self.env["MEIGARA_JQUANTS_RETRIES"] = "0"
        self._stack = ExitStack()

    def connect(self, config: SimulatorConfig) -> RunningSimulator:
        """Start a source and point the command at it."""
        simulator = self._stack.enter_context(running(config))
        self.env["MEIGARA_JQUANTS_BASE_URL"] = simulator.base_url
        return simulator

    def close(self) -> None:
        """Stop the sources."""
        self._stack.close()

    def __call__(self, *args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the command and insist on its exit code; neither key nor traceback is shown."""
        result = run_meigara(*args, env=self.env)
        assert result.returncode == code, result.stderr + result.stdout
        assert "Traceback" not in result.stderr
        assert KEY not in result.stdout + result.stderr
        return result

    def json(self, *args: str, code: int = 0) -> Any:
        """Run the command and read what it printed as JSON."""
        return json.loads(self(*args, code=code).stdout)

    def listed(self, *args: str) -> list[dict[str, Any]]:
        """Return the issues that `meigara issues` prints."""
        found: list[dict[str, Any]] = self.json("issues", "--format", "json", *args)
        return found


@pytest.fixture
def shell(database_url: str) -> Iterator[Shell]:
    """Give a shell on an empty database of each kind."""
    with_settings = Shell(database_url)
    yield with_settings
    with_settings.close()


@pytest.fixture
def sqlite_shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Give a shell on an empty SQLite database."""
    with_settings = Shell(f"sqlite:///{tmp_path_factory.mktemp('data') / 'meigara.db'}")
    yield with_settings
    with_settings.close()


@pytest.fixture(scope="session")
def market() -> Market:
    """Give the invented market, which is made once."""
    return Market()


@pytest.fixture
def simulator(sqlite_shell: Shell, market: Market) -> RunningSimulator:
    """Connect the SQLite shell to the invented market on a fixed day."""
    return sqlite_shell.connect(SimulatorConfig(market=market, today=TODAY))
