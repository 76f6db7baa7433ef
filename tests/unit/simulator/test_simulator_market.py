"""The invented market looks and moves like the real one."""

import datetime as dt
import re
import unicodedata
from collections import Counter
from functools import cache

import pytest

from meigara.simulator import calendar
from meigara.simulator.ledger import Row
from meigara.simulator.market import Market
from meigara.simulator.tables import SECTORS33

FIELDS = [
    *("Date", "Code", "CoName", "CoNameEn", "S17", "S17Nm", "S33", "S33Nm"),
    *("ScaleCat", "Mkt", "MktNm", "Mrgn", "MrgnNm", "ProdCat"),
]
KNOWN_DAY = dt.date(2025, 7, 11)


@pytest.fixture
def known_day(market: Market) -> list[Row]:
    return market.roster(KNOWN_DAY)


def count(rows: list[Row], field: str) -> Counter[str]:
    return Counter(row[field] for row in rows)


def changes(before: list[Row], after: list[Row]) -> Counter[str]:
    """Count what differs between two rosters, by kind."""
    old = {row["Code"]: row for row in before}
    new = {row["Code"]: row for row in after}
    found = Counter(listed=len(new.keys() - old.keys()), delisted=len(old.keys() - new.keys()))
    for code in old.keys() & new.keys():
        if list(old[code].values())[1:] != list(new[code].values())[1:]:
            found.update(field for field in FIELDS[1:] if old[code][field] != new[code][field])
    return found


def test_the_same_seed_gives_the_same_market() -> None:
    day = dt.date(2009, 6, 1)
    assert Market(3).roster(day) == Market(3).roster(day)
    assert Market(3).roster(day) != Market(4).roster(day)


def test_the_order_of_the_questions_does_not_matter() -> None:
    days = [dt.date(2008, 5, 7), dt.date(2008, 12, 30), dt.date(2008, 10, 31)]
    forward, backward = Market(5), Market(5)
    assert [forward.roster(day) for day in days] == [
        backward.roster(day) for day in reversed(days)
    ][::-1]


def test_a_day_without_trading_has_no_roster(market: Market) -> None:
    for day in (dt.date(2026, 11, 23), dt.date(2008, 5, 2)):
        with pytest.raises(ValueError, match="no roster"):
            market.roster(day)


def test_every_row_has_the_fourteen_fields_in_order(known_day: list[Row]) -> None:
    assert all(list(row) == FIELDS for row in known_day)
    assert all(isinstance(value, str) for row in known_day for value in row.values())
    assert {row["Date"] for row in known_day} == {"2025-07-11"}


def test_codes_are_unique_sorted_and_well_formed(known_day: list[Row]) -> None:
    codes = [row["Code"] for row in known_day]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"[0-9][0-9A-Z][0-9][0-9A-Z][0-9]", code) for code in codes)


def test_the_markets_are_as_large_as_the_real_ones(known_day: list[Row]) -> None:
    real = {"0111": 1627, "0112": 1574, "0113": 611, "0109": 453, "0105": 146}
    markets = count(known_day, "Mkt")
    assert markets.keys() == real.keys()
    assert all(abs(markets[market] - size) <= 30 for market, size in real.items())


def test_the_scales_are_as_large_as_the_real_ones(known_day: list[Row]) -> None:
    scales = count(known_day, "ScaleCat")
    real = {"TOPIX Core30": 30, "TOPIX Large70": 70, "TOPIX Mid400": 397, "TOPIX Small 1": 489}
    assert all(abs(scales[scale] - size) <= 12 for scale, size in real.items())
    assert abs(scales["TOPIX Small 2"] - 694) <= 40


def test_peculiar_issues_are_there(known_day: list[Row]) -> None:
    by_code = {row["Code"]: row for row in known_day}
    assert by_code["83010"]["Mkt"] == by_code["84210"]["Mkt"] == "0112"
    assert by_code["84210"]["S33"] == "9999"
    assert count(known_day, "ProdCat")["012"] == 2
    assert count(known_day, "ProdCat")["021"] >= 4
    preferred = [row for row in known_day if not row["Code"].endswith("0")]
    assert len(preferred) == 4
    assert {row["ProdCat"] for row in preferred} == {"011"}
    assert all(by_code[row["Code"][:4] + "0"]["CoName"] in row["CoName"] for row in preferred)


def test_sectors_follow_from_the_market(known_day: list[Row]) -> None:
    assert {row["S33"] for row in known_day if row["Mkt"] == "0109"} == {"9999"}
    assert "9999" not in {row["S33"] for row in known_day if row["Mkt"] == "0105"}
    assert all(SECTORS33[row["S33"]][1] == row["S17"] for row in known_day)
    assert {"情報･通信業", "証券･商品先物取引業"} <= count(known_day, "S33Nm").keys()


def test_letters_came_into_codes_in_2024(market: Market) -> None:
    before = market.roster(dt.date(2023, 12, 29))
    assert all(row["Code"].isdigit() for row in before)
    lettered = [row for row in market.roster(KNOWN_DAY) if not row["Code"].isdigit()]
    assert 190 <= len(lettered) <= 290


def test_names_have_the_traits_of_real_ones(known_day: list[Row]) -> None:
    names = [row["CoName"] for row in known_day]
    size = len(names)
    changed = sum(unicodedata.normalize("NFKC", name) != name for name in names)
    assert 0.15 < changed / size < 0.30
    assert 0.07 < sum("　" in name for name in names) / size < 0.15
    assert not any(char.isascii() for name in names for char in name)
    assert max(map(len, names)) == 86
    assert max(len(row["CoNameEn"]) for row in known_day) == 114
    assert 0 < sum(not row["CoNameEn"] for row in known_day) < 40
    assert 1 <= size - len(set(names)) < 40


def test_the_reform_replaced_the_markets_in_one_day(market: Market) -> None:
    before, after = market.roster(dt.date(2022, 4, 1)), market.roster(dt.date(2022, 4, 4))
    assert count(before, "Mkt").keys() == {"0101", "0102", "0104", "0105", "0106", "0107", "0109"}
    assert count(after, "Mkt").keys() == {"0105", "0109", "0111", "0112", "0113"}
    assert 3_600 < changes(before, after)["Mkt"] < 3_900
    new = {row["Code"]: row["Mkt"] for row in after}
    moves = Counter((row["Mkt"], new[row["Code"]]) for row in before if row["Code"] in new)
    assert moves["0101", "0111"] > 1_700
    assert moves["0101", "0112"] > 200
    assert {after for (old, after) in moves if old in {"0102", "0106"}} == {"0112"}


def test_in_october_2023_many_moved_from_prime_to_standard(market: Market) -> None:
    moved = changes(market.roster(dt.date(2023, 10, 19)), market.roster(dt.date(2023, 10, 20)))
    assert 170 <= moved["Mkt"] <= 185


@pytest.mark.parametrize("year", [2024, 2025])
def test_the_scale_is_revised_late_in_october(market: Market, year: int) -> None:
    day = calendar.on_or_before(dt.date(year, 10, 31))
    revised = changes(market.roster(calendar.last_before(day)), market.roster(day))
    assert 150 < revised["ScaleCat"] < 500


def test_most_days_have_a_few_changes(market: Market) -> None:
    day = dt.date(2026, 8, 3)
    counts = []
    before = market.roster(day)
    while day < dt.date(2026, 11, 20):
        day = calendar.next_after(day)
        after = market.roster(day)
        found = changes(before, after)
        codes = {"listed", "delisted", "CoName", "S33", "ScaleCat", "Mkt", "Mrgn"}
        counts.append(sum(found[kind] for kind in codes))
        before = after
    usual = sum(1 for size in counts if size <= 5)
    assert usual / len(counts) > 0.9
    assert sum(1 for size in counts if size) / len(counts) > 0.85


@pytest.mark.parametrize("last", ["2026-11-20", "2026-09-15", "2025-12-30", "2027-03-03"])
def test_ten_business_days_hold_a_listing_a_rename_and_a_delisting(
    market: Market, last: str
) -> None:
    day = dt.date.fromisoformat(last)
    found: Counter[str] = Counter()
    for _ in range(10):
        found += changes(market.roster(calendar.last_before(day)), market.roster(day))
        day = calendar.last_before(day)
    assert found["listed"] >= 1
    assert found["CoName"] >= 1
    assert found["delisted"] >= 1


def test_some_codes_left_and_came_back(market: Market) -> None:
    listed = cache(lambda year: {row["Code"] for row in market.roster(dt.date(year, 6, 3))})
    returned = {
        code
        for year in (2009, 2013, 2014, 2015, 2019, 2020)
        for code in listed(year)
        if code not in listed(year + 1 if year != 2020 else 2024)
    } & listed(2026)
    assert returned
