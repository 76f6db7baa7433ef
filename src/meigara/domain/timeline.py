"""From when to when was what true?

A roster says what is true from its date until the date of the next roster. A history is the
shortest list of intervals that says the same; it is equal whatever the order in which the
rosters were inserted.
"""

import datetime as dt
from bisect import bisect, insort
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")


class Interval(NamedTuple, Generic[Value]):
    """What is true from `valid_from` until the day before `valid_to` (None: still)."""

    valid_from: dt.date
    valid_to: dt.date | None
    value: Value

    def covers(self, day: dt.date) -> bool:
        """Say whether this is true on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


History = tuple[Interval[Value], ...]
"""The intervals of one code in order, none overlapping; a gap is a time off the list."""


def place(
    history: Iterable[Interval[Value]], on: dt.date, until: dt.date | None, value: Value | None
) -> History[Value]:
    """Return `history` with the time from `on` until the day before `until` set to `value`.

    `until` is the date of the next roster that is held, None if there is none;
    `value` is None where the roster does not hold the code.
    """
    kept = [part for each in history for part in _outside(each, on, until)]
    if value is not None:
        kept.append(Interval(on, until, value))
    return _joined(sorted(kept, key=lambda each: each.valid_from))


def value_on(history: Iterable[Interval[Value]], day: dt.date | None) -> Value | None:
    """Return what is true on a day; None if nothing is, or if there is no such day."""
    return next((each.value for each in history if day and each.covers(day)), None)


def predecessors(days: Iterable[dt.date]) -> list[dt.date | None]:
    """Return for each roster the day of the one before it that was there when it came.

    `days` are in the order in which the rosters came; one of the same day counts as before.
    """
    there: list[dt.date] = []
    found: list[dt.date | None] = []
    for day in days:
        place_among = bisect(there, day)
        found.append(there[place_among - 1] if place_among else None)
        if not place_among or there[place_among - 1] != day:
            insort(there, day)
    return found


def _outside(
    interval: Interval[Value], on: dt.date, until: dt.date | None
) -> list[Interval[Value]]:
    """Return what is left of an interval when [on, until) is cut out."""
    parts = []
    if interval.valid_from < on:
        parts.append(interval._replace(valid_to=_earlier(interval.valid_to, on)))
    if until is not None and (interval.valid_to is None or interval.valid_to > until):
        parts.append(interval._replace(valid_from=max(interval.valid_from, until)))
    return parts


def _earlier(end: dt.date | None, on: dt.date) -> dt.date:
    return on if end is None else min(end, on)


def _joined(intervals: Sequence[Interval[Value]]) -> History[Value]:
    """Join neighbours that touch and hold the same value."""
    joined: list[Interval[Value]] = []
    for each in intervals:
        if joined and joined[-1].valid_to == each.valid_from and joined[-1].value == each.value:
            joined[-1] = joined[-1]._replace(valid_to=each.valid_to)
        else:
            joined.append(each)
    return tuple(joined)
