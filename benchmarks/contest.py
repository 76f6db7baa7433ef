"""How long does each way take to load a first list, and to follow a day with few changes?

The ways are measured in turn, A B C A B C …, so that a machine whose speed drifts slows all of
them alike; ratios are taken round by round.
"""

import gc
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any, Protocol

import msgspec

from benchmarks.floor import Floor
from benchmarks.ours import Ours
from benchmarks.plain import Plain
from benchmarks.rosters import Market
from benchmarks.servers import Server
from benchmarks.weigh import Weight, weigh

FIRST, STEADY = "first load", "5 rows changed"
_LONGEST = 60.0
"""Seconds: a way that would need longer for one sync is left out."""


class Contestant(Protocol):
    """One way to make a stored list equal to an answer."""

    name: str

    def __init__(self, url: str) -> None: ...
    def clear(self) -> None: ...
    def begin(self) -> None: ...
    def sync(self, body: bytes) -> float: ...
    def value(self, statement: str) -> Any: ...
    def close(self) -> None: ...


CONTESTANTS: Mapping[str, type[Contestant]] = {each.name: each for each in (Ours, Plain, Floor)}


class Effort(msgspec.Struct, frozen=True):
    """How often each way is measured; the plain one only until its seconds are used up."""

    rounds: int
    plain_seconds: float


class Measured(msgspec.Struct):
    """The seconds of each round of each way, and what one more sync weighed."""

    case: str
    database: str
    rows: int
    seconds: dict[str, list[float]]
    weights: dict[str, Weight]

    def median(self, name: str) -> float | None:
        """Return the median time in seconds; None if the way was left out."""
        return median(self.seconds[name]) if self.seconds.get(name) else None

    def ratio(self, one: str, other: str) -> float | None:
        """Return the median of the ratios of two ways, round by round."""
        pairs = zip(self.seconds.get(one, ()), self.seconds.get(other, ()), strict=False)
        ratios = [a / b for a, b in pairs]
        return median(ratios) if ratios else None


def compete(server: Server, market: Market, effort: Effort, *, with_plain: bool) -> list[Measured]:
    """Measure all ways on one kind of database and one size of market."""
    names = [name for name in CONTESTANTS if with_plain or name != Plain.name]
    urls = {name: server.new_database() for name in names}
    ways = [CONTESTANTS[name](url) for name, url in urls.items()]
    try:
        first = _race(ways, effort, market.body, clears=True)
        steady = _race(ways, effort, market.next_day, clears=False)
    finally:
        for way in ways:
            way.close()
    bodies = {FIRST: market.body(), STEADY: market.next_day()}
    weights = {
        case: {name: weigh(name, url, body, clears=case == FIRST) for name, url in urls.items()}
        for case, body in bodies.items()
    }
    return [
        Measured(case, server.kind, market.size, seconds, weights[case])
        for case, seconds in ((FIRST, first), (STEADY, steady))
    ]


def is_worth_trying(name: str, smaller: list[Measured], growth: float) -> bool:
    """Say whether a way will be done in time on a market that is `growth` times as large."""
    known = [time for each in smaller if (time := each.median(name)) is not None]
    return bool(known) and max(known) * growth <= _LONGEST


def _race(
    ways: list[Contestant], effort: Effort, next_body: Callable[[], bytes], *, clears: bool
) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(effort.rounds):
        body = next_body()
        for way in ways:
            if way.name == Plain.name and sum(seconds[way.name]) > effort.plain_seconds:
                continue
            if clears:
                way.clear()
            way.begin()
            gc.collect()
            seconds[way.name].append(way.sync(body))
    return seconds
