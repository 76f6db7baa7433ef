"""Measure everything in one run and print it: `python -m benchmarks [--quick] [--json FILE]`."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from benchmarks.calibration import calibrate
from benchmarks.contest import Effort, Measured, compete, is_worth_trying
from benchmarks.load import Loaded, load
from benchmarks.pages import Browsed, browse_all
from benchmarks.queries import Asked, ask_all
from benchmarks.report import Results, keep, show
from benchmarks.rosters import Market
from benchmarks.servers import Server, running_servers
from benchmarks.startup import Started, start_all
from benchmarks.targets import (
    targets_of_loads,
    targets_of_pages,
    targets_of_questions,
    targets_of_starts,
    targets_of_syncs,
)

_EFFORTS = {
    4_400: Effort(rounds=9, plain_seconds=15),
    44_000: Effort(rounds=3, plain_seconds=5),
    440_000: Effort(rounds=1, plain_seconds=5),
}
_QUICK_EFFORTS = {4_400: Effort(rounds=7, plain_seconds=4)}
_ROUNDS = 9
_PAGE_ROUNDS = 100
_WIDTH = 200


def main() -> None:
    """Run the benchmarks; a target that is missed is shown and fails nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="4,400 rows only, within a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the results in FILE")
    options = parser.parse_args()
    console, progress = Console(), Console(stderr=True)
    if not console.is_terminal:
        console.width = _WIDTH
    with running_servers() as servers:
        if len(servers) == 1:
            progress.print("PostgreSQL is not installed: SQLite only.")
        efforts = _QUICK_EFFORTS if options.quick else _EFFORTS
        calibration = calibrate(Market(4_400).body())
        syncs = list(_syncs(servers, efforts, progress))
        questions, pages, commands = _questions(servers, progress)
        loads = list(_loads(servers, 10 if options.quick else 30, progress))
    targets = [
        *targets_of_syncs(syncs),
        *targets_of_questions(questions),
        *targets_of_pages(pages),
        *targets_of_loads(loads),
        *targets_of_starts(commands),
    ]
    results = Results(calibration, syncs, questions, pages, loads, commands, targets)
    show(results, console)
    if options.json:
        keep(results, options.json)


def _syncs(
    servers: list[Server], efforts: dict[int, Effort], progress: Console
) -> Iterator[Measured]:
    smaller: dict[str, list[Measured]] = {}
    for size, effort in efforts.items():
        for server in servers:
            before = smaller.get(server.kind, [])
            growth = size / before[0].rows if before else 0.0
            with_plain = not before or is_worth_trying("plain", before, growth)
            note = "" if with_plain else " (plain is left out: it takes over a minute)"
            progress.print(f"{size:,} rows on {server.kind}{note} …")
            smaller[server.kind] = compete(server, Market(size), effort, with_plain=with_plain)
            yield from smaller[server.kind]


def _questions(
    servers: list[Server], progress: Console
) -> tuple[list[Asked], list[Browsed], list[Started]]:
    questions: list[Asked] = []
    pages: list[Browsed] = []
    commands: list[Started] = []
    for server in servers:
        progress.print(f"questions, start-up and pages on {server.kind} …")
        url = server.new_database()
        questions += ask_all(server.kind, url, _ROUNDS)
        commands += start_all(server.kind, url, _ROUNDS)
        pages += browse_all(server.kind, url, _PAGE_ROUNDS)
    return questions, pages, commands


def _loads(servers: list[Server], seconds: float, progress: Console) -> Iterator[Loaded]:
    for server in servers:
        progress.print(f"200 readers on {server.kind} …")
        yield load(server, seconds)


if __name__ == "__main__":
    main()
