"""What does a subscription plan allow: which dates, how many calls a minute?

The windows and limits are J-Quants' published ones; the texts of the refusals are those that
users reported.
"""

import datetime as dt
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from meigara.simulator import calendar
from meigara.simulator.errors import SimulatorError

_EMBARGO: Final = dt.timedelta(weeks=12)
_MINUTE: Final = dt.timedelta(minutes=1)
_LOCKOUT: Final = dt.timedelta(minutes=5)
# How far beyond the limit a caller must go on within the minute to be cut off.
_PATIENCE: Final = 20

API_KEY_REQUIRED: Final = "The api key is required."
API_KEY_INVALID: Final = "The incoming api key is invalid or expired."
UNKNOWN_PATH: Final = "The requested endpoint does not exist"
NO_SUBSCRIPTION: Final = "No active subscription found. Please subscribe to a plan."
NOT_IN_PLAN: Final = (
    "This API is not available on your subscription. If you want more data, please check other"
    " plans:https://jpx-jquants.com/#dataset"
)
_COVERS: Final = "Your subscription covers the following dates: "
_MORE: Final = ". If you want more data, please check other plans:https://jpx-jquants.com/#dataset"


class OutsideWindow(Exception):
    """The plan does not cover the date; the text is the one the API answers."""


@dataclass(frozen=True)
class Window:
    """The dates a plan covers on some day; no `end` means up to the newest data."""

    start: dt.date
    end: dt.date | None

    @property
    def refusal(self) -> str:
        """Return the text with which the API refuses a date outside."""
        if self.end is None:
            return f"{_COVERS}{self.start} ~ {_MORE}"
        return f"{_COVERS}{self.start} ~ {self.end}"


@dataclass(frozen=True)
class Plan:
    """One of the four subscriptions."""

    name: str
    calls_per_minute: int
    years: int
    is_embargoed: bool = False

    def window(self, today: dt.date) -> Window:
        """Return the dates covered on `today`; they roll forward daily."""
        end = today - _EMBARGO if self.is_embargoed else today
        start = max(_years_before(end, self.years), calendar.DATA_BEGIN)
        return Window(start, end if self.is_embargoed else None)


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


PLANS: Final = {
    plan.name: plan
    for plan in (
        Plan("free", 5, 2, is_embargoed=True),
        Plan("light", 60, 5),
        Plan("standard", 120, 10),
        Plan("premium", 500, 20),
    )
}


def plan_named(name: str) -> Plan:
    """Return the plan; raise SimulatorError for a name that is none."""
    plan = PLANS.get(name.lower())
    if plan is None:
        raise SimulatorError(f"There is no plan {name!r}; choose one of {', '.join(PLANS)}.")
    return plan


class Verdict(Enum):
    """What the limiter says about one call."""

    ALLOWED = auto()
    TOO_MANY = auto()
    LOCKED_OUT = auto()


class Limiter:
    """Counts the calls of each key in a sliding minute.

    Going on far beyond the limit locks the key out for five minutes.
    """

    def __init__(self, calls_per_minute: int) -> None:
        """Allow so many calls a minute to every key."""
        self._limit = calls_per_minute
        self._calls: dict[str, deque[dt.datetime]] = {}
        self._locked_until: dict[str, dt.datetime] = {}

    def judge(self, key: str, now: dt.datetime) -> Verdict:
        """Count a call of `key` at `now` and say whether it may be answered."""
        if now < self._locked_until.get(key, now):
            return Verdict.LOCKED_OUT
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= now - _MINUTE:
            calls.popleft()
        calls.append(now)
        if len(calls) > self._limit + _PATIENCE:
            self._locked_until[key] = now + _LOCKOUT
            calls.clear()
            return Verdict.LOCKED_OUT
        return Verdict.ALLOWED if len(calls) <= self._limit else Verdict.TOO_MANY
