"""What does a newly listed invented issue look like: its code, its name, its attributes?"""

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Final

from meigara.simulator import names
from meigara.simulator.ledger import Facts
from meigara.simulator.tables import (
    ETF,
    FIRST_SECTION,
    FOREIGN_SHARE,
    GROWTH,
    LOANABLE,
    MOTHERS,
    NO_MARGIN,
    NO_SCALE,
    NO_SECTOR,
    OTHERS,
    PRIME,
    PRO_MARKET,
    REIT,
    SECTORS33,
    SHARE,
    STANDARD,
    STANDARDISED_MARGIN,
)

LETTER_CODES_BEGIN: Final = dt.date(2024, 1, 1)
BASE_MARKETS: Final = frozenset({FIRST_SECTION, PRIME})

_SECTORS: Final = tuple(sector for sector in SECTORS33 if sector != NO_SECTOR)
_WEIGHTS: Final = tuple(SECTORS33[sector][2] for sector in _SECTORS)
# Young companies are in information, services, medicine, retail and real estate.
_YOUNG_SECTORS: Final = ("5250", "9050", "3250", "6100", "8050")
_YOUNG_WEIGHTS: Final = (45, 33, 6, 10, 6)
_LOANABLE_SHARE: Final = {FIRST_SECTION: 1.0, PRIME: 1.0, STANDARD: 0.12, OTHERS: 0.3}
_CODE_LETTERS: Final = "ACDFGHJKLMNPRSTUWXY"


def codes(rng: Random) -> Iterator[str]:
    """Yield unused all-digit codes in a random order, after the two ends of the list."""
    yield from (FIRST_CODE, LAST_CODE)
    numbers = [number for number in range(1302, 9_997) if number not in _RESERVED]
    rng.shuffle(numbers)
    for number in numbers:
        yield f"{number}0"


# The two issues without a segment keep the codes by which clients know them.
CENTRAL_BANK_CODE: Final = "83010"
COOPERATIVE_BANK_CODE: Final = "84210"
# The list has begun and ended with the same two codes for decades.
FIRST_CODE: Final = "13010"
LAST_CODE: Final = "99970"
_RESERVED: Final = frozenset({8301, 8421})


def letter_codes() -> Iterator[str]:
    """Yield codes with letters in the order of their use: 130A0, 131A0, ... 999Y0.

    Every fortieth has its letter in the second place instead, which the rules also allow.
    """
    for letter in _CODE_LETTERS:
        for number in range(130, 1000):
            if number % 40 == 0:
                yield f"{number // 100}{letter}{number % 100:02d}0"
            else:
                yield f"{number}{letter}0"


def margin(rng: Random, market: str) -> str:
    """Return the margin class of a new issue of `market`."""
    if market == PRO_MARKET:
        return NO_MARGIN
    share = _LOANABLE_SHARE.get(market, 0.05)
    return LOANABLE if rng.random() < share else STANDARDISED_MARGIN


def sector(rng: Random, market: str) -> str:
    """Return the 33-sector of a new company of `market`."""
    if market in {GROWTH, MOTHERS} and rng.random() < 0.6:
        return rng.choices(_YOUNG_SECTORS, _YOUNG_WEIGHTS)[0]
    return rng.choices(_SECTORS, _WEIGHTS)[0]


def company(rng: Random, market: str) -> Facts:
    """Return the facts of a new company of `market`."""
    sector33 = sector(rng, market)
    product = FOREIGN_SHARE if rng.random() < 0.001 else SHARE
    name = names.company(rng, sector33)
    return Facts(*name, sector33, NO_SCALE, market, margin(rng, market), product)


def fund(rng: Random) -> Facts:
    """Return the facts of a new fund: an ETF or, one time in seven, a REIT."""
    is_trust = rng.random() < 0.14
    name = names.trust(rng) if is_trust else names.fund(rng)
    product = REIT if is_trust else ETF
    return Facts(*name, NO_SECTOR, NO_SCALE, OTHERS, margin(rng, OTHERS), product)


def issue(rng: Random, market: str) -> Facts:
    """Return the facts of a new issue of `market`."""
    return fund(rng) if market == OTHERS else company(rng, market)


def preferred(issuer: Facts) -> Facts:
    """Return the facts of a preferred share of `issuer`."""
    name = names.preferred(names.Name(issuer.name, issuer.name_en))
    return issuer._replace(name=name.japanese, name_en=name.english, scale=NO_SCALE)
