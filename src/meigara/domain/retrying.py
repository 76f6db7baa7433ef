"""When is a run that came to a bad end taken up again?"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

MOST_ATTEMPTS = 4
"""A run whose process died is taken over at once, up to this attempt: it may be what kills it."""

_GROWTH = 3


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a scheduled run that failed is tried again; each pause is three times the last."""

    retries: int = 3
    first_pause: dt.timedelta = dt.timedelta(minutes=5)

    def next_at(self, attempt: int, now: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
        """Return when to try again after attempt number `attempt` failed, or None.

        `attempt` counts from 1. A retry lies on the same local day; the next day has its own run.
        """
        if attempt > self.retries:
            return None
        moment = now + self.first_pause * _GROWTH ** (attempt - 1)
        is_same_day = moment.astimezone(zone).date() == now.astimezone(zone).date()
        return moment if is_same_day else None


DAILY_RETRIES = RetryPolicy()
"""Three more tries: after 5, 15 and 45 minutes."""
