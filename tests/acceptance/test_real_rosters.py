"""What a person gets who syncs the real lists of several years."""

import gzip
import json
from pathlib import Path
from typing import Any

from meigara.simulator.server import SimulatorConfig
from tests.acceptance.conftest import Shell

DAYS = ("2022-01-31", "2022-05-31", "2025-03-31", "2025-04-30", "2025-05-30", "2025-07-31")
FIELDS = {
    "code": "Code",
    "name": "CoName",
    "name_en": "CoNameEn",
    "market_code": "Mkt",
    "market_name": "MktNm",
    "sector17_code": "S17",
    "sector17_name": "S17Nm",
    "sector33_code": "S33",
    "sector33_name": "S33Nm",
    "scale": "ScaleCat",
    "margin_code": "Mrgn",
    "product_code": "ProdCat",
}


def served(folder: Path, day: str) -> dict[str, dict[str, str]]:
    """Return the rows of a roster file under our names, by code."""
    rows = json.loads(gzip.decompress((folder / f"{day}.json.gz").read_bytes()))["data"]
    return {row["Code"]: {ours: row[theirs] for ours, theirs in FIELDS.items()} for row in rows}


def answered(shell: Shell, day: str) -> dict[str, dict[str, Any]]:
    """Return what the command says of the list of a day, by code."""
    found = shell.listed("--as-of", day)
    return {each["code"]: {ours: each[ours] for ours in FIELDS} for each in found}


def test_the_list_of_2025_07_11_has_4411_issues_and_3952_companies(
    shell: Shell, real_rosters: Path
) -> None:
    shell.connect(SimulatorConfig(rosters=real_rosters / "rosters-jquants"))
    first = shell.json("sync", "--json")
    assert (first["total"], first["companies"], first["as_of"]) == (4411, 3952, "2025-07-11")
    second = shell.json("sync", "--json")
    assert (second["unchanged"], second["listed"], second["changed"]) == (4411, 0, 0)
    assert len(shell.listed()) == 4411
    assert len(shell.listed("--companies")) == 3952
    assert shell.json("changes", "--run", "2", "--format", "json") == []


def test_the_real_lists_of_six_dates_are_followed_change_by_change(
    shell: Shell, real_rosters: Path
) -> None:
    folder = real_rosters / "rosters-jpx"
    shell.connect(SimulatorConfig(rosters=folder))
    shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"  # no wait for the limit of calls
    shell("sync", "--as-of", DAYS[0])
    results = [shell.json("sync", "--as-of", day, "--json") for day in DAYS[1:]]
    assert [(r["listed"], r["delisted"]) for r in results] == [
        (48, 39),
        (488, 260),
        (8, 4),
        (6, 12),
        (30, 25),
    ]
    assert [changed(shell, r["run_id"], "renamed", "name") for r in results] == [18, 195, 23, 2, 16]
    moved = changed(shell, results[0]["run_id"], "segment", "market")
    assert moved == 3741  # the reform of the segments is expected
    for day in DAYS:
        assert answered(shell, day) == served(folder, day)


def changed(shell: Shell, run_id: int, kind: str, field: str) -> int:
    """Return the number of issues in which a run changed a field, in a way of this kind."""
    changes = shell.json("changes", "--run", str(run_id), "--format", "json")
    return sum((each["kind"], each["field"]) == (kind, field) for each in changes)


def test_real_dates_out_of_order_are_held_and_give_the_same_history_when_added(
    shell: Shell, real_rosters: Path
) -> None:
    folder = real_rosters / "rosters-jpx"
    shell.connect(SimulatorConfig(rosters=folder))
    shell("sync", "--as-of", "2025-07-31")
    held = shell.json("sync", "--as-of", "2025-04-30", "--json", code=6)
    assert [reason["kind"] for reason in held["reasons"]] == ["date_backwards"]
    assert len(shell.listed()) == 4414
    shell("runs", "apply", str(held["run_id"]), "--yes")
    shell("sync", "--as-of", "2025-05-30", "--backfill")
    for day in ("2025-04-30", "2025-05-30", "2025-07-31"):
        assert answered(shell, day) == served(folder, day)
    assert len(shell.listed()) == 4414
    shell("db", "check")
