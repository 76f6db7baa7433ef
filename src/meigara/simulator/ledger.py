"""What was true of each invented issue on each day?"""

import datetime as dt
from bisect import bisect_right
from collections import Counter
from random import Random
from typing import NamedTuple

from meigara.simulator.tables import MARGIN_NAMES, MARKET_NAMES, SECTOR17_NAMES, SECTORS33

Row = dict[str, str]


class Facts(NamedTuple):
    """The attributes of an issue that can change."""

    name: str
    name_en: str
    sector33: str
    scale: str
    market: str
    margin: str
    product: str


class _Spells:
    """When each state of one code began; None is "not listed"."""

    __slots__ = ("began", "states")

    def __init__(self) -> None:
        self.began: list[int] = []
        self.states: list[Facts | None] = []

    def put(self, day: int, facts: Facts | None) -> None:
        if self.began and self.began[-1] == day:
            self.states[-1] = facts
        else:
            self.began.append(day)
            self.states.append(facts)

    def at(self, day: int) -> Facts | None:
        position = bisect_right(self.began, day)
        return self.states[position - 1] if position else None


class Ledger:
    """The history of every code, written forward in time and readable at any day written.

    `listed` maps the codes listed after the last entry to their facts, in the order in which
    they were listed; `counts` counts them by market.
    """

    def __init__(self) -> None:
        self.listed: dict[str, Facts] = {}
        self.counts: Counter[str] = Counter()
        self._spells: dict[str, _Spells] = {}
        self._order: list[str] = []
        self._place: dict[str, int] = {}

    def __contains__(self, code: str) -> bool:
        """Say whether the code was ever used."""
        return code in self._spells

    def put(self, day: dt.date, code: str, facts: Facts) -> None:
        """Record that from `day` on the code is listed with `facts`."""
        before = self.listed.get(code)
        if before is None:
            self._place[code] = len(self._order)
            self._order.append(code)
        else:
            self.counts[before.market] -= 1
        self.counts[facts.market] += 1
        self.listed[code] = facts
        self._spells.setdefault(code, _Spells()).put(day.toordinal(), facts)

    def remove(self, day: dt.date, code: str) -> Facts:
        """Record that the code is not listed from `day` on; return its last facts."""
        facts = self.listed.pop(code)
        self.counts[facts.market] -= 1
        self._spells[code].put(day.toordinal(), None)
        # Swap with the last one, so that drawing a random code stays one look-up.
        place, last = self._place.pop(code), self._order.pop()
        if last != code:
            self._order[place] = last
            self._place[last] = place
        return facts

    def draw(self, rng: Random) -> str:
        """Return a random listed code."""
        return self._order[int(rng.random() * len(self._order))]

    def rows(self, day: dt.date) -> list[Row]:
        """Return the rows of the roster of `day`, sorted by code."""
        ordinal, text = day.toordinal(), day.isoformat()
        states = ((code, self._spells[code].at(ordinal)) for code in sorted(self._spells))
        return [_row(text, code, facts) for code, facts in states if facts is not None]


def _row(day: str, code: str, facts: Facts) -> Row:
    sector33_name, sector17, _ = SECTORS33[facts.sector33]
    return {
        "Date": day,
        "Code": code,
        "CoName": facts.name,
        "CoNameEn": facts.name_en,
        "S17": sector17,
        "S17Nm": SECTOR17_NAMES[sector17],
        "S33": facts.sector33,
        "S33Nm": sector33_name,
        "ScaleCat": facts.scale,
        "Mkt": facts.market,
        "MktNm": MARKET_NAMES[facts.market],
        "Mrgn": facts.margin,
        "MrgnNm": MARGIN_NAMES[facts.margin],
        "ProdCat": facts.product,
    }
