"""Which speeds and sizes are aimed at, and which of them were reached?"""

from collections.abc import Iterator

import msgspec

from benchmarks.contest import FIRST, STEADY, Measured
from benchmarks.load import Loaded
from benchmarks.pages import Browsed
from benchmarks.presses import PEOPLE
from benchmarks.queries import Asked
from benchmarks.startup import Started

_QUESTION_SECONDS = 0.020
_PAGE_SECONDS = 0.025
_LOAD_SECONDS = 0.250
_PRESS_SECONDS = 0.300
_PAGE_BYTES = 100_000
_COMMAND_SECONDS = {"--help": 0.3, "issues 7203": 0.6}
_MEMORY_BYTES = 80_000_000
_GROWTH = 1.5
"""How much longer one row may take at the largest size than at the smallest."""


class Target(msgspec.Struct, frozen=True):
    """What was aimed at, what was measured, and whether that is good enough."""

    what: str
    aim: str
    measured: str
    is_met: bool


def targets_of_syncs(measured: list[Measured]) -> Iterator[Target]:
    """Yield the targets of a list of 4,400 rows, and of its growth."""
    smallest = min((each.rows for each in measured), default=0)
    for each in measured:
        if each.rows == smallest:
            yield from _times(each)
            yield from _writes(each)
    for database in dict.fromkeys(each.database for each in measured):
        for case in (FIRST, STEADY):
            same = [m for m in measured if m.database == database and m.case == case]
            yield from _growth(same)


def targets_of_questions(asked: list[Asked]) -> Iterator[Target]:
    """Yield the target of each question."""
    for each in asked:
        what = f"{each.question}, {each.found:,} found ({each.database})"
        yield _at_most(what, each.seconds, _QUESTION_SECONDS)


def targets_of_pages(browsed: list[Browsed]) -> Iterator[Target]:
    """Yield the target of each page, and that of the largest one."""
    for each in browsed:
        yield _at_most(f"page {each.page}, p95 ({each.database})", each.p95, _PAGE_SECONDS)
    if browsed:
        largest = max(browsed, key=lambda each: each.size)
        measured = f"{largest.size / 1000:.0f} kB"
        aim = f"≤ {_PAGE_BYTES / 1000:.0f} kB"
        yield Target(f"largest page, {largest.page}", aim, measured, largest.size <= _PAGE_BYTES)


def targets_of_loads(loaded: list[Loaded]) -> Iterator[Target]:
    """Yield the targets of what readers wait for while a list is published, and of their answers;
    and of what fifty people wait for who start a run at once.
    """
    for each in loaded:
        reading = each.reading
        what = f"200 readers, {reading.answers:,} answers ({each.database})"
        yield _at_most(f"{what}, p99", reading.p99, _LOAD_SECONDS)
        errors = len(reading.failures) + reading.steps_back
        yield Target(f"{what}, errors", "0", str(errors), errors == 0)
        yield from _presses(each)


def _presses(each: Loaded) -> Iterator[Target]:
    what = f"{PEOPLE} starts at once, the slowest of {len(each.presses)} times ({each.database})"
    slowest = max(pressed.seconds[int(PEOPLE * 0.95)] for pressed in each.presses)
    yield _at_most(f"{what}, p95", slowest, _PRESS_SECONDS)
    most = max(len(set(pressed.runs)) for pressed in each.presses)
    yield Target(f"{what}, runs", "1", str(most), most == 1)


def targets_of_starts(started: list[Started]) -> Iterator[Target]:
    """Yield the target of each command."""
    for each in started:
        what = f"meigara {each.command} ({each.database})"
        yield _at_most(what, each.seconds, _COMMAND_SECONDS[each.command])


def _times(each: Measured) -> Iterator[Target]:
    what = f"{each.case}, {each.rows:,} rows ({each.database})"
    if (seconds := each.median("ours")) is not None:
        yield _at_most(what, seconds, 0.100 if each.case == FIRST else 0.015)
    to_floor, to_plain = each.ratio("ours", "floor"), each.ratio("plain", "ours")
    if each.case == STEADY and to_floor is not None:
        yield Target(f"{what}, beside the floor", "≤ 2 ×", f"{to_floor:.2f} ×", to_floor <= 2)
    if each.case == STEADY and each.database == "postgresql" and to_plain is not None:
        yield Target(f"{what}, beside plain", "≥ 100 ×", f"{to_plain:.0f} ×", to_plain >= 100)


def _writes(each: Measured) -> Iterator[Target]:
    what = f"{each.case}, {each.rows:,} rows ({each.database})"
    memory = each.weights["ours"].memory_bytes
    if memory is not None:
        measured = f"{memory / 1e6:.1f} MB"
        yield Target(f"{what}, memory above idle", "≤ 80 MB", measured, memory <= _MEMORY_BYTES)


def _growth(same: list[Measured]) -> Iterator[Target]:
    points = [(m.rows, time) for m in same if (time := m.median("ours")) is not None]
    if len(points) < 2:
        return
    (rows, seconds), (most_rows, most_seconds) = min(points), max(points)
    factor = most_seconds / seconds / (most_rows / rows)
    path = " → ".join(f"{time / size * 1e6:.1f}" for size, time in sorted(points))
    what = f"{same[0].case}, µs a row to {most_rows:,} rows ({same[0].database})"
    yield Target(what, f"≤ {_GROWTH} × the first", path, factor <= _GROWTH)


def _at_most(what: str, seconds: float, limit: float) -> Target:
    aim, measured = f"≤ {limit * 1000:.0f} ms", f"{seconds * 1000:.1f} ms"
    return Target(what, aim, measured, seconds <= limit)
