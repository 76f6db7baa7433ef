"""How are the results shown, and kept?"""

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.calibration import REFERENCE_MS, Calibration
from benchmarks.contest import Measured
from benchmarks.load import Loaded
from benchmarks.pages import Browsed
from benchmarks.queries import Asked
from benchmarks.startup import Started
from benchmarks.targets import Target

_COLUMNS = (
    *("what", "database", "rows", "ours", "floor", "plain", "ours/floor", "plain/ours"),
    *("rows written", "WAL", "memory"),
)


class Results(msgspec.Struct):
    """Everything that was measured in one run."""

    calibration: Calibration
    syncs: list[Measured]
    questions: list[Asked]
    pages: list[Browsed]
    loads: list[Loaded]
    commands: list[Started]
    targets: list[Target]


def show(results: Results, console: Console) -> None:
    """Print the tables."""
    table = Table(*_COLUMNS, title="One sync, from the answer's arrival to the commit")
    for number, column in enumerate(table.columns):
        column.justify = "left" if number < 2 else "right"
        column.no_wrap = True
    for each in results.syncs:
        table.add_row(*_cells(each))
    console.print(table)
    console.print(
        "Rows written, WAL and memory (peak above idle, in a process of its own):"
        " ours / floor / plain. Ratios: median of the rounds."
    )
    aims = Table("target", "aim", "measured", "", title="Targets")
    for target in results.targets:
        mark = "[green]met[/]" if target.is_met else "[yellow]not met[/]"
        aims.add_row(target.what, target.aim, target.measured, mark)
    console.print(aims)
    _show_calibration(results.calibration, console)


def keep(results: Results, file: Path) -> None:
    """Write the results as JSON."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(results)))


def _show_calibration(calibration: Calibration, console: Console) -> None:
    factor = calibration.msgspec_ms / REFERENCE_MS["msgspec"]
    console.print(
        f"This machine decodes 4,400 rows in {calibration.json_ms:.1f} ms (json.loads) and"
        f" {calibration.msgspec_ms:.1f} ms (msgspec); the one the targets were set on needed"
        f" {REFERENCE_MS['json']:g} and {REFERENCE_MS['msgspec']:g}. It was {factor:.1f} × as slow."
    )


def _cells(each: Measured) -> tuple[str, ...]:
    return (
        each.case,
        each.database,
        f"{each.rows:,}",
        *(_time(each.median(name)) for name in ("ours", "floor", "plain")),
        _ratio(each.ratio("ours", "floor")),
        _ratio(each.ratio("plain", "ours")),
        _each_way(each, "rows_written"),
        _each_way(each, "wal_bytes"),
        _each_way(each, "memory_bytes"),
    )


def _each_way(each: Measured, field: str) -> str:
    amounts = (
        getattr(each.weights[name], field) if name in each.weights else None
        for name in ("ours", "floor", "plain")
    )
    return " / ".join("–" if a is None else _short(a, field) for a in amounts)


def _short(amount: int, field: str) -> str:
    if field == "rows_written":
        return f"{amount:,}" if amount < 100_000 else f"{amount / 1e3:,.0f}k"
    return f"{amount / 1e3:.0f}k" if amount < 1e6 else f"{amount / 1e6:,.1f}M"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds * 1000:,.1f} ms" if seconds < 10 else f"{seconds:,.1f} s"


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} ×" if value < 10 else f"{value:,.0f} ×"
