"""What happens to the invented exchange on an ordinary business day?

The rates are those of real months: about 13 listings, 10 delistings, 16 renames, a handful of
segment moves and margin changes, now and then a sector change or a code that comes back.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from math import exp
from random import Random
from typing import Final

from meigara.simulator import calendar, listings, names, targets
from meigara.simulator.ledger import Facts, Ledger
from meigara.simulator.listings import BASE_MARKETS
from meigara.simulator.tables import (
    FIRST_SECTION,
    GROWTH,
    JASDAQ_GROWTH,
    JASDAQ_STANDARD,
    LOANABLE,
    MOTHERS,
    NO_SCALE,
    NO_SECTOR,
    OTHERS,
    PRIME,
    PRO_MARKET,
    REIT,
    SECOND_SECTION,
    SHARE,
    SMALL2,
    STANDARD,
    STANDARDISED_MARGIN,
)

_LISTED_MOSTLY: Final = {
    **{FIRST_SECTION: 0.6, SECOND_SECTION: 0.5, MOTHERS: 3.0, JASDAQ_STANDARD: 1.2},
    **{JASDAQ_GROWTH: 0.2, PRIME: 0.4, STANDARD: 1.0, GROWTH: 4.0, OTHERS: 2.0},
}
_DELISTED_MOSTLY: Final = {
    **{FIRST_SECTION: 3.0, SECOND_SECTION: 1.0, MOTHERS: 0.4, JASDAQ_STANDARD: 3.0},
    **{JASDAQ_GROWTH: 0.1, PRIME: 2.2, STANDARD: 3.0, GROWTH: 0.8, OTHERS: 1.0},
}
_MOVES_BEFORE_REFORM: Final = (
    *((MOTHERS, FIRST_SECTION), (SECOND_SECTION, FIRST_SECTION), (JASDAQ_STANDARD, FIRST_SECTION)),
    *((JASDAQ_STANDARD, SECOND_SECTION), (MOTHERS, SECOND_SECTION)),
    *((MOTHERS, FIRST_SECTION), (JASDAQ_GROWTH, JASDAQ_STANDARD)),
)
_MOVES_SINCE_REFORM: Final = (
    *((GROWTH, STANDARD), (GROWTH, PRIME), (STANDARD, PRIME)),
    *((PRIME, STANDARD), (PRIME, STANDARD), (GROWTH, STANDARD)),
)
_DRAWS: Final = 80


class Exchange:
    """The exchange at the end of the last day it lived: its ledger and everything drawn.

    Days must be lived in order, each once: all randomness comes from one sequence.
    """

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.ledger = Ledger()
        self.size: dict[str, float] = {}
        self.kept: set[str] = set()
        self._digits = listings.codes(rng)
        self._letters: Iterator[str] = listings.letter_codes()
        self._returns: dict[int, list[tuple[str, Facts]]] = {}
        self._names: set[str] = set()
        self._days = 0

    def new_code(self, day: dt.date) -> str:
        """Return a code that was never used; since 2024 most have a letter."""
        is_lettered = day >= listings.LETTER_CODES_BEGIN and self.rng.random() < 0.8
        source = self._letters if is_lettered else self._digits
        return next(code for code in source if code not in self.ledger)

    def list_issue(self, day: dt.date, market: str) -> str:
        """List one new issue on `market`; return its code."""
        code = self.new_code(day)
        self.ledger.put(day, code, self._unlike(lambda: listings.issue(self.rng, market)))
        self.size[code] = self.rng.gauss(0.0 if market in BASE_MARKETS else -1.6, 1.0)
        return code

    def _unlike(self, make: Callable[[], Facts]) -> Facts:
        """Make facts with a name that nobody bore before; one name in 400 may be taken."""
        facts = make()
        while facts.name in self._names and self.rng.random() > 1 / 400:
            facts = make()
        self._names.add(facts.name)
        return facts

    def change(self, day: dt.date, code: str, **facts: str) -> None:
        """Change some facts of a listed code."""
        self.ledger.put(day, code, self.ledger.listed[code]._replace(**facts))

    def find(self, fits: Callable[[Facts], bool]) -> str | None:
        """Return a random code, free to change, that fits; None if a number of draws fail."""
        for _ in range(_DRAWS):
            code = self.ledger.draw(self.rng)
            if code not in self.kept and fits(self.ledger.listed[code]):
                return code
        return None

    def live(self, day: dt.date) -> None:
        """Let one ordinary business day pass."""
        wanted = targets.sizes(day)
        count, draw = self._days, self._how_many
        for _ in range(draw(self._listing_rate(wanted), must=count % 5 == 2)):
            self.list_issue(day, self._market(wanted, _LISTED_MOSTLY, growing=True))
        for _ in range(draw(0.44, must=count % 6 == 3)):
            self._delist(day, self._market(wanted, _DELISTED_MOSTLY, growing=False))
        for _ in range(draw(_rename_rate(day), must=count % 7 == 4)):
            self._rename(day)
        self._return_codes(day)
        self._happen(day)
        self._days += 1

    def _happen(self, day: dt.date) -> None:
        """Let the rarer events happen, each with its own rate a day."""
        rates: tuple[tuple[float, Callable[[dt.date], None]], ...] = (
            *((0.2, self._move), (0.25, self._change_margin), (0.1, self._rescale)),
            *((0.03, self._succeed), (0.012, self._change_sector)),
        )
        for rate, event in rates:
            if self.rng.random() < rate:
                event(day)

    def _how_many(self, rate: float, *, must: bool) -> int:
        """Draw from a Poisson distribution; at least one if it `must` happen."""
        limit, product, count = exp(-rate), self.rng.random(), 0
        while product > limit:
            product *= self.rng.random()
            count += 1
        return max(count, int(must))

    def _listing_rate(self, wanted: dict[str, float]) -> float:
        missing = sum(wanted.values()) - len(self.ledger.listed)
        return 0.54 + max(-0.3, min(missing / 100, 0.5))

    def _market(self, wanted: dict[str, float], usual: dict[str, float], *, growing: bool) -> str:
        """Draw a market: the usual ones, and the more those away from their wanted size."""
        sign = 1 if growing else -1
        counts = self.ledger.counts
        weights = [
            usual.get(market, 0.0) + max(0.0, sign * (size - counts[market])) / 3
            for market, size in wanted.items()
        ]
        return self.rng.choices(list(wanted), weights)[0]

    def _delist(self, day: dt.date, market: str) -> None:
        code = self.find(lambda facts: facts.market == market)
        if code is None:
            return
        facts = self.ledger.remove(day, code)
        if facts.sector33 != NO_SECTOR and self.rng.random() < 0.012:
            later = self._days + self.rng.randrange(200, 900)
            self._returns.setdefault(later, []).append((code, facts))

    def _return_codes(self, day: dt.date) -> None:
        """List codes again that had left, some as a company of another name."""
        for code, facts in self._returns.pop(self._days, ()):
            market = STANDARD if day >= targets.REFORM else SECOND_SECTION
            back = facts._replace(market=market, scale=NO_SCALE, margin=STANDARDISED_MARGIN)
            if self.rng.random() < 0.3:
                name = names.company(self.rng, facts.sector33)
                back = back._replace(name=name.japanese, name_en=name.english)
            self.ledger.put(day, code, back)

    def _rename(self, day: dt.date) -> None:
        code = self.find(lambda facts: facts.product in {SHARE, REIT})
        if code is None:
            return
        facts = self.ledger.listed[code]
        if facts.product == REIT:
            name = names.trust(self.rng)
        elif self.rng.random() < 0.15 and "ホールディングス" not in facts.name:
            name = names.holding(names.Name(facts.name, facts.name_en))
        else:
            name = names.company(self.rng, facts.sector33)
        self.change(day, code, name=name.japanese, name_en=name.english)

    def _move(self, day: dt.date) -> None:
        moves = _MOVES_SINCE_REFORM if day >= targets.REFORM else _MOVES_BEFORE_REFORM
        before, after = self.rng.choice(moves)
        code = self.find(lambda facts: facts.market == before)
        if code is None:
            return
        margin = LOANABLE if after in BASE_MARKETS else self.ledger.listed[code].margin
        self.change(day, code, market=after, margin=margin)

    def _change_margin(self, day: dt.date) -> None:
        ours = {STANDARD, GROWTH, MOTHERS, SECOND_SECTION, JASDAQ_STANDARD, OTHERS}
        code = self.find(lambda facts: facts.market in ours)
        if code is None:
            return
        is_loanable = self.ledger.listed[code].margin == LOANABLE
        self.change(day, code, margin=STANDARDISED_MARGIN if is_loanable else LOANABLE)

    def _rescale(self, day: dt.date) -> None:
        """Take a new member of the first market into the TOPIX."""
        code = self.find(lambda facts: facts.market in BASE_MARKETS and facts.scale == NO_SCALE)
        if code is not None:
            self.change(day, code, scale=SMALL2)

    def _succeed(self, day: dt.date) -> None:
        """Replace a company by its holding company under a new code on the same day."""
        code = self.find(lambda facts: facts.product == SHARE and facts.market != PRO_MARKET)
        if code is None:
            return
        facts, heir = self.ledger.remove(day, code), self.new_code(day)
        name = names.holding(names.Name(facts.name, facts.name_en))
        facts = facts._replace(name=name.japanese, name_en=name.english)
        self.ledger.put(day, heir, facts)
        self.size[heir] = self.size[code]

    def _change_sector(self, day: dt.date) -> None:
        code = self.find(lambda facts: facts.product == SHARE)
        if code is not None:
            market = self.ledger.listed[code].market
            self.change(day, code, sector33=listings.sector(self.rng, market))


def _rename_rate(day: dt.date) -> float:
    # Many companies take a new name on the first day of a business year or half-year.
    is_first = day.month in {4, 10} and calendar.last_before(day).month != day.month
    return 7.0 if is_first else 0.55
