"""When is a sync due, and which of the due moments are still worth a run?

A slot is a moment at which a run is due: a wall time of each day in an IANA zone. A wall time that
a change of the clocks skips is taken after the gap, one that occurs twice is taken once, the first
time (PEP 495, `fold=0`).
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, available_timezones

from meigara.domain.run import Trigger
from meigara.errors import InvalidSchedule

PUNCTUAL = dt.timedelta(seconds=60)
"""A slot opened within this time is on schedule; later it is caught up."""

_NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})
"""Files beside the zones of IANA: what they mean depends on the machine that reads them."""

_WALL_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


class MissedReason(StrEnum):
    """Why a slot was not honoured."""

    NOBODY_RAN = "nobody_ran"
    SCHEDULE_CHANGED = "schedule_changed"


@dataclass(frozen=True, slots=True)
class DailyTime:
    """A wall time of each day, such as 05:00 in Asia/Tokyo."""

    time: dt.time
    zone: ZoneInfo

    def slot_on(self, day: dt.date) -> dt.datetime:
        """Return the slot of a local day, in UTC."""
        return dt.datetime.combine(day, self.time, self.zone).astimezone(dt.UTC)

    def slots_after(self, moment: dt.datetime) -> Iterator[dt.datetime]:
        """Yield the slots later than `moment`, in order, in UTC, without end."""
        day = moment.astimezone(self.zone).date() - dt.timedelta(days=1)
        last = moment
        while True:
            # A zone that skips a whole day gives two days the same slot: it counts once.
            if (slot := self.slot_on(day)) > last:
                yield slot
                last = slot
            day += dt.timedelta(days=1)

    def next_after(self, moment: dt.datetime) -> dt.datetime:
        """Return the first slot later than `moment`, in UTC."""
        return next(self.slots_after(moment))

    def preview(self, now: dt.datetime, count: int = 5) -> list[dt.datetime]:
        """Return the next slots, in the zone of the schedule."""
        return [slot.astimezone(self.zone) for slot in islice(self.slots_after(now), count)]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of the slots that are due: at most one is run, the others were missed."""

    opened: dt.datetime | None
    missed: tuple[dt.datetime, ...]
    next: dt.datetime

    def trigger(self, now: dt.datetime) -> Trigger:
        """Say whether the slot is opened in time or caught up."""
        is_late = self.opened is not None and now - self.opened > PUNCTUAL
        return Trigger.CATCH_UP if is_late else Trigger.SCHEDULE


def settle(
    daily: DailyTime, next_slot: dt.datetime, now: dt.datetime, window: dt.timedelta
) -> Settlement:
    """Decide on every slot from `next_slot` up to `now`.

    The newest one is run if it is no older than `window`; all older ones were missed.
    """
    following = takewhile(lambda slot: slot <= now, daily.slots_after(next_slot))
    due = [next_slot, *following] if next_slot <= now else []
    is_open = bool(due) and now - due[-1] <= window
    return Settlement(
        opened=due[-1] if is_open else None,
        missed=tuple(due[:-1] if is_open else due),
        next=daily.next_after(now) if due else next_slot,
    )


def parse_wall_time(text: str) -> dt.time:
    """Return the time of day that `HH:MM` means, in digits of any width. Raises InvalidSchedule."""
    found = _WALL_TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise InvalidSchedule(text=text, field="execution_time")
    return dt.time.fromisoformat(f"{found[1]:0>2}:{found[2]}")


def parse_zone(text: str) -> ZoneInfo:
    """Return the IANA zone of that name. Raises InvalidSchedule."""
    if text not in _zones():
        raise InvalidSchedule(text=text, field="timezone")
    return ZoneInfo(text)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES
