"""A directory of answers is served as it is."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.simulator.conftest import Api

from meigara.simulator.config import SimulatorConfig
from meigara.simulator.errors import SimulatorError
from meigara.simulator.simulation import Simulation

Start = Callable[..., "Api"]
DAYS = ("2025-03-31", "2025-04-30", "2025-07-31")


def answer(day: str) -> str:
    rows = [{"Date": day, "Code": code, "CoName": f"翠嶺　{code}"} for code in ("99990", "13010")]
    return json.dumps({"data": rows}, ensure_ascii=False)


@pytest.fixture
def rosters(tmp_path: Path) -> Path:
    """Return a directory with three month-ends, one of them compressed."""
    for day in DAYS[:2]:
        (tmp_path / f"{day}.json").write_text(answer(day), encoding="utf-8")
    (tmp_path / f"{DAYS[2]}.json.gz").write_bytes(gzip.compress(answer(DAYS[2]).encode()))
    (tmp_path / "README.md").write_text("not a roster", encoding="utf-8")
    return tmp_path


def test_rows_are_served_as_they_are_in_the_file(start: Start, rosters: Path) -> None:
    api = start(rosters=rosters)
    assert api.rows(date="2025-03-31") == json.loads(answer("2025-03-31"))["data"]


def test_without_a_date_the_last_file_answers(start: Start, rosters: Path) -> None:
    assert start(rosters=rosters).date() == "2025-07-31"


@pytest.mark.parametrize(
    ("requested", "served"),
    [
        ("2024-01-01", "2025-03-31"),
        ("2025-04-01", "2025-04-30"),
        ("2025-05-01", "2025-07-31"),
        ("2026-11-20", "2025-07-31"),
    ],
)
def test_a_date_without_a_file_resolves_forward_and_is_clamped_to_the_last(
    start: Start, rosters: Path, requested: str, served: str
) -> None:
    assert start(rosters=rosters).date(date=requested) == served


def test_the_simulated_day_hides_later_files(start: Start, rosters: Path) -> None:
    api = start(rosters=rosters, today=dt.date(2025, 5, 15))
    assert api.date() == "2025-04-30"
    assert api.date(date="2026-11-20") == "2025-04-30"
    api.simulator.set_today(dt.date(2025, 8, 1))
    assert api.date() == "2025-07-31"
    api.simulator.set_today(dt.date(2020, 1, 1))
    assert api.date() == "2025-03-31"


def test_a_plan_given_with_files_sets_its_window(start: Start, rosters: Path) -> None:
    api = start(rosters=rosters, plan="free", today=dt.date(2025, 7, 31))
    assert api.date() == "2025-04-30"
    assert api.get(date="2025-07-31").status_code == 400


def test_backwards_serves_an_earlier_file(start: Start, rosters: Path) -> None:
    assert start(rosters=rosters, faults=("backwards",)).date() == "2025-04-30"


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="no directory"):
        Simulation(SimulatorConfig(rosters=tmp_path / "nowhere"))


def test_a_directory_without_rosters_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match=r"YYYY-MM-DD\.json"):
        Simulation(SimulatorConfig(rosters=tmp_path))


def test_a_file_not_named_after_a_day_is_an_error(rosters: Path) -> None:
    (rosters / "latest.json").write_text(answer("2025-08-01"), encoding="utf-8")
    with pytest.raises(SimulatorError, match=r"latest\.json"):
        Simulation(SimulatorConfig(rosters=rosters))


@pytest.mark.parametrize("content", [b"", b"[]", b'{"data":[1]}', b'{"info":[]}', b'{"data":['])
def test_a_malformed_file_is_an_error_that_names_it(rosters: Path, content: bytes) -> None:
    (rosters / "2025-08-01.json").write_bytes(content)
    with pytest.raises(SimulatorError, match=r"2025-08-01\.json"):
        Simulation(SimulatorConfig(rosters=rosters))


def test_a_broken_archive_is_an_error_that_names_it(rosters: Path) -> None:
    (rosters / "2025-08-01.json.gz").write_bytes(gzip.compress(b'{"data":[]}')[:-10])
    with pytest.raises(SimulatorError, match=r"2025-08-01\.json\.gz"):
        Simulation(SimulatorConfig(rosters=rosters))
