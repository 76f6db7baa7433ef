"""Which J-Quants plan is it, and what does it allow?

Calls a minute: J-Quants API v2, "Rate Limits". Windows: "Plans and Data Coverage".
"""

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

_COVERAGE = re.compile(r"(\d{4}-\d{2}-\d{2})\s*~\s*(\d{4}-\d{2}-\d{2})?")
_FREE_DELAY = dt.timedelta(weeks=12, days=1)  # a day more while the window moves on
_FREE_DELAY_DAYS = 70  # the Free plan is 84 days behind; a stale list alone is never that old


class Plan(StrEnum):
    """A contract with J-Quants."""

    FREE = "free"
    LIGHT = "light"
    STANDARD = "standard"
    PREMIUM = "premium"

    @property
    def calls_per_minute(self) -> int:
        """How many calls J-Quants answers within a minute."""
        return {Plan.FREE: 5, Plan.LIGHT: 60, Plan.STANDARD: 120, Plan.PREMIUM: 500}[self]

    @property
    def delay(self) -> dt.timedelta:
        """How old the newest list of the plan is at most."""
        return _FREE_DELAY if self is Plan.FREE else dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The days for which a plan gives lists; `last` is None for an open end."""

    first: dt.date
    last: dt.date | None


def coverage_in(message: str) -> Coverage | None:
    """Return the coverage that a refusal names ("… covers the following dates: A ~ B"), if any."""
    found = _COVERAGE.search(message)
    if found is None:
        return None
    first, last = found.groups()
    try:
        return Coverage(dt.date.fromisoformat(first), dt.date.fromisoformat(last) if last else None)
    except ValueError:  # digits that are no date
        return None


def plan_of(coverage: Coverage, today: dt.date) -> Plan:
    """Return the plan whose window is nearest to `coverage`."""
    if coverage.last is not None:
        return Plan.FREE
    years = (today - coverage.first).days / 365.25
    if years < 7.5:
        return Plan.LIGHT
    return Plan.STANDARD if years < 15 else Plan.PREMIUM


def is_delayed(as_of: dt.date, today: dt.date) -> bool:
    """Say whether a list that was asked for without a date is as old as the Free plan's are."""
    return (today - as_of).days >= _FREE_DELAY_DAYS
