"""Answers that carry a date that cannot be theirs."""

import datetime as dt

from meigara.simulator import calendar
from tests.wrong_answers.kinds import (
    Nature,
    Rows,
    Truth,
    changed,
    with_all,
    with_one,
    wrong,
)

_ONE_DAY = dt.timedelta(days=1)


def _dated(truth: Truth, day: dt.date) -> Rows:
    return with_all(truth.rows, Date=day.isoformat())


@wrong("2035-06-02", "2099-12-30", "9999-12-31", nature=Nature.DEFECT)
def far_future(truth: Truth, day: str) -> Rows:
    """All rows dated {}."""
    return with_all(truth.rows, Date=day)


@wrong(10, 30, 365, nature=Nature.DEFECT)
def days_ahead(truth: Truth, days: int) -> Rows:
    """All rows dated the first business day {} days later."""
    return _dated(truth, calendar.on_or_after(truth.as_of + dt.timedelta(days=days)))


@wrong(nature=Nature.DEFECT)
def after_the_next_business_day(truth: Truth) -> Rows:
    """All rows dated the second business day after today."""
    return _dated(truth, calendar.next_after(calendar.next_after(truth.as_of)))


@wrong(5, 6, nature=Nature.DEFECT)
def next_weekend(truth: Truth, weekday: int) -> Rows:
    """All rows dated the next day number {} of a week that begins with Monday, counted from 0."""
    ahead = (weekday - truth.as_of.weekday()) % 7 or 7
    return _dated(truth, truth.as_of + ahead * _ONE_DAY)


@wrong(nature=Nature.DEFECT)
def last_sunday(truth: Truth) -> Rows:
    """All rows dated the Sunday before."""
    return _dated(truth, truth.as_of - (truth.as_of.weekday() + 1) * _ONE_DAY)


@wrong(1, -1, nature=Nature.DEFECT)
def holiday(truth: Truth, way: int) -> Rows:
    """All rows dated the nearest national holiday on a weekday, after (1) or before (-1)."""
    day = truth.as_of
    while day.weekday() > 4 or calendar.is_business_day(day):
        day += way * _ONE_DAY
    return _dated(truth, day)


@wrong(nature=Nature.DEFECT)
def closed_at_new_year(truth: Truth) -> Rows:
    """All rows dated the last day of the year before, on which nothing is traded."""
    return _dated(truth, dt.date(truth.as_of.year - 1, 12, 31))


@wrong("0001-01-01", "1900-01-01", "1970-01-01", nature=Nature.DEFECT)
def far_past(truth: Truth, day: str) -> Rows:
    """All rows dated {}, before there were such lists."""
    return with_all(truth.rows, Date=day)


@wrong(45, 400, 2000, needs_reference=True)
def backwards(truth: Truth, days: int) -> Rows:
    """The true list of another day under a date before the stored list's, by {} days."""
    earlier = _stored_day(truth) - dt.timedelta(days=days)
    return _dated(truth, calendar.on_or_before(earlier))


def _stored_day(truth: Truth) -> dt.date:
    return dt.date.fromisoformat(truth.stored[0]["Date"]) if truth.stored else truth.as_of


@wrong(needs_reference=True)
def older_list_under_its_own_date(truth: Truth) -> Rows:
    """An older list than the stored one, as it was."""
    return truth.older


@wrong(1, 100, nature=Nature.DEFECT)
def rows_of_the_day_before(truth: Truth, count: int) -> Rows:
    """{} rows dated the business day before."""
    before = calendar.last_before(truth.as_of).isoformat()
    return changed(truth.rows, truth.positions(count), lambda row: row | {"Date": before})


@wrong("2035-06-02", "", "2025-02-30", nature=Nature.DEFECT)
def one_row_dated(truth: Truth, day: str) -> Rows:
    """One row dated {}."""
    return with_one(truth.rows, Date=day)


@wrong(nature=Nature.DEFECT)
def half_dated_differently(truth: Truth) -> Rows:
    """The second half of the rows dated the next business day."""
    after, half = calendar.next_after(truth.as_of).isoformat(), len(truth.rows) // 2
    return changed(truth.rows, range(half, len(truth.rows)), lambda row: row | {"Date": after})


@wrong(nature=Nature.DEFECT)
def alone_in_the_future(truth: Truth) -> Rows:
    """One row alone, dated 2035-06-02."""
    return [truth.rows[0] | {"Date": "2035-06-02"}]


@wrong(
    "2025-02-30", "2025-13-01", "0000-00-00", "today", "", "45869", "令和7年", nature=Nature.DEFECT
)
def no_date(truth: Truth, day: str) -> Rows:
    """All rows dated {}."""
    return with_all(truth.rows, Date=day)


@wrong(nature=Nature.DEFECT)
def null_date(truth: Truth) -> Rows:
    """All rows with null as their date."""
    return with_all(truth.rows, Date=None)


@wrong("%Y%m%d", "%Y/%m/%d", "%Y-%m-%dT00:00:00", "%Y-W%V-%u", nature=Nature.OPEN)
def dated_in_another_form(truth: Truth, form: str) -> Rows:
    """All rows dated in the form {}."""
    return with_all(truth.rows, Date=truth.as_of.strftime(form))


@wrong(nature=Nature.LEGITIMATE)
def next_business_day(truth: Truth) -> Rows:
    """The true list under the date of the next business day, as it appears in the evening."""
    return _dated(truth, calendar.next_after(truth.as_of))
