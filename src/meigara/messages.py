"""What does a notice say: to a person in words, to a program in figures?"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from meigara.config import Settings
from meigara.db.models import SyncRun
from meigara.db.notices import Notice
from meigara.domain.changes import ChangeKind
from meigara.domain.classification import name_of
from meigara.domain.notices import NoticeEvent, NoticeStatus
from meigara.i18n import Translate, explain_stored, translator
from meigara.sentences import counts_sentence, sentence_of
from meigara.services.changes import ChangeRecord

_CHANGES_TOLD = 30
_CHANGES_LISTED = 1_000
_TOKYO = ZoneInfo("Asia/Tokyo")
_COUNTS = ("total", "companies", "listed", "delisted", "changed", "unchanged")
TITLES: Mapping[NoticeEvent, str] = {
    NoticeEvent.FAILED: "The sync failed",
    NoticeEvent.HELD: "A list waits for your decision",
    NoticeEvent.RECOVERED: "The list is in sync again",
    NoticeEvent.MISSED: "A scheduled sync was missed",
    NoticeEvent.CHANGES: "Changes of the list",
}
EVENTS: Mapping[NoticeEvent, str] = {
    NoticeEvent.FAILED: "failures",
    NoticeEvent.HELD: "held lists",
    NoticeEvent.RECOVERED: "recoveries",
    NoticeEvent.MISSED: "missed times",
    NoticeEvent.CHANGES: "changes of the list",
}
STATES: Mapping[NoticeStatus, str] = {
    NoticeStatus.WAITING: "waiting to be sent",
    NoticeStatus.SENDING: "being sent",
    NoticeStatus.SENT: "sent",
    NoticeStatus.FAILED: "not taken",
    NoticeStatus.UNCERTAIN: "may have arrived",
}
_WEIGHTS: Mapping[NoticeEvent, str] = {
    NoticeEvent.FAILED: "failure",
    NoticeEvent.HELD: "warning",
    NoticeEvent.RECOVERED: "success",
    NoticeEvent.MISSED: "warning",
    NoticeEvent.CHANGES: "info",
}


class Message(NamedTuple):
    """What a person reads; `weight` is a type of Apprise, `facts` is what a program reads."""

    title: str
    body: str
    weight: str = "info"
    facts: Mapping[str, Any] = {}


def compose(
    run: SyncRun, notice: Notice, changes: Sequence[ChangeRecord], settings: Settings
) -> Message:
    """Return the words for an event, in the language of the settings, else in Japanese.

    `changes` are those of the run that whoever is told wants to know of.
    """
    language = settings.language or "ja"
    t = translator(language)
    link = f"{settings.public_url.rstrip('/')}/runs/{run.id}" if settings.public_url else None
    lines = [sentence_of(run, t, _TOKYO), counts_sentence(run, t)]
    if notice.event is NoticeEvent.FAILED and run.error:
        lines.append(explain_stored(run.error, t).hint)
    if (count := (notice.detail or {}).get("count", 1)) > 1:
        lines.append(t("{count} times were missed in a row.").format(count=count))
    if notice.event is NoticeEvent.CHANGES:
        lines += _told(changes, t, english=language == "en")
    lines.append(link or "")
    title = t("{title} (run {run_id})").format(title=t(TITLES[notice.event]), run_id=run.id)
    facts = _facts(run, notice, changes, link)
    return Message(title, "\n".join(filter(None, lines)), _WEIGHTS[notice.event], facts)


def _facts(
    run: SyncRun, notice: Notice, changes: Sequence[ChangeRecord], link: str | None
) -> Mapping[str, Any]:
    """Return what a program is told beside the words, as values of JSON."""
    return {
        "event": notice.event.value,
        "run_id": run.id,
        "status": run.status.value,
        "as_of": run.as_of.isoformat() if run.as_of else None,
        "counts": {name: getattr(run, name) for name in _COUNTS},
        "changes": msgspec.to_builtins(changes[:_CHANGES_LISTED]),
        "link": link,
    }


def _told(changes: Sequence[ChangeRecord], t: Translate, *, english: bool) -> Sequence[str]:
    changes = _in_one_language(changes, "name_en" if english else "name")
    lines = []
    for each in changes[:_CHANGES_TOLD]:
        names = [name_of(each.field, value, english=english) for value in (each.before, each.after)]
        arrow = " → ".join(filter(None, names)) if each.before and each.after else ""
        lines.append(f"{each.code} {each.name} {t(each.kind)} {arrow}".rstrip())
    if len(changes) > _CHANGES_TOLD:
        lines.append(t("… and {count:,} more.").format(count=len(changes) - _CHANGES_TOLD))
    return lines


def _in_one_language(changes: Sequence[ChangeRecord], wanted: str) -> Sequence[ChangeRecord]:
    """Leave out that an issue was renamed in the other language as well."""
    told = {each.code for each in changes if each.field == wanted}
    return [
        each
        for each in changes
        if each.kind != ChangeKind.RENAMED or each.field == wanted or each.code not in told
    ]


def trial(settings: Settings) -> Message:
    """Return a message that only shows that messages arrive."""
    t = translator(settings.language or "ja")
    return Message(t("Trial"), t("This is a trial message. Notices will arrive here."))
