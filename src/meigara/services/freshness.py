"""Is a list of the newest day that the plan and the calendar let one expect?"""

import datetime as dt
from zoneinfo import ZoneInfo

from meigara.jquants.plan import Plan, is_delayed
from meigara.services.calendar import business_day_on_or_before

TOKYO = ZoneInfo("Asia/Tokyo")


def is_newest(as_of: dt.date, fetched_at: dt.datetime, plan: Plan | None) -> bool:
    """Say whether the list of `as_of` was the newest one that could be had at `fetched_at`.

    Where the plan is not known, a list as old as the Free plan's is taken for one of it.
    """
    day = fetched_at.astimezone(TOKYO).date()
    likely = plan or (Plan.FREE if is_delayed(as_of, day) else Plan.PREMIUM)
    return as_of >= business_day_on_or_before(day - likely.delay)


def age_in_days(as_of: dt.date, now: dt.datetime) -> int:
    """Return how many days a list is old in Tokyo; negative for one of a day to come."""
    return (now.astimezone(TOKYO).date() - as_of).days
