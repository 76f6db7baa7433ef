"""Real lists and invented ones never get into one database."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from meigara.simulator.market import Market
from meigara.simulator.server import SimulatorConfig
from tests.acceptance.conftest import TODAY, Shell
from tests.integration.conftest import DAY1, LIST1, write_rosters
from tests.servers import spawned_meigara
from tests.waiting import until


@pytest.fixture
def real(tmp_path: Path) -> SimulatorConfig:
    """Serve a list from a file, as J-Quants would."""
    write_rosters(tmp_path / "lists", {DAY1: LIST1})
    return SimulatorConfig(rosters=tmp_path / "lists")


def test_an_invented_market_is_refused_by_a_store_of_real_lists_until_they_are_deleted(
    shell: Shell, real: SimulatorConfig, market: Market
) -> None:
    shell.env["MEIGARA_GUARD_FIRST_LIST_MINIMUM"] = "10"
    shell.connect(real)
    shell("sync")
    shell.connect(SimulatorConfig(market=market, today=TODAY))
    for command in (("sync", "--dry-run"), ("sync",)):
        refused = shell(*command, code=4).stderr
        assert "invented market" in refused
        assert "MEIGARA_DATABASE_URL" in refused
    assert shell.json("runs", "--json")[0]["error"]["kind"] == "InventedAnswer"
    assert [each["as_of"] for each in shell.json("rosters", "--json")] == [str(DAY1)]
    shell("purge", "--yes")
    shell("sync")


def test_real_lists_are_refused_by_a_store_of_the_invented_market(
    shell: Shell, real: SimulatorConfig, market: Market
) -> None:
    shell.connect(SimulatorConfig(market=market, today=TODAY))
    shell("sync")
    shell("sync")
    shell.connect(real)
    refused = shell("sync", code=4).stderr
    assert "holds an invented market" in refused
    assert "meigara purge" in refused


def test_the_lines_that_simulate_prints_fill_a_database_of_their_own(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path / "with a space"), "XDG_DATA_HOME": ""}
    Path(env["HOME"]).mkdir()
    with spawned_meigara("simulate", "--port", "0", env=env) as process:
        said: list[str] = []

        def is_all_said() -> bool:
            said.append(process.stdout.readline())
            return "meigara sync" in said[-1]

        until(is_all_said)
        lines = "".join(said).splitlines(keepends=True)
        exports = dict(re.findall(r"export (\w+)=(.+)", "".join(lines)))
        given = {name: shlex.split(value)[0] for name, value in exports.items()}
        command = ["sh", "-c", "".join(line for line in lines if "export" in line) + "env"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert given["MEIGARA_DATABASE_URL"].endswith("/simulated.db")
    assert f"MEIGARA_DATABASE_URL={given['MEIGARA_DATABASE_URL']}" in told.splitlines()
