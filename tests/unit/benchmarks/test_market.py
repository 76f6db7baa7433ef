"""The invented lists that the benchmarks sync."""

import datetime as dt
import re
from itertools import pairwise

from benchmarks.contest import Measured
from benchmarks.rosters import CHANGED_ROWS, FIRST_DAY, Market, codes
from meigara.domain.roster import Roster
from meigara.jquants.wire import decode_page, roster_from


def a_roster(body: bytes) -> Roster:
    """Return the roster of one answer."""
    return roster_from([decode_page(body)])


def test_codes_are_distinct_and_well_formed() -> None:
    """So are those with letters, which begin after 8,700 numbers."""
    some = list(codes(20_000))
    assert len(set(some)) == len(some)
    assert all(re.fullmatch("[0-9A-Z]{5}", code) for code in some)
    assert some[0] == "72030"


def test_the_next_day_differs_in_a_few_rows() -> None:
    """Each day carries its date, and only the promised number of other texts."""
    market = Market(100)
    days = [a_roster(market.body()), a_roster(market.next_day()), a_roster(market.next_day())]
    assert [day.as_of for day in days] == [FIRST_DAY + dt.timedelta(days=n) for n in range(3)]
    changed = [len(later.contents - earlier.contents) for earlier, later in pairwise(days)]
    assert changed == [CHANGED_ROWS, CHANGED_ROWS]


def test_ratios_are_taken_round_by_round() -> None:
    """A way that sat out some rounds is compared in those it took part in."""
    measured = Measured("case", "sqlite", 1, {"ours": [1.0, 4.0, 9.0], "plain": [2.0, 20.0]}, {})
    assert measured.ratio("plain", "ours") == 3.5
    assert measured.ratio("floor", "ours") is None
