"""Which extraordinary days does the invented exchange have, and what happens on them?

The first day of data, the reform of the markets, the great move, the yearly revision of the
TOPIX scale, the smaller TOPIX, the listing of preferred shares.
"""

import datetime as dt
from collections.abc import Callable
from typing import Final

from meigara.simulator import calendar, listings, names, targets
from meigara.simulator.ledger import Facts
from meigara.simulator.life import Exchange
from meigara.simulator.listings import (
    BASE_MARKETS,
    CENTRAL_BANK_CODE,
    COOPERATIVE_BANK_CODE,
    FIRST_CODE,
    LAST_CODE,
)
from meigara.simulator.tables import (
    COOPERATIVE,
    CORE30,
    ETF,
    FIRST_SECTION,
    FOREIGN_SHARE,
    GROWTH,
    JASDAQ_GROWTH,
    JASDAQ_STANDARD,
    LARGE70,
    LOANABLE,
    MID400,
    MOTHERS,
    NO_SCALE,
    NO_SECTOR,
    OTHERS,
    PRIME,
    SECOND_SECTION,
    SMALL1,
    SMALL2,
    STANDARD,
    STANDARDISED_MARGIN,
)

_RANKS: Final = ((CORE30, 30), (LARGE70, 70), (MID400, 397), (SMALL1, 490))
_SMALLER_THAN: Final = {
    CORE30: (LARGE70, MID400, SMALL1, SMALL2),
    LARGE70: (MID400, SMALL1, SMALL2),
    MID400: (SMALL1, SMALL2),
    SMALL1: (SMALL2,),
}
_SMALLER_TOPIX: Final = dt.date(2025, 1, 31)
_SMALLER_TOPIX_SIZE: Final = 1_720
_PREFERRED: Final = {
    dt.date(2008, 5, 7): ("5",),
    dt.date(2015, 7, 1): ("5",),
    dt.date(2023, 11, 1): ("5", "6"),
}
_AFTER_REFORM: Final = {
    SECOND_SECTION: STANDARD,
    JASDAQ_STANDARD: STANDARD,
    MOTHERS: GROWTH,
    JASDAQ_GROWTH: GROWTH,
}


def open_exchange(exchange: Exchange, day: dt.date) -> None:
    """List everything that was there on the first day of data."""
    for market, size in targets.sizes(day).items():
        for _ in range(round(size)):
            exchange.list_issue(day, market)
    exchange.kept |= {FIRST_CODE, LAST_CODE}
    _list_peculiar_issues(exchange, day)
    _revise_scale(exchange, day, jitter=0.0)


def _list_peculiar_issues(exchange: Exchange, day: dt.date) -> None:
    """List what is neither company nor fund, the longest name and some foreign companies."""
    market = SECOND_SECTION
    plain = (NO_SCALE, market, STANDARDISED_MARGIN, COOPERATIVE)
    peculiar = {
        CENTRAL_BANK_CODE: Facts(*names.CENTRAL_BANK, "7050", *plain),
        COOPERATIVE_BANK_CODE: Facts(*names.COOPERATIVE_BANK, NO_SECTOR, *plain),
        exchange.new_code(day): Facts(
            *names.LONGEST_FUND, NO_SECTOR, NO_SCALE, OTHERS, STANDARDISED_MARGIN, ETF
        ),
    }
    for code, facts in peculiar.items():
        exchange.ledger.put(day, code, facts)
        exchange.kept.add(code)
    for market in (FIRST_SECTION, SECOND_SECTION, MOTHERS, MOTHERS):
        code = exchange.list_issue(day, market)
        exchange.change(day, code, product=FOREIGN_SHARE)
        exchange.kept.add(code)


def _members(exchange: Exchange) -> list[str]:
    """Return the codes of the members of the TOPIX."""
    listed = exchange.ledger.listed
    return [
        code
        for code, facts in listed.items()
        if code.endswith("0") and (facts.market in BASE_MARKETS or facts.scale != NO_SCALE)
    ]


def _revise_scale(exchange: Exchange, day: dt.date, jitter: float = 0.2) -> None:
    """Let the sizes drift and give every member of the TOPIX its scale by rank."""
    if jitter:
        for code in _members(exchange):
            exchange.size[code] += exchange.rng.gauss(0.0, jitter)
    members = _ranked(exchange)
    scales = [scale for scale, size in _RANKS for _ in range(size)]
    limit = _SMALLER_TOPIX_SIZE if day >= _SMALLER_TOPIX else len(members)
    scales += [SMALL2] * (limit - len(scales))
    scales += [NO_SCALE] * (len(members) - len(scales))
    for code, scale in zip(members, scales, strict=False):
        if exchange.ledger.listed[code].scale != scale:
            exchange.change(day, code, scale=scale)


def _ranked(exchange: Exchange) -> list[str]:
    """Return the members of the TOPIX, the largest of the first market first."""
    listed = exchange.ledger.listed
    is_outside = {code: listed[code].market not in BASE_MARKETS for code in _members(exchange)}
    return sorted(is_outside, key=lambda code: (is_outside[code], -exchange.size[code]))


def _fill_scale(exchange: Exchange, day: dt.date) -> None:
    """Let the largest of each smaller scale take the places that became free in a larger one.

    An issue that left the first market gives its place up.
    """
    listed = exchange.ledger.listed
    larger = [scale for scale, _size in _RANKS[:-1]]
    for code, facts in list(listed.items()):
        if facts.scale in larger and facts.market not in BASE_MARKETS:
            exchange.change(day, code, scale=SMALL2)
    ranked = _ranked(exchange)
    candidates = [code for code in ranked if listed[code].market in BASE_MARKETS]
    for scale, size in _RANKS:
        missing = size - sum(listed[code].scale == scale for code in ranked)
        smaller = _SMALLER_THAN[scale]
        heirs = [code for code in candidates if listed[code].scale in smaller]
        for code in heirs[: max(missing, 0)]:
            exchange.change(day, code, scale=scale)


def _shrink_topix(exchange: Exchange, day: dt.date) -> None:
    _revise_scale(exchange, day, jitter=0.0)


def _reform(exchange: Exchange, day: dt.date) -> None:
    """Replace the five old markets by Prime, Standard and Growth."""
    listed = exchange.ledger.listed
    first = [code for code, facts in listed.items() if facts.market == FIRST_SECTION]
    first.sort(key=lambda code: (code in exchange.kept, exchange.size.get(code, 9.0)))
    to_standard = set(first[: max(0, len(first) - round(targets.sizes(day)[PRIME]))])
    for code, facts in list(listed.items()):
        if facts.market == FIRST_SECTION:
            market = STANDARD if code in to_standard else PRIME
        else:
            market = _AFTER_REFORM.get(facts.market, facts.market)
        if market != facts.market:
            exchange.change(day, code, market=market)


def _great_move(exchange: Exchange, day: dt.date) -> None:
    """Move the companies that chose Standard over the stricter rules of Prime."""
    for _ in range(targets.GREAT_MOVE_SIZE):
        code = exchange.find(lambda facts: facts.market == PRIME)
        if code is not None:
            exchange.change(day, code, market=STANDARD)
    _fill_scale(exchange, day)


def _list_preferred(exchange: Exchange, day: dt.date) -> None:
    """List preferred shares of one large issuer, which then stays listed."""
    code = exchange.find(lambda f: f.market in BASE_MARKETS and f.margin == LOANABLE)
    if code is None:
        return
    exchange.kept.add(code)
    for last in _PREFERRED[day]:
        exchange.ledger.put(day, code[:4] + last, listings.preferred(exchange.ledger.listed[code]))
        exchange.kept.add(code[:4] + last)


def _is_revision(day: dt.date) -> bool:
    return day.month == 10 and calendar.next_after(day).month != 10


def pass_milestones(exchange: Exchange, day: dt.date) -> None:
    """Let happen what is extraordinary about `day`, if anything."""
    fixed: dict[dt.date, Callable[[Exchange, dt.date], None]] = {
        calendar.DATA_BEGIN: open_exchange,
        targets.REFORM: _reform,
        targets.GREAT_MOVE: _great_move,
        _SMALLER_TOPIX: _shrink_topix,
    }
    if day in fixed:
        fixed[day](exchange, day)
    if _is_revision(day):
        _revise_scale(exchange, day)
    elif calendar.last_before(day).month != day.month:
        _fill_scale(exchange, day)
    if day in _PREFERRED:
        _list_preferred(exchange, day)
