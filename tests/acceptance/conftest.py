"""The installed command in front of a source on a socket."""

import datetime as dt
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
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

    def content_of_list(self) -> str:
        """Return everything that the store says of issues, read past the program."""
        file = self.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(file)) as connection:
            rows = connection.execute("SELECT * FROM issue_version ORDER BY id").fetchall()
        return repr(rows)


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


@pytest.fixture
def migrated_shell(sqlite_shell: Shell, migrated_file: Path) -> Shell:
    """Give a shell on an SQLite database with the schema in place and nothing in it."""
    shutil.copy(migrated_file, sqlite_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///"))
    return sqlite_shell


@pytest.fixture(scope="session")
def market() -> Market:
    """Give the invented market, which is made once."""
    return Market()


@pytest.fixture(scope="session")
def synced_file(tmp_path_factory: pytest.TempPathFactory, market: Market) -> Path:
    """Give an SQLite file into which the list of the fixed day was synced by the command."""
    file = tmp_path_factory.mktemp("synced") / "meigara.db"
    shell = Shell(f"sqlite:///{file}")
    shell.connect(SimulatorConfig(market=market, today=TODAY))
    shell("sync")
    shell.close()
    return file


@pytest.fixture
def synced_shell(sqlite_shell: Shell, simulator: RunningSimulator, synced_file: Path) -> Shell:
    """Give a shell on a store that holds the list of the fixed day, beside the same source."""
    shutil.copy(synced_file, sqlite_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///"))
    return sqlite_shell


@pytest.fixture
def simulator(sqlite_shell: Shell, market: Market) -> RunningSimulator:
    """Connect the SQLite shell to the invented market on a fixed day."""
    return sqlite_shell.connect(SimulatorConfig(market=market, today=TODAY))
