"""On which days does the Tokyo Stock Exchange trade?

National holidays come from the package `holidays`; that the exchange is closed on them, at weekends
and from 31 December to 3 January is its own rule. Holiday trading of derivatives (J-Quants'
`HolDiv` 3) began on 2022-09-23 and takes place on weekdays that are national holidays, except the
first of January; the few that the exchange leaves out are not known here.
"""

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

import holidays

_HOLIDAY_TRADING_BEGAN = dt.date(2022, 9, 23)
_CLOSED_AT_NEW_YEAR = frozenset({(12, 31), (1, 1), (1, 2), (1, 3)})
_ONE_DAY = dt.timedelta(days=1)


class HolidayDivision(StrEnum):
    """What a day is to the exchange, as J-Quants writes it (`/markets/calendar`, `HolDiv`)."""

    CLOSED = "0"
    OPEN = "1"
    HOLIDAY_TRADING = "3"


def division_of(day: dt.date) -> HolidayDivision:
    """Return what `day` is to the exchange."""
    is_holiday = day in _national_holidays(day.year)
    if day.weekday() < 5 and not is_holiday and (day.month, day.day) not in _CLOSED_AT_NEW_YEAR:
        return HolidayDivision.OPEN
    trades = is_holiday and day.weekday() < 5 and (day.month, day.day) != (1, 1)
    if trades and day >= _HOLIDAY_TRADING_BEGAN:
        return HolidayDivision.HOLIDAY_TRADING
    return HolidayDivision.CLOSED


def business_day_on_or_after(day: dt.date) -> dt.date:
    """Return `day` if shares are traded on it, else the next day on which they are."""
    while not is_business_day(day):
        day += _ONE_DAY
    return day


def business_day_on_or_before(day: dt.date) -> dt.date:
    """Return `day` if shares are traded on it, else the last day before on which they were."""
    while not is_business_day(day):
        day -= _ONE_DAY
    return day


def business_day_after(day: dt.date) -> dt.date:
    """Return the next day after `day` on which shares are traded."""
    return business_day_on_or_after(day + _ONE_DAY)


def is_business_day(day: dt.date) -> bool:
    """Say whether shares are traded on a day."""
    return division_of(day) is HolidayDivision.OPEN


def business_days_since(first: dt.date, last: dt.date) -> int:
    """Return the number of business days after `first` and until `last`."""
    return sum(map(is_business_day, days_between(first + _ONE_DAY, last)))


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Yield each day from `first` to `last`."""
    return map(dt.date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


@lru_cache(maxsize=64)
def _national_holidays(year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("JP", years=year))
