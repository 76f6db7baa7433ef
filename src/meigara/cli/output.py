"""How are records written for people and for programs: as a table, CSV or JSON?"""

import csv
import sys
from collections.abc import Callable, Mapping, Sequence

import click
import msgspec
from rich.console import Console
from rich.table import Table

from meigara.domain.showing import shown, shown_json

_WIDTH_IN_A_PIPE = 160

Columns = Mapping[str, Callable[[msgspec.Struct], str]]
"""The headings of a table, and how a record fills each."""


def write_json(value: object) -> None:
    """Write one JSON value: UTF-8, two spaces of indent, dates as YYYY-MM-DD."""
    click.echo(shown_json(msgspec.json.format(msgspec.json.encode(value), indent=2).decode()))


def write_records(
    kind: type[msgspec.Struct], records: Sequence[msgspec.Struct], format_: str, columns: Columns
) -> None:
    """Write records of one kind in the format that was asked for."""
    if format_ == "json":
        write_json(records)
    elif format_ == "csv":
        _write_csv(kind, records)
    else:
        write_table(columns, [[fill(each) for fill in columns.values()] for each in records])


def write_table(
    headings: Sequence[str] | Mapping[str, object], rows: Sequence[Sequence[str]]
) -> None:
    """Write a table; cells that do not fit are folded, never cut."""
    console = stdout_console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(shown, row))
    console.print(table)


def stdout_console() -> Console:
    """Return a console on standard output, wide enough in a pipe."""
    is_terminal = sys.stdout.isatty()
    return Console(
        width=None if is_terminal else _WIDTH_IN_A_PIPE, markup=False, highlight=False, emoji=False
    )


def _write_csv(kind: type[msgspec.Struct], records: Sequence[msgspec.Struct]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(kind.__struct_fields__)
    writer.writerows(map(_cells, records))


def _cells(record: msgspec.Struct) -> list[object]:
    """Return a record as CSV cells: truth as true and false, as in JSON."""
    return [_cell(value) for value in msgspec.structs.astuple(record)]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return shown(value) if isinstance(value, str) else value
