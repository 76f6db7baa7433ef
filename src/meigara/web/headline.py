"""What does the page of a data source say of its overview, in words?"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import Request

from meigara.counted import counted, size
from meigara.db.models import SyncRun
from meigara.domain.run import Phase
from meigara.domain.standing import Standing
from meigara.i18n import Translate
from meigara.sentences import PHASES, age_warnings, answer_warnings, sentence_of
from meigara.services.freshness import age_in_days
from meigara.services.progress import percent_done
from meigara.services.schedules import daily_of
from meigara.services.sources import Overview
from meigara.web.language import translate_page

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
_IN_ORDER = (Standing.CURRENT, Standing.STALE)


class Head(NamedTuple):
    """The head line of the page: a symbol, a word, a sentence, and when it goes on by itself."""

    icon: str
    word: str
    sentence: str
    next: str


def values_of(view: Overview, request: Request, now: dt.datetime) -> dict[str, Any]:
    """Return the values that the templates of the page need beside the overview itself."""
    translate = translate_page(request)
    schedule = view.schedule
    daily = daily_of(schedule)
    next_slot = daily.next_after(now).astimezone(daily.zone) if schedule.is_enabled else None
    return {
        "view": view,
        "head": _head(view, next_slot, now, translate),
        "warnings": list(_warnings(view, now, translate)),
        "zone_info": daily.zone,
        "zone_name": now.astimezone(daily.zone).tzname() or schedule.timezone,
        "next_slot": next_slot,
        "left": _left(next_slot, now, translate),
        "steps": [(phase, translate(PHASES[phase])) for phase in Phase],
        "current_step": view.active.phase or Phase.FETCH if view.active else None,
        "percent": percent_done(view.active, view.expected_rows) if view.active else 0,
    }


def _head(
    view: Overview, next_slot: dt.datetime | None, now: dt.datetime, translate: Translate
) -> Head:
    icon = _ICONS.get(view.standing, "alert")
    word = translate(WORDS[view.standing])
    goes_on = next_slot is not None and not view.standing.is_active
    coming = _next(next_slot, now, translate) if next_slot and goes_on else ""
    sentence = _sentence(view, translate)
    if told := _told_in_the_head(view, translate):
        icon, sentence = "alert", " ".join((sentence, *told))
    return Head(icon, word, sentence, coming)


def _told_in_the_head(view: Overview, translate: Translate) -> tuple[str, ...]:
    """Return what to know of the answer that a list was made from, where nothing else is wrong."""
    is_in_order = view.standing in _IN_ORDER
    return (
        tuple(answer_warnings(view.published, translate)) if view.published and is_in_order else ()
    )


def _warnings(view: Overview, now: dt.datetime, translate: Translate) -> Iterator[str]:
    """Yield what else there is to know of the list, in the same place while a sync runs."""
    if view.published is None:
        return
    if view.standing not in _IN_ORDER:
        yield from answer_warnings(view.published, translate)
    is_newest, run = view.is_newest, view.published
    yield from age_warnings(run, translate) if is_newest else _age(run, now, translate)


def _age(run: SyncRun, now: dt.datetime, translate: Translate) -> Iterator[str]:
    days = age_in_days(run.as_of, now) if run.as_of else 0
    if days > 0:
        yield counted(translate, "days old", days)


def _sentence(view: Overview, translate: Translate) -> str:
    """Return the reason of a state, or the size of a list that is in order."""
    zone = ZoneInfo(view.schedule.timezone)
    if view.standing is Standing.WAITING and view.active and view.active.waiting:
        return translate(TIME_LEFT).format(**view.active.waiting)
    if view.standing.is_active and view.active is not None:
        return sentence_of(view.active, translate, zone)
    if view.standing in (Standing.FAILED, Standing.KEY_REFUSED) and view.last:
        return sentence_of(view.last, translate, zone)
    if view.standing is Standing.HELD:
        return translate(WAITING_FOR_A_DECISION)
    if view.published is None:
        return translate(FIRST_STEPS[view.standing]) if view.standing in FIRST_STEPS else ""
    return _size(view.published, translate)


TIME_LEFT = "{seconds:.0f} s left"
WAITING_FOR_A_DECISION = "An answer waits for your decision; the list is unchanged."
FIRST_STEPS = {
    Standing.KEY_MISSING: "J-Quants asks for a key; the next page tells where to get one.",
    Standing.NEVER_SYNCED: "Press “Sync now” to fetch the first list.",
}


def _size(run: SyncRun, translate: Translate) -> str:
    text = translate("{size} as of {as_of}.")
    return text.format(size=size(translate, run.total, run.companies), as_of=run.as_of)


NEXT = ("Next: today {time}", "Next: tomorrow {time}")
LATER = "Next: {date} {time}"


def _next(slot: dt.datetime, now: dt.datetime, translate: Translate) -> str:
    """Return the next slot in its own zone: today, tomorrow or a date, and the time."""
    days = (slot.date() - now.astimezone(slot.tzinfo).date()).days
    text = NEXT[days] if 0 <= days < len(NEXT) else LATER
    return translate(text).format(time=f"{slot:%H:%M}", date=slot.date())


def _left(slot: dt.datetime | None, now: dt.datetime, translate: Translate) -> str:
    """Return how long it is until a slot, as the page itself goes on counting."""
    if slot is None:
        return ""
    minutes = int((slot - now).total_seconds()) // 60
    text = "in {count} h" if minutes >= 60 else "in {count} min"
    return translate(text).format(count=minutes // 60 if minutes >= 60 else minutes)
