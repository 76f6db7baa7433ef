"""The exchange calendar agrees with days that are known."""

import datetime as dt

import pytest

from meigara.simulator import calendar


@pytest.mark.parametrize(
    "closed",
    [
        "2008-05-06",  # substitute for 4 May, a Sunday
        "2011-03-21",
        "2015-09-22",  # between two holidays
        "2016-08-11",
        "2018-12-24",
        "2018-12-31",
        "2019-04-30",  # the ten days of the accession
        "2019-05-01",
        "2019-05-02",
        "2019-10-22",
        "2020-02-24",
        "2020-07-24",
        "2021-08-09",
        "2022-01-03",
        "2023-11-03",
        "2024-02-12",
        "2024-09-23",
        "2025-11-24",
        "2026-05-06",
        "2026-09-22",
    ],
)
def test_the_exchange_is_closed_on_holidays(closed: str) -> None:
    assert not calendar.is_business_day(dt.date.fromisoformat(closed))


@pytest.mark.parametrize(
    "opened",
    [
        "2008-05-07",
        "2014-08-11",  # Mountain Day came in 2016
        "2019-12-23",  # the birthday of the Emperor emeritus is an ordinary day
        "2020-10-12",  # Sports Day was in July that year
        "2021-07-19",
        "2022-04-04",
        "2025-12-30",
    ],
)
def test_the_exchange_is_open_on_ordinary_days(opened: str) -> None:
    assert calendar.is_business_day(dt.date.fromisoformat(opened))


def test_a_year_has_about_245_business_days() -> None:
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=number) for number in range(365)]
    assert sum(map(calendar.is_business_day, days)) == 246


def test_business_days_before_and_after_skip_a_long_weekend() -> None:
    saturday = dt.date(2026, 11, 21)
    assert calendar.on_or_after(saturday) == dt.date(2026, 11, 24)
    assert calendar.on_or_before(saturday) == dt.date(2026, 11, 20)
    assert calendar.next_after(dt.date(2026, 11, 20)) == dt.date(2026, 11, 24)
    assert calendar.last_before(dt.date(2026, 11, 24)) == dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("day", "division"),
    [
        ("2026-11-20", "1"),
        ("2026-11-21", "0"),
        ("2026-11-23", "3"),
        ("2021-11-23", "0"),  # before holiday trading began
        ("2026-01-01", "0"),
        ("2026-12-31", "0"),
    ],
)
def test_the_division_tells_business_days_holidays_and_holiday_trading(
    day: str, division: str
) -> None:
    assert calendar.holiday_division(dt.date.fromisoformat(day)) == division
