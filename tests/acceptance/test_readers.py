"""The usual libraries read an export by its address, and find codes as texts and days as days."""

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import httpx
import openpyxl
import pandas as pd
import polars as pl
import pytest
from fsspec.implementations.http import HTTPFileSystem

from meigara.services.issues import IssueRecord
from tests.acceptance import test_exports
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import serving

file_of_two_lists = test_exports.file_of_two_lists
CODES = ("code", "market_code", "sector17_code", "sector33_code", "margin_code", "product_code")
"""The columns that a reader which guesses would take for numbers."""
AS_TEXT = dict.fromkeys(CODES, str)


@pytest.fixture(scope="module")
def address(file_of_two_lists: Path) -> Iterator[str]:
    """Give the address of the exports of issues, without the ending."""
    with serving(Shell(f"sqlite:///{file_of_two_lists}")) as server:
        yield f"{str(server.client.base_url).rstrip('/')}/api/v1/exports/issues"


@pytest.fixture(scope="module")
def listed(address: str) -> list[dict[str, Any]]:
    """Give the list that the files must hold."""
    path = address.replace("exports/issues", "issues?limit=10000")
    found: list[dict[str, Any]] = httpx.get(path).json()["issues"]
    return found


def assert_right(rows: list[dict[str, Any]], listed: list[dict[str, Any]]) -> None:
    """Compare what a library has read with the list, types included."""
    assert [list(row) for row in rows[:1]] == [list(IssueRecord.__struct_fields__)]
    assert [plain(row) for row in rows] == [plain(row) for row in listed]
    assert {type(row["valid_from"]) for row in rows} <= {dt.date, dt.datetime, pd.Timestamp}
    assert {type(row[name]) for row in rows for name in ("code", "market_code")} == {str}


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as JSON would give it; files do not tell an empty text from none."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, dt.date):  # a moment is a day as well
        return f"{value:%Y-%m-%d}"
    return (value or None) if isinstance(value, str) else bool(value)


def test_polars_reads_parquet(address: str, listed: list[dict[str, Any]]) -> None:
    assert_right(pl.read_parquet(f"{address}.parquet").to_dicts(), listed)


def test_polars_scans_parquet_and_fetches_what_it_needs(
    address: str, listed: list[dict[str, Any]]
) -> None:
    found = pl.scan_parquet(f"{address}.parquet").select("code", "valid_from").collect()
    assert found.schema == {"code": pl.String, "valid_from": pl.Date}
    assert found["code"].to_list() == [each["code"] for each in listed]


def test_polars_reads_csv_and_json_lines(address: str, listed: list[dict[str, Any]]) -> None:
    texts = dict.fromkeys(CODES, pl.String)
    found = pl.read_csv(f"{address}.csv", schema_overrides=texts, try_parse_dates=True)
    assert_right(found.to_dicts(), listed)
    lines = pl.read_ndjson(f"{address}.jsonl", infer_schema_length=None)
    assert lines["code"].to_list() == [each["code"] for each in listed]


def test_pandas_reads_parquet_with_days_as_days(address: str, listed: list[dict[str, Any]]) -> None:
    found = pd.read_parquet(f"{address}.parquet", dtype_backend="pyarrow")
    assert str(found["valid_from"].dtype) == "date32[day][pyarrow]"
    assert str(found["valid_to"].dtype) == "date32[day][pyarrow]"
    assert_right(found.to_dict("records"), listed)


def test_pandas_reads_excel_and_csv_with_codes_as_texts(
    address: str, listed: list[dict[str, Any]]
) -> None:
    assert_right(pd.read_excel(f"{address}.xlsx", dtype=AS_TEXT).to_dict("records"), listed)
    days = ["valid_from", "valid_to"]
    found = pd.read_csv(f"{address}.csv", dtype=AS_TEXT, parse_dates=days)
    assert_right(found.to_dict("records"), listed)


class Addresses(HTTPFileSystem):  # type: ignore[misc]  # fsspec says no types
    """What DuckDB reads addresses by where its own extension for them cannot be fetched."""

    def modified(self, path: str) -> dt.datetime:
        """Return when a file changed, which DuckDB asks and the base does not tell."""
        return dt.datetime.now(dt.UTC)


def test_duckdb_reads_parquet_and_csv(address: str, listed: list[dict[str, Any]]) -> None:
    with duckdb.connect() as base:
        base.register_filesystem(Addresses())
        found = base.sql(f"SELECT * FROM read_parquet('{address}.parquet')")
        assert dict(zip(found.columns, map(str, found.types), strict=True))["valid_from"] == "DATE"
        assert_right(rows_of(found), listed)
        texts = dict.fromkeys(CODES, "VARCHAR")
        assert_right(rows_of(base.read_csv(f"{address}.csv", dtype=texts)), listed)


def rows_of(found: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    """Return what DuckDB found."""
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def test_openpyxl_reads_excel(address: str, listed: list[dict[str, Any]]) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(httpx.get(f"{address}.xlsx").content)).active
    head, *rows = sheet.values
    assert_right([dict(zip(head, row, strict=True)) for row in rows], listed)
