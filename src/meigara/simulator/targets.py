"""How large should each market of the invented exchange be on a given day?"""

import datetime as dt
from bisect import bisect_right
from typing import Final

from meigara.simulator.tables import (
    FIRST_SECTION,
    GROWTH,
    JASDAQ_GROWTH,
    JASDAQ_STANDARD,
    MOTHERS,
    OTHERS,
    PRIME,
    PRO_MARKET,
    SECOND_SECTION,
    STANDARD,
)

REFORM: Final = dt.date(2022, 4, 4)
GREAT_MOVE: Final = dt.date(2023, 10, 20)
GREAT_MOVE_SIZE: Final = 179

Sizes = dict[str, int]


def _old(first: int, second: int, mothers: int, jasdaq: tuple[int, int]) -> Sizes:
    old = {FIRST_SECTION: first, SECOND_SECTION: second, MOTHERS: mothers}
    return old | {JASDAQ_STANDARD: jasdaq[0], JASDAQ_GROWTH: jasdaq[1]}


def _new(prime: int, standard: int, growth: int) -> Sizes:
    return {PRIME: prime, STANDARD: standard, GROWTH: growth}


# Known counts of real days; in between the exchange drifts from one to the next.
_KNOWN: Final[tuple[tuple[dt.date, Sizes], ...]] = (
    (dt.date(2008, 5, 7), _old(1720, 470, 190, (900, 50)) | {OTHERS: 150, PRO_MARKET: 0}),
    (dt.date(2022, 4, 3), _old(2185, 474, 424, (658, 35)) | {OTHERS: 348, PRO_MARKET: 50}),
    (REFORM, _new(1838, 1476, 459) | {OTHERS: 348, PRO_MARKET: 50}),
    (dt.date(2023, 10, 19), _new(1833, 1430, 548) | {OTHERS: 395, PRO_MARKET: 95}),
    (GREAT_MOVE, _new(1654, 1609, 548) | {OTHERS: 395, PRO_MARKET: 95}),
    (dt.date(2025, 7, 11), _new(1627, 1574, 611) | {OTHERS: 453, PRO_MARKET: 146}),
    (dt.date(2030, 1, 1), _new(1560, 1480, 640) | {OTHERS: 560, PRO_MARKET: 240}),
)
_DAYS: Final = tuple(day for day, _ in _KNOWN)


def sizes(on: dt.date) -> dict[str, float]:
    """Return how many issues each market should have on `on`."""
    position = min(bisect_right(_DAYS, on), len(_DAYS) - 1)
    (began, before), (ended, after) = _KNOWN[position - 1], _KNOWN[position]
    part = min((on - began).days / (ended - began).days, 1.0)
    return {mkt: size + (after.get(mkt, size) - size) * part for mkt, size in before.items()}
