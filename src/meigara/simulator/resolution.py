"""For which business day is the roster that answers a request?"""

import datetime as dt
import re
from typing import Final
from zoneinfo import ZoneInfo

from meigara.simulator import calendar
from meigara.simulator.plans import OutsideWindow, Plan

JST: Final = ZoneInfo("Asia/Tokyo")
_PUBLICATION: Final = dt.time(17, 30)
_DATE: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


def parse_date(text: str) -> dt.date:
    """Read YYYYMMDD or YYYY-MM-DD; raise ValueError for anything else."""
    match = _DATE.fullmatch(text)
    if match is None or text.count("-") == 1:
        raise ValueError(text)
    year, month, day = map(int, match.groups())
    return dt.date(year, month, day)


def newest_published(now: dt.datetime) -> dt.date:
    """Return the newest business day whose roster exists at `now`.

    From 17:30 on a business day it is the next one; until then, that day.
    """
    here = now.astimezone(JST)
    today = here.date()
    if calendar.is_business_day(today) and here.time() < _PUBLICATION:
        return today
    return calendar.next_after(today)


def resolve(requested: dt.date | None, now: dt.datetime, plan: Plan) -> dt.date:
    """Return the business day that answers a request for `requested` (None: no date given).

    A day without trading stands for the next business day, a future one for the newest that is
    published. Raises OutsideWindow where the plan does not cover the date.
    """
    today = now.astimezone(JST).date()
    window = plan.window(today)
    if requested is None:
        # The Free plan is clipped back to its window, against the usual forward rule.
        return _opened(today) if window.end is None else _clip(window.end)
    if requested < window.start and window.start > calendar.DATA_BEGIN:
        raise OutsideWindow(window.refusal)
    if window.end is None:
        last = max(newest_published(now), calendar.DATA_BEGIN)
    elif requested > window.end:
        raise OutsideWindow(window.refusal)
    else:
        last = _clip(window.end)
    return min(_opened(requested), last)


def _opened(day: dt.date) -> dt.date:
    return calendar.on_or_after(max(day, calendar.DATA_BEGIN))


def _clip(end: dt.date) -> dt.date:
    return calendar.on_or_before(max(end, calendar.DATA_BEGIN))
