"""On which days is the Tokyo Stock Exchange open?

Holidays are computed from the Act on National Holidays (国民の祝日に関する法律); the years in
which an extra Act moved some of them are in `_EXTRA` and `_MOVED`. Valid for 2000 to 2099.
"""

import datetime as dt
from functools import lru_cache

DATA_BEGIN = dt.date(2008, 5, 7)

NON_BUSINESS_DAY = "0"
BUSINESS_DAY = "1"
HOLIDAY_TRADING = "3"

_ONE_DAY = dt.timedelta(days=1)
_HOLIDAY_TRADING_BEGAN = dt.date(2022, 9, 23)

# Accession of the Emperor in 2019.
_EXTRA = {2019: ((5, 1), (10, 22))}
# Marine Day, Mountain Day and Sports Day were moved for the Games of 2020, held in 2021.
_MOVED = {2020: ((7, 23), (8, 10), (7, 24)), 2021: ((7, 22), (8, 8), (7, 23))}


def _monday(year: int, month: int, nth: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(-first.weekday()) % 7 + 7 * (nth - 1))


def _equinox(year: int, month: int) -> dt.date:
    # The usual approximation of the Japanese ephemeris, right for 1980 to 2099.
    base = 20.8431 if month == 3 else 23.2488
    return dt.date(year, month, int(base + 0.242194 * (year - 1980)) - (year - 1980) // 4)


def _emperors_birthday(year: int) -> list[dt.date]:
    if year <= 2018:
        return [dt.date(year, 12, 23)]
    return [dt.date(year, 2, 23)] if year >= 2020 else []


def _summer_and_sports(year: int) -> list[dt.date]:
    if year in _MOVED:
        return [dt.date(year, month, day) for month, day in _MOVED[year]]
    days = [_monday(year, 7, 3), _monday(year, 10, 2)]
    return [*days, dt.date(year, 8, 11)] if year >= 2016 else days


def _fixed(year: int) -> list[dt.date]:
    days = ((1, 1), (2, 11), (4, 29), (5, 3), (5, 4), (5, 5), (11, 3), (11, 23))
    return [dt.date(year, month, day) for month, day in (*days, *_EXTRA.get(year, ()))]


def _named_holidays(year: int) -> set[dt.date]:
    mondays = [_monday(year, 1, 2), _monday(year, 9, 3)]
    equinoxes = [_equinox(year, 3), _equinox(year, 9)]
    movable = [*_emperors_birthday(year), *_summer_and_sports(year)]
    return {*_fixed(year), *mondays, *equinoxes, *movable}


def _with_substitutes(named: set[dt.date]) -> set[dt.date]:
    """Add the substitute of a holiday on a Sunday, and a day between two holidays."""
    days = set(named)
    for day in sorted(named):
        if day.weekday() == 6:
            substitute = day
            while substitute in days:
                substitute += _ONE_DAY
            days.add(substitute)
        elif day + 2 * _ONE_DAY in named and (day + _ONE_DAY).weekday() != 6:
            days.add(day + _ONE_DAY)
    return days


@lru_cache(maxsize=128)
def national_holidays(year: int) -> frozenset[dt.date]:
    """Return the national holidays of `year`, substitute holidays included."""
    return frozenset(_with_substitutes(_named_holidays(year)))


def _is_new_year_closure(day: dt.date) -> bool:
    return (day.month, day.day) in ((12, 31), (1, 1), (1, 2), (1, 3))


def is_business_day(day: dt.date) -> bool:
    """Say whether the exchange trades shares on `day`."""
    if day.weekday() >= 5 or _is_new_year_closure(day):
        return False
    return day not in national_holidays(day.year)


def on_or_after(day: dt.date) -> dt.date:
    """Return `day` if it is a business day, otherwise the next one."""
    while not is_business_day(day):
        day += _ONE_DAY
    return day


def on_or_before(day: dt.date) -> dt.date:
    """Return `day` if it is a business day, otherwise the one before it."""
    while not is_business_day(day):
        day -= _ONE_DAY
    return day


def next_after(day: dt.date) -> dt.date:
    """Return the first business day after `day`."""
    return on_or_after(day + _ONE_DAY)


def last_before(day: dt.date) -> dt.date:
    """Return the last business day before `day`."""
    return on_or_before(day - _ONE_DAY)


def holiday_division(day: dt.date) -> str:
    """Return HolDiv: "1" on a business day, "3" where derivatives alone trade, else "0".

    Holiday trading takes place on national holidays that fall on a weekday, except the first
    of January; the exchange may leave out others, which this does not know.
    """
    if is_business_day(day):
        return BUSINESS_DAY
    on_weekday = day.weekday() < 5 and day in national_holidays(day.year)
    is_new_year = (day.month, day.day) == (1, 1)
    if on_weekday and not is_new_year and day >= _HOLIDAY_TRADING_BEGAN:
        return HOLIDAY_TRADING
    return NON_BUSINESS_DAY
