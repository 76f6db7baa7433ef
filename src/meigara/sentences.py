"""How is a run told in one sentence, to whoever looks at it?"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from meigara.counted import counted, size
from meigara.db.models import SyncRun
from meigara.domain.run import Phase, RunStatus
from meigara.domain.schedule import MissedReason
from meigara.i18n import Translate, explain_stored
from meigara.reasons import explain_hold, explain_warning
from meigara.services.retracting import Retraction

_OLD_DAYS = 70
_OLDEST_FREE_DAYS = 100
PHASES: Mapping[Phase, str] = {
    Phase.FETCH: "Fetching",
    Phase.CHECK: "Checking",
    Phase.COMPARE: "Comparing",
    Phase.PUBLISH: "Publishing",
}
MISSED: Mapping[MissedReason, str] = {
    MissedReason.NOBODY_RAN: "Nothing was running at that time.",
    MissedReason.SCHEDULE_CHANGED: "The schedule was changed before anything ran.",
}


def sentence_of(run: SyncRun, translate: Translate, zone: dt.tzinfo | None = None) -> str:
    """Return what there is to say of a run as it stands; times are of `zone`, else of here."""
    tell = _TOLD.get(run.status)
    sentence = tell(run, translate) if tell else translate(ENDS[run.status])
    again = retry_sentence(run, translate, zone)
    return f"{sentence} ({again})" if again else sentence


def counts_sentence(run: SyncRun, translate: Translate) -> str:
    """Return what a run changed, in figures; empty for one without a change set."""
    if run.listed is None:
        return ""
    figures = {name: getattr(run, name) or 0 for name in _COUNTED}
    return translate(CHANGE_COUNTS).format(**figures)


def progress_sentence(values: Mapping[str, Any], translate: Translate) -> str:
    """Return what a running sync does; `values` are those of `Progress.as_values`."""
    if waiting := values["waiting"]:
        error = waiting.get("error")
        reason = explain_stored(error, translate).message.rstrip(".。") if error else ""
        return translate(WAITS[waiting["for"]]).format(**{**waiting, "reason": reason})
    phase = translate(PHASES[Phase(values["phase"] or Phase.FETCH)])
    if not values["pages"]:
        return phase
    pages, rows = counted(translate, "pages", values["pages"]), values["rows"]
    text = translate("{phase}: {issues} on {pages}")
    return text.format(phase=phase, pages=pages, issues=counted(translate, "issues", rows))


def retry_sentence(run: SyncRun, translate: Translate, zone: dt.tzinfo | None = None) -> str:
    """Return when a run is tried again, empty if it is not."""
    if run.retry_at is None:
        return ""
    text = translate("Retry {number}/{retries}, {time}")
    return text.format(
        number=run.attempt, retries=run.retries, time=f"{run.retry_at.astimezone(zone):%H:%M}"
    )


def warnings_about(run: SyncRun, translate: Translate) -> Iterator[str]:
    """Yield what to know of a list: what its answer had, and that it is weeks old if it is."""
    yield from answer_warnings(run, translate)
    yield from age_warnings(run, translate)


def answer_warnings(run: SyncRun, translate: Translate) -> Iterator[str]:
    """Yield what to know of the answer that a list was made from."""
    return (explain_warning(each, translate) for each in run.warnings or [])


def age_warnings(run: SyncRun, translate: Translate) -> Iterator[str]:
    """Yield what to know of today's list where the source answered with one that is weeks old."""
    if run.requested_as_of is not None or run.as_of is None:
        return
    days = (run.queued_at.date() - run.as_of).days
    if days >= _OLD_DAYS:
        yield counted(translate, "days old", days)
    if _OLD_DAYS <= days < _OLDEST_FREE_DAYS:
        yield translate(BEHIND)


_COUNTED = ("listed", "delisted", "changed", "unchanged")
CHANGE_COUNTS = (
    "+{listed:,} listed, −{delisted:,} delisted, ~{changed:,} changed, {unchanged:,} unchanged"
)
BEHIND = "J-Quants' Free plan is 12 weeks behind."
ENDS: Mapping[RunStatus, str] = {
    RunStatus.QUEUED: "Waiting for somebody who works on it",
    RunStatus.CANCELLED: "Cancelled; the list is unchanged.",
    RunStatus.ABANDONED: "The process that worked on it is gone.",
    RunStatus.DISCARDED: "Discarded; the list is unchanged.",
    RunStatus.RETRACTED: "Its list was taken back, as if it had never come.",
}
WAITS = {
    "broker": "The broker cannot be reached; the run is kept and starts when it is back",
    "rate_limit": "Waiting for the rate limit: {seconds:.0f} s",
    "retry": "{reason}; try {attempt} of {retries} in {seconds:.0f} s",
}


def retraction_sentences(found: Retraction, translate: Translate) -> Iterator[str]:
    """Yield what taking back a list means, whether it is asked for or done."""
    numbers = ", ".join(map(str, found.run_ids))
    text = translate("The list of {as_of}: {issues}; taken back: {changes}, run {runs}.")
    issues = counted(translate, "issues", found.issues)
    changes = counted(translate, "changes", found.changes)
    yield text.format(as_of=found.as_of, issues=issues, changes=changes, runs=numbers)
    yield translate(_consequence_of(found)).format(
        as_of=found.as_of, previous=found.previous, following=found.following
    )
    yield translate("To fetch it again: `meigara sync --as-of {as_of} --backfill`").format(
        as_of=found.as_of
    )


def _consequence_of(found: Retraction) -> str:
    if found.previous and found.following:
        return CONSEQUENCES["between"]
    if found.previous:
        return CONSEQUENCES["newest"]
    return CONSEQUENCES["first" if found.following else "only"]


CONSEQUENCES = {
    "between": "From {as_of} until {following} the list of {previous} holds.",
    "newest": "The list of {previous} is the newest one again.",
    "first": "What is known begins with the list of {following}.",
    "only": "No list is stored any more.",
}


def _queued(run: SyncRun, translate: Translate) -> str:
    return _running(run, translate) if run.waiting else translate(ENDS[RunStatus.QUEUED])


def _running(run: SyncRun, translate: Translate) -> str:
    values = {name: getattr(run, name) for name in ("phase", "pages", "rows", "waiting")}
    return progress_sentence(values, translate)


def _succeeded(run: SyncRun, translate: Translate) -> str:
    text = translate("Synced: {size} as of {as_of}.")
    return text.format(as_of=run.as_of, size=size(translate, run.total, run.companies))


def _held(run: SyncRun, translate: Translate) -> str:
    reasons = (explain_hold(reason, translate) for reason in run.hold_reasons or [])
    return translate("Held: {reason}").format(reason=" ".join(reasons))


def _failed(run: SyncRun, translate: Translate) -> str:
    return explain_stored(run.error, translate).message if run.error else translate("failed")


def _missed(run: SyncRun, translate: Translate) -> str:
    reason = MissedReason(run.missed_reason or MissedReason.NOBODY_RAN)
    return translate("Missed: {reason}").format(reason=translate(MISSED[reason]))


_TOLD: Mapping[RunStatus, Callable[[SyncRun, Translate], str]] = {
    RunStatus.QUEUED: _queued,
    RunStatus.RUNNING: _running,
    RunStatus.SUCCEEDED: _succeeded,
    RunStatus.HELD: _held,
    RunStatus.FAILED: _failed,
    RunStatus.MISSED: _missed,
}
