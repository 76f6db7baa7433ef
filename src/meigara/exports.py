"""How does a list become a file? As CSV, Excel, Parquet or JSON Lines, part by part.

A file is written while its records arrive, so the memory that takes does not grow with them. Read
again, each format gives the records back: codes stay text, days stay days.
"""

import asyncio
import csv
import datetime as dt
import io
import shutil
import tempfile
import time
import types
import typing
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import msgspec

from meigara.db.engine import to_the_end

_FORMULAS = (*"=+-@\t\r\n", *"＝＋－＠")  # Excel in Japan reads the wide ones as well
_BOM = b"\xef\xbb\xbf"
_PREFIX = "meigara-workbook-"
_LEFT_SECONDS = 3_600
_ALWAYS = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""When workbooks say that they were made, so that the same content is the same file."""
Records = Sequence[msgspec.Struct]


class ExportFormat(StrEnum):
    """The formats, by the ending of the file."""

    CSV = "csv"
    EXCEL = "xlsx"
    PARQUET = "parquet"
    JSON_LINES = "jsonl"


MEDIA_TYPES: Mapping[ExportFormat, str] = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
    ExportFormat.JSON_LINES: "application/jsonl; charset=utf-8",
}
PACKED = frozenset({ExportFormat.EXCEL, ExportFormat.PARQUET})
"""The formats that are compressed in themselves."""


async def export(
    file: BinaryIO,
    format_: ExportFormat,
    kind: type[msgspec.Struct],
    parts: AsyncGenerator[Records, None],
    *,
    bom: bool = False,
) -> None:
    """Write all records of `parts` into an empty file; `bom` makes a CSV that Excel opens well.

    The writing is done in threads: the event loop is there for others.
    """
    is_for_excel = bom and format_ is ExportFormat.CSV
    writer_of = _CsvForExcelWriter if is_for_excel else _WRITERS[format_]
    writer = await asyncio.to_thread(writer_of, kind, file)
    try:
        async with aclosing(parts):
            async for records in parts:
                await to_the_end(asyncio.to_thread(writer.add, records))
        await to_the_end(asyncio.to_thread(writer.close))
    finally:
        writer.clear_up()


class _Writer(ABC):
    """Writes records of one kind into a file."""

    def __init__(self, _kind: type[msgspec.Struct], file: BinaryIO) -> None:
        self._file = file

    @abstractmethod
    def add(self, records: Records) -> None:
        """Write records."""

    def close(self) -> None:  # noqa: B027 - most formats end with their last record
        """Write what stands behind the last record."""

    def clear_up(self) -> None:  # noqa: B027 - most formats need nothing beside the file
        """Delete what was needed beside the file, whether it was finished or not."""


class _CsvWriter(_Writer):
    """Lines as RFC 4180 wants them; truth as true and false, days as YYYY-MM-DD."""

    def __init__(self, kind: type[msgspec.Struct], file: BinaryIO) -> None:
        super().__init__(kind, file)
        self._write([kind.__struct_fields__])

    def add(self, records: Records) -> None:
        self._write(map(_cells, records))

    def _write(self, lines: Iterable[Iterable[object]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(lines)
        self._file.write(text.getvalue().encode())


class _CsvForExcelWriter(_CsvWriter):
    """The same, marked as UTF-8; what Excel would take for a formula begins with an apostrophe."""

    def __init__(self, kind: type[msgspec.Struct], file: BinaryIO) -> None:
        file.write(_BOM)
        super().__init__(kind, file)

    def _write(self, lines: Iterable[Iterable[object]]) -> None:
        super()._write([_as_text(cell) for cell in line] for line in lines)


def _as_text(cell: object) -> object:
    """Return a cell that Excel does not execute; one character alone is no formula."""
    is_formula = isinstance(cell, str) and len(cell) > 1 and cell.startswith(_FORMULAS)
    return f"'{cell}" if is_formula else cell


class _JsonLinesWriter(_Writer):
    """One JSON object in each line."""

    def add(self, records: Records) -> None:
        self._file.write(msgspec.json.Encoder().encode_lines(records))


class _ParquetWriter(_Writer):
    """A table with a column of its own type for each field; one row group for each part."""

    def __init__(self, kind: type[msgspec.Struct], file: BinaryIO) -> None:
        import pyarrow as pa  # noqa: PLC0415 - loads slowly, for this format only
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above

        super().__init__(kind, file)
        types_ = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), dt.date: pa.date32()}
        self._schema = pa.schema(
            pa.field(name, types_[type_], nullable)
            for name, (type_, nullable) in _columns(kind).items()
        )
        self._table = pa.Table
        self._writer = pq.ParquetWriter(file, self._schema)

    def add(self, records: Records) -> None:
        rows = [msgspec.structs.asdict(record) for record in records]
        self._writer.write_table(self._table.from_pylist(rows, self._schema))

    def close(self) -> None:
        self._writer.close()

    def clear_up(self) -> None:
        with suppress(ValueError, OSError):  # of a table that was given up
            self._writer.close()


class _ExcelWriter(_Writer):
    """A workbook of one sheet; texts stay texts, so that codes keep their zeros.

    Its parts grow in files of their own, in a folder that goes with the writer.
    """

    def __init__(self, kind: type[msgspec.Struct], file: BinaryIO) -> None:
        import xlsxwriter  # noqa: PLC0415 - for this format only

        super().__init__(kind, file)
        _sweep()
        self._folder = tempfile.mkdtemp(prefix=_PREFIX)
        options = {"constant_memory": True, "tmpdir": self._folder}
        self._book = xlsxwriter.Workbook(file, options)
        self._book.set_properties({"created": _ALWAYS})
        self._sheet = self._book.add_worksheet()
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheet.freeze_panes(1, 0)
        bold = self._book.add_format({"bold": True})
        for column, name in enumerate(kind.__struct_fields__):
            self._sheet.write_string(0, column, name, bold)
        self._row = 1

    def add(self, records: Records) -> None:
        for record in records:
            for column, value in enumerate(msgspec.structs.astuple(record)):
                self._write(column, value)
            self._row += 1

    def _write(self, column: int, value: object) -> None:
        if isinstance(value, str):
            self._sheet.write_string(self._row, column, value)
        elif isinstance(value, bool):
            self._sheet.write_boolean(self._row, column, value)
        elif isinstance(value, int):
            self._sheet.write_number(self._row, column, value)
        elif isinstance(value, dt.date):
            self._sheet.write_datetime(self._row, column, value, self._day)

    def close(self) -> None:
        self._book.close()

    def clear_up(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


_WRITERS: Mapping[ExportFormat, type[_Writer]] = {
    ExportFormat.CSV: _CsvWriter,
    ExportFormat.EXCEL: _ExcelWriter,
    ExportFormat.PARQUET: _ParquetWriter,
    ExportFormat.JSON_LINES: _JsonLinesWriter,
}


def _sweep() -> None:
    """Delete the folders that processes which were killed have left of workbooks."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another process deletes it as well, or it is somebody else's
            if time.time() - folder.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(folder)


def _cells(record: msgspec.Struct) -> list[object]:
    values = msgspec.structs.astuple(record)
    return [str(value).lower() if isinstance(value, bool) else value for value in values]


def _columns(kind: type[msgspec.Struct]) -> dict[str, tuple[type, bool]]:
    """Return the type of each field, and whether it may be None."""
    hints = typing.get_type_hints(kind)
    found = {}
    for name, hint in hints.items():
        parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        found[name] = (parts[0], types.NoneType in parts)
    return found
