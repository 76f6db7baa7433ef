"""Files of each format give the list and the changes back as they are."""

import datetime as dt
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from meigara.simulator.market import Market
from meigara.simulator.server import SimulatorConfig
from tests.acceptance.conftest import TODAY, Shell
from tests.acceptance.serving import Serving, serving

Rows = list[dict[str, Any]]


def read_csv(content: bytes) -> Rows:
    frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    return [dict(row) for row in frame.to_dict("records")]


def read_excel(content: bytes) -> Rows:
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).active
    head, *rows = sheet.values
    return [dict(zip(head, row, strict=True)) for row in rows]


def read_parquet(content: bytes) -> Rows:
    return list(pq.read_table(io.BytesIO(content)).to_pylist())


def read_json_lines(content: bytes) -> Rows:
    return [json.loads(line) for line in content.splitlines()]


READERS: Mapping[str, Callable[[bytes], Rows]] = {
    "csv": read_csv,
    "xlsx": read_excel,
    "parquet": read_parquet,
    "jsonl": read_json_lines,
}


def as_text(rows: Rows) -> list[dict[str, str]]:
    """Return rows with every value as a CSV writes it."""
    return [{name: _text(value) for name, value in row.items()} for row in rows]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.date() if isinstance(value, dt.datetime) else value)


@pytest.fixture(scope="module")
def file_of_two_lists(tmp_path_factory: pytest.TempPathFactory, market: Market) -> Path:
    """Give an SQLite file into which two lists were synced, a month apart."""
    file = tmp_path_factory.mktemp("two") / "meigara.db"
    shell = Shell(f"sqlite:///{file}")
    shell.connect(SimulatorConfig(market=market, today=TODAY))
    shell("sync", "--as-of", "2026-10-20")
    shell("sync")
    shell.close()
    return file


@pytest.fixture
def shell_of_two_lists(sqlite_shell: Shell, file_of_two_lists: Path) -> Shell:
    """Give a shell on a store that holds two lists."""
    file = sqlite_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///")
    shutil.copy(file_of_two_lists, file)
    return sqlite_shell


@pytest.fixture
def served(shell_of_two_lists: Shell) -> Iterator[Serving]:
    """Serve a store that holds two lists."""
    with serving(shell_of_two_lists) as server:
        yield server


@pytest.mark.parametrize("format_", READERS)
def test_a_file_that_is_read_again_holds_what_the_api_says(served: Serving, format_: str) -> None:
    for asked, path, key in (
        ("as_of=2026-11-20", "/api/v1/issues?limit=10000&as_of=2026-11-20", "issues"),
        ("companies=true&q=電機", "/api/v1/issues?limit=10000&companies=true&q=電機", "issues"),
        ("", "/api/v1/changes?limit=10000", "changes"),
    ):
        answer = served.client.get(f"/api/v1/exports/{key}.{format_}?{asked}").raise_for_status()
        told = served.get(path)[key]
        assert as_text(READERS[format_](answer.content)) == as_text(told)
        assert told
    assert f'.{format_}"' in answer.headers["content-disposition"]


@pytest.mark.parametrize("format_", READERS)
def test_the_command_line_writes_the_same_file(
    served: Serving, shell_of_two_lists: Shell, tmp_path: Path, format_: str
) -> None:
    file = tmp_path / f"list.{format_}"
    shell_of_two_lists("export", "issues", str(file))
    answer = served.client.get(f"/api/v1/exports/issues.{format_}")
    read = READERS[format_]
    assert read(file.read_bytes()) == read(answer.content)
    shell_of_two_lists("export", "changes", str(file), "--kind", "listed")
    assert {row["kind"] for row in read(file.read_bytes())} == {"listed"}
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_the_real_lists_are_read_again_as_they_are(
    sqlite_shell: Shell, real_rosters: Path, tmp_path: Path
) -> None:
    sqlite_shell.connect(SimulatorConfig(rosters=real_rosters / "rosters-jpx"))
    sqlite_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"
    for day in ("2025-04-30", "2025-05-30"):
        sqlite_shell("sync", "--as-of", day)
    listed = sqlite_shell.listed()
    changes = sqlite_shell.json("changes", "--run", "2", "--format", "json")
    assert len(listed) > 4_300
    assert changes
    for format_, read in READERS.items():
        file = tmp_path / f"list.{format_}"
        sqlite_shell("export", "issues", str(file))
        assert as_text(read(file.read_bytes())) == as_text(listed)
        sqlite_shell("export", "changes", str(file))
        found = as_text(read(file.read_bytes()))
        told = [{name: row[name] for name in changes[0]} for row in found]
        assert sorted(map(repr, told)) == sorted(map(repr, as_text(changes)))


def test_codes_are_texts_and_days_are_days_in_excel_and_parquet(served: Serving) -> None:
    for format_ in ("xlsx", "parquet"):
        content = served.client.get(f"/api/v1/exports/issues.{format_}").content
        row = READERS[format_](content)[0]
        assert row["code"] == "13010"
        assert row["market_code"] == "0111"
        assert isinstance(row["valid_from"], dt.date)
        assert row["is_company"] is True


def test_a_csv_is_marked_as_utf_8_when_asked(served: Serving, shell_of_two_lists: Shell) -> None:
    plain, marked = (
        served.client.get(f"/api/v1/exports/issues.csv{asked}").content
        for asked in ("", "?bom=true")
    )
    assert marked == b"\xef\xbb\xbf" + plain
    written = shell_of_two_lists("export", "issues", "-", "--format", "csv").stdout
    assert written.encode() == plain.replace(b"\r\n", b"\n")  # the shell reads lines


def test_the_page_offers_what_it_shows_as_files(served: Serving) -> None:
    page = served.client.get("/issues?q=電機&order=name&page=1").text
    address = page.split('href="/api/v1/exports/issues.csv')[1].split('"')[0].replace("&amp;", "&")
    shown = served.client.get(f"/api/v1/exports/issues.csv{address}").raise_for_status()
    total = served.get("/api/v1/issues?q=電機")["total"]
    assert len(shown.content.splitlines()) == total + 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("issues.pdf", 422),
        ("issues.csv?as_of=x", 422),
        ("issues.csv?price=1", 422),
        ("issues.xlsx?as_of=1900-01-01", 404),
        ("changes.csv?code=x", 422),
    ],
)
def test_what_cannot_be_exported_is_refused_before_a_file_begins(
    served: Serving, path: str, status: int
) -> None:
    answer = served.client.get(f"/api/v1/exports/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(
    synced_shell: Shell, tmp_path: Path
) -> None:
    assert "--format" in synced_shell("export", "issues", str(tmp_path / "x.pdf"), code=2).stderr
    missing = tmp_path / "no" / "list.csv"
    assert str(missing) in synced_shell("export", "issues", str(missing), code=1).stderr
    synced_shell("export", "issues", str(tmp_path / "x.csv"), "--as-of", "1900-01-01", code=3)
    assert list(tmp_path.iterdir()) == []
