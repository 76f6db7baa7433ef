"""Which slots must have a row and which may, by a calendar of its own?

It shares no code with the program: a slot is found by trying the offsets that the zone had around
that day, and each row is judged by the moment at which it was written.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

WINDOW = dt.timedelta(hours=12)
ON_TIME = dt.timedelta(seconds=60)
MOST_ATTEMPTS = 4
_DAY = dt.timedelta(days=1)


class Row(Protocol):
    """What is judged of a row of the schedule; nothing else of it counts."""

    scheduled_for: dt.datetime
    queued_at: dt.datetime
    status: str
    trigger: str
    missed_reason: str | None
    attempt: int
    retry_at: dt.datetime | None


@dataclass(frozen=True)
class Plan:
    """A wall time in a zone, or a pause."""

    clock: str
    zone: str
    is_enabled: bool


@dataclass
class Period:
    """A stretch between two edits: its plan, and the moments that the clocks showed in it."""

    plan: Plan
    start: dt.datetime
    latest: dt.datetime
    end: dt.datetime | None = None

    def slots_until(
        self, moment: dt.datetime, since: dt.datetime | None = None
    ) -> set[dt.datetime]:
        """Return the slots of the stretch after its start, or after `since`, up to a moment."""
        after = max(self.start, since or self.start)
        if not self.plan.is_enabled or moment <= after:
            return set()
        first = after.date() - 2 * _DAY
        days = (first + n * _DAY for n in range((moment.date() - first).days + 3))
        found = {moment_of(self.plan.clock, self.plan.zone, day) for day in days}
        return {slot for slot in found if after < slot <= moment}


@cache
def moment_of(clock: str, zone: str, day: dt.date) -> dt.datetime:
    """Return when a clock on the wall first shows a time of a day, else when it would have."""
    hour, minute = (int(part) for part in clock.split(":"))
    wall = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=dt.UTC)
    place = ZoneInfo(zone)
    before, after = ((wall + n * 1.5 * _DAY).astimezone(place).utcoffset() for n in (-1, 1))
    assert before is not None
    assert after is not None
    real = [
        wall - offset
        for offset in (before, after)
        if (wall - offset).astimezone(place).replace(tzinfo=dt.UTC) == wall
    ]
    return min(real, default=wall - before)


def violations(periods: Iterable[Period], rows: Sequence[Row], now: dt.datetime) -> dict[str, int]:
    """Count, by kind, what the rows of the schedule should not be."""
    moments = Counter(row.scheduled_for for row in rows)
    must: set[dt.datetime] = set()
    may: set[dt.datetime] = set()
    for period in periods:
        end = period.end or now
        must |= period.slots_until(end)
        may |= period.slots_until(max(end, period.latest))
    opened = [row for row in rows if row.status != "missed"]
    return {
        "DOUBLED": sum(count - 1 for count in moments.values()),
        "LOST": len(must - moments.keys()),
        "INVENTED": len(moments.keys() - may),
        "WITHOUT END": sum(not _has_ended(row) for row in rows),
        "EARLY": sum(row.queued_at < row.scheduled_for for row in rows),
        "STALE": sum(_lateness(row) > WINDOW for row in opened),
        "GIVEN UP": sum(_was_given_up(row, moments) for row in rows),
        "MISNAMED": sum(row.trigger != _right_trigger(row) for row in opened),
        "TOO OFTEN": sum(row.attempt > MOST_ATTEMPTS for row in rows),
    }


def must_have_a_row(periods: Iterable[Period], now: dt.datetime) -> int:
    """Return how many slots must have a row."""
    slots = (period.slots_until(period.end or now) for period in periods)
    return len(set().union(*slots))


def _lateness(row: Row) -> dt.timedelta:
    return row.queued_at - row.scheduled_for


def _right_trigger(row: Row) -> str:
    return "schedule" if _lateness(row) <= ON_TIME else "catch_up"


def _has_ended(row: Row) -> bool:
    return row.status not in ("queued", "running") and row.retry_at is None


def _was_given_up(row: Row, moments: Iterable[dt.datetime]) -> bool:
    """Say whether a slot was missed though it was the newest, and young enough to be run."""
    if row.status != "missed" or row.missed_reason != "nobody_ran" or _lateness(row) > WINDOW:
        return False
    return not any(row.scheduled_for < other <= row.queued_at for other in moments)
