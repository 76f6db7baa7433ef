"""How does a list become a file? As CSV, Excel, Parquet or JSON Lines, part by part.

A file is written while its records arrive, so the memory it takes does not grow with them. Read
again, each format gives the records back: codes stay text, days stay days.
"""

import asyncio
import csv
import datetime as dt
import io
import tempfile
import types
import typing
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

_BOM = b"\xef\xbb\xbf"
_PIECE = 65_536
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


async def exported(
    format_: ExportFormat,
    kind: type[msgspec.Struct],
    parts: AsyncIterator[Records],
    *,
    bom: bool = False,
) -> AsyncIterator[bytes]:
    """Yield the bytes of a file with all records of `parts`; `bom` marks a CSV as UTF-8."""
    sink = _Sink()
    if bom and format_ is ExportFormat.CSV:
        sink.write(_BOM)
    writer = _WRITERS[format_](kind, sink)
    async for records in parts:
        writer.add(records)
        yield sink.taken()
    await asyncio.to_thread(writer.close)
    for piece in writer.rest():
        yield piece


class _Sink(io.BufferedIOBase):
    """A file that forgets what was taken from it; nobody can go back in it."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._passed = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._held += data
        return len(data)

    def tell(self) -> int:
        return self._passed + len(self._held)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        taken = bytes(self._held)
        self._passed += len(taken)
        self._held.clear()
        return taken


class _Writer(ABC):
    """Writes records of one kind into a sink."""

    def __init__(self, _kind: type[msgspec.Struct], sink: _Sink) -> None:
        self._sink = sink

    @abstractmethod
    def add(self, records: Records) -> None:
        """Write records."""

    def close(self) -> None:  # noqa: B027 - most formats end with their last record
        """Write what stands behind the last record."""

    def rest(self) -> Iterator[bytes]:
        """Yield what is left of the file when it is closed."""
        yield self._sink.taken()


class _CsvWriter(_Writer):
    """Lines as RFC 4180 wants them; truth as true and false, days as YYYY-MM-DD."""

    def __init__(self, kind: type[msgspec.Struct], sink: _Sink) -> None:
        super().__init__(kind, sink)
        self._text = io.TextIOWrapper(sink, "utf-8", newline="", write_through=True)  # type: ignore[type-var]  # a sink cannot be read
        self._csv = csv.writer(self._text)
        self._csv.writerow(kind.__struct_fields__)

    def add(self, records: Records) -> None:
        self._csv.writerows(map(_cells, records))

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


class _JsonLinesWriter(_Writer):
    """One JSON object in each line."""

    def add(self, records: Records) -> None:
        self._sink.write(msgspec.json.Encoder().encode_lines(records))


class _ParquetWriter(_Writer):
    """A table with a column of its own type for each field; one row group for each part."""

    def __init__(self, kind: type[msgspec.Struct], sink: _Sink) -> None:
        import pyarrow as pa  # noqa: PLC0415 - loads slowly, for this format only
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above

        super().__init__(kind, sink)
        types_ = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), dt.date: pa.date32()}
        self._schema = pa.schema(
            pa.field(name, types_[type_], nullable)
            for name, (type_, nullable) in _columns(kind).items()
        )
        self._table = pa.Table
        self._writer = pq.ParquetWriter(sink, self._schema)

    def add(self, records: Records) -> None:
        rows = [msgspec.structs.asdict(record) for record in records]
        self._writer.write_table(self._table.from_pylist(rows, self._schema))

    def close(self) -> None:
        self._writer.close()


class _ExcelWriter(_Writer):
    """A workbook of one sheet; texts stay texts, so that codes keep their zeros.

    It can be sent only when it is whole, so it grows in a temporary file.
    """

    def __init__(self, kind: type[msgspec.Struct], sink: _Sink) -> None:
        import xlsxwriter  # noqa: PLC0415 - for this format only

        super().__init__(kind, sink)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it goes with the writer
        self._book = xlsxwriter.Workbook(self._file, {"constant_memory": True})
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
        self._file.seek(0)

    def rest(self) -> Iterator[bytes]:
        with self._file:
            while piece := self._file.read(_PIECE):
                yield piece


_WRITERS: Mapping[ExportFormat, type[_Writer]] = {
    ExportFormat.CSV: _CsvWriter,
    ExportFormat.EXCEL: _ExcelWriter,
    ExportFormat.PARQUET: _ParquetWriter,
    ExportFormat.JSON_LINES: _JsonLinesWriter,
}


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
