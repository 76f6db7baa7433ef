"""What does the page of a data source say of its overview, in words?"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import Request

from meigara.db.models import SyncRun
from meigara.domain.run import Phase
from meigara.domain.standing import Standing
from meigara.i18n import Translate
from meigara.sentences import PHASES, sentence_of
from meigara.services.progress import percent_done
from meigara.services.schedules import daily_of
from meigara.services.sources import Overview
from meigara.web.language import translate_page

_JUST_NOW = dt.timedelta(minutes=10)

WORDS: Mapping[Standing, str] = {
    Standing.SYNCING: "Syncing",
    Standing.WAITING: "Waiting for the rate limit",
    Standing.QUEUED: "About to sync",
    Standing.KEY_MISSING: "No API key",
    Standing.KEY_REFUSED: "The API key is refused",
    Standing.HELD: "Held",
    Standing.FAILED: "Failed",
    Standing.NEVER_SYNCED: "Not synced yet",
    Standing.LATE: "Late",
    Standing.PAUSED: "Paused",
    Standing.STALE: "Out of date",
    Standing.CURRENT: "Up to date",
}
_ICONS: Mapping[Standing, str] = {
    Standing.CURRENT: "check",
    Standing.SYNCING: "sync",
    Standing.QUEUED: "sync",
    Standing.WAITING: "clock",
    Standing.LATE: "clock",
    Standing.PAUSED: "pause",
    Standing.NEVER_SYNCED: "clock",
    Standing.KEY_MISSING: "key",
    Standing.KEY_REFUSED: "key",
}


class Head(NamedTuple):
    """The head line of the page: a symbol, a word and a sentence."""

    icon: str
    word: str
    sentence: str


def values_of(view: Overview, request: Request, now: dt.datetime) -> dict[str, Any]:
    """Return the values that the templates of the page need beside the overview itself."""
    translate = translate_page(request)
    schedule = view.schedule
    daily = daily_of(schedule)
    next_slot = daily.next_after(now) if schedule.is_enabled else None
    return {
        "view": view,
        "head": _head(view, next_slot, now, translate),
        "zone_info": daily.zone,
        "zone_name": now.astimezone(daily.zone).tzname() or schedule.timezone,
        "next_slot": next_slot,
        "finished": _just_finished(view, now),
        "steps": [(phase, translate(PHASES[phase])) for phase in Phase],
        "current_step": view.active.phase or Phase.FETCH if view.active else None,
        "percent": percent_done(view.active, view.expected_rows) if view.active else 0,
    }


def _head(
    view: Overview, next_slot: dt.datetime | None, now: dt.datetime, translate: Translate
) -> Head:
    icon = _ICONS.get(view.standing, "alert")
    word = translate(WORDS[view.standing])
    return Head(icon, word, _sentence(view, next_slot, now, translate))


def _sentence(
    view: Overview, next_slot: dt.datetime | None, now: dt.datetime, translate: Translate
) -> str:
    """Return the reason of a state, or the size of a list that is in order and its next sync."""
    zone = ZoneInfo(view.schedule.timezone)
    if view.standing.is_active and view.active is not None:
        return sentence_of(view.active, translate, zone)
    if view.standing in (Standing.FAILED, Standing.KEY_REFUSED, Standing.HELD) and view.last:
        return sentence_of(view.last, translate, zone)
    if view.published is None:
        return translate(FIRST_STEPS[view.standing]) if view.standing in FIRST_STEPS else ""
    parts = (_size(view.published, translate), _next(next_slot, now, zone, translate))
    return " ".join(filter(None, parts))


FIRST_STEPS = {
    Standing.KEY_MISSING: "J-Quants asks for a key; the next page tells where to get one.",
    Standing.NEVER_SYNCED: "Press “Sync now” to fetch the first list.",
}


def _size(run: SyncRun, translate: Translate) -> str:
    text = translate("{total} issues ({companies} companies) as of {as_of}.")
    total, companies = f"{run.total or 0:,}", f"{run.companies or 0:,}"
    return text.format(total=total, companies=companies, as_of=run.as_of)


def _next(
    next_slot: dt.datetime | None, now: dt.datetime, zone: dt.tzinfo, translate: Translate
) -> str:
    if next_slot is None:
        return ""
    hours, minutes = divmod(int((next_slot - now).total_seconds()) // 60, 60)
    left = translate("in {hours} h {minutes} min").format(hours=hours, minutes=minutes)
    text = translate("Next: {time} ({left}).")
    return text.format(time=f"{next_slot.astimezone(zone):%H:%M}", left=left)


def _just_finished(view: Overview, now: dt.datetime) -> SyncRun | None:
    """Return the last run if it ended so lately that its result is still news."""
    last = view.last
    is_news = last and last.started_at and last.finished_at and now - last.finished_at < _JUST_NOW
    return last if is_news else None
