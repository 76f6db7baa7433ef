"""A CSV for Excel executes nothing; any other CSV holds every cell as it is."""

import csv
import io
from collections.abc import AsyncGenerator, Sequence

import msgspec
import pytest

from meigara.exports import ExportFormat, export

EXECUTED = ["=1+1", "+81", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", '=HYPERLINK("x")']
HARMLESS = ["", "-", "+", "トヨタ", "a=b", "'=1", " =1", "13010", "1-2"]


class Row(msgspec.Struct):
    name: str
    count: int | None = -5
    is_company: bool = True


async def written(names: Sequence[str], *, bom: bool) -> bytes:
    """Return the CSV with one row for each name."""

    async def parts() -> AsyncGenerator[Sequence[Row], None]:
        yield [Row(name) for name in names]

    file = io.BytesIO()
    await export(file, ExportFormat.CSV, Row, parts(), bom=bom)
    return file.getvalue()


def names_in(content: bytes) -> list[str]:
    """Return the first cells of the rows."""
    _, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert {tuple(row[1:]) for row in rows} == {("-5", "true")}
    return [row[0] for row in rows]


@pytest.mark.parametrize("name", EXECUTED)
async def test_what_excel_would_execute_is_a_text_in_a_csv_for_excel(name: str) -> None:
    content = await written([name], bom=True)
    assert content.startswith(b"\xef\xbb\xbfname,")
    assert names_in(content) == [f"'{name}"]


async def test_what_excel_does_not_execute_is_left_as_it_is() -> None:
    assert names_in(await written(HARMLESS, bom=True)) == HARMLESS


async def test_a_csv_without_a_mark_holds_every_byte() -> None:
    names = [*EXECUTED, *HARMLESS]
    content = await written(names, bom=False)
    assert content.startswith(b"name,")
    assert names_in(content) == names
