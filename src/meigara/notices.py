"""How does a notice get from the outbox to Slack, mail, LINE or a webhook? By Apprise.

A message is prepared first, then noted as on its way, then sent: what dies in between leaves at
most one message that is `uncertain`. Of a receiver that does not answer in time nobody knows
whether it took the message, so that is uncertain as well.
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from meigara import vault
from meigara.config import Settings, data_folder
from meigara.db.engine import Database, to_the_end
from meigara.db.models import SyncRun
from meigara.db.notices import Notice, NoticeTarget
from meigara.domain.classification import name_of
from meigara.domain.notices import NoticeEvent, NoticeStatus
from meigara.errors import SecretUnreadable, TargetUnreadable
from meigara.i18n import Translate, explain_stored, translator
from meigara.sentences import sentence_of
from meigara.services import notices
from meigara.services.changes import ChangeRecord, changes_of_run

if TYPE_CHECKING:
    from apprise import NotifyBase

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
_CHANGES_TOLD = 30
_TOKYO = ZoneInfo("Asia/Tokyo")
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
_log = logging.getLogger(__name__)


class Message(NamedTuple):
    """What a person reads."""

    title: str
    body: str


def receiver_of(url: str) -> "NotifyBase":
    """Return the receiver behind an address of Apprise. Raises TargetUnreadable."""
    import apprise  # noqa: PLC0415 - slow to load, and only for notices

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it writes addresses
    asset = apprise.AppriseAsset(app_id="Meigara", app_desc="Meigara", async_mode=False)
    receiver: NotifyBase | None = apprise.Apprise.instantiate(url, asset=asset)
    if receiver is None:
        raise TargetUnreadable
    receiver.socket_connect_timeout = CONNECT_SECONDS
    receiver.socket_read_timeout = ANSWER_SECONDS
    return receiver


def masked(receiver: "NotifyBase") -> str:
    """Return the address of a receiver without what is secret in it."""
    address: str = receiver.url(privacy=True)  # type: ignore[no-untyped-call]  # Apprise says no type
    return address.partition("?")[0]


async def send(receiver: "NotifyBase", message: Message) -> NoticeStatus:
    """Send a message; return whether it arrived, failed, or may have arrived."""
    began = time.monotonic()
    has_arrived = await asyncio.to_thread(
        receiver.notify, body=message.body, title=f"Meigara: {message.title}"
    )
    if has_arrived:
        return NoticeStatus.SENT
    is_unanswered = time.monotonic() - began >= ANSWER_SECONDS
    return NoticeStatus.UNCERTAIN if is_unanswered else NoticeStatus.FAILED


async def deliver(database: Database, settings: Settings, now: Callable[[], dt.datetime]) -> int:
    """Send all messages that are due; return how many arrived. It owns its transactions."""
    count = 0
    while due := await to_the_end(notices.next_due(database, now())):
        count += await _deliver(database, settings, *due, now) is NoticeStatus.SENT
    return count


async def _deliver(
    database: Database,
    settings: Settings,
    notice: Notice,
    target: NoticeTarget,
    now: Callable[[], dt.datetime],
) -> NoticeStatus | None:
    """Send one message, unless another process does; return what became of it."""
    receiver = _opened(target, settings)
    message = await _composed(database, settings, notice, target)
    if not await to_the_end(notices.claim(database, notice.id, now())):
        return None
    if receiver is None or message is None:
        status = NoticeStatus.FAILED
    else:
        status = await send(receiver, message)
    await to_the_end(notices.settle(database, notice, status, now()))
    level = logging.INFO if status is NoticeStatus.SENT else logging.WARNING
    told = {"run_id": notice.run_id}
    _log.log(level, "notice.%s: %s to %s", status, notice.event, target.name, extra=told)
    return status


def _opened(target: NoticeTarget, settings: Settings) -> "NotifyBase | None":
    try:
        return receiver_of(vault.unseal(data_folder(), target.sealed_url, settings.secret_key))
    except (SecretUnreadable, TargetUnreadable) as error:
        _log.warning("notice.target: %s: %s", target.name, error)
        return None


async def _composed(
    database: Database, settings: Settings, notice: Notice, target: NoticeTarget
) -> Message | None:
    """Return the words of a message; None if its run is deleted by now."""
    async with database.reading() as session:
        run = await session.get(SyncRun, notice.run_id)
        if run is None:
            return None
        is_of_changes = notice.event is NoticeEvent.CHANGES
        changes = await changes_of_run(session, run.id) if is_of_changes else []
    wanted = [
        each
        for each in changes
        if (not target.kinds or each.kind in target.kinds)
        and (not target.codes or each.code in target.codes)
    ]
    return compose(run, notice, wanted, settings)


def compose(
    run: SyncRun, notice: Notice, changes: Sequence[ChangeRecord], settings: Settings
) -> Message:
    """Return the words for an event, in the language of the settings, else in Japanese."""
    language = settings.language or "ja"
    t = translator(language)
    lines = [sentence_of(run, t, _TOKYO)]
    if notice.event is NoticeEvent.FAILED and run.error:
        lines.append(explain_stored(run.error, t).hint)
    if (count := (notice.detail or {}).get("count", 1)) > 1:
        lines.append(t("{count} times were missed in a row.").format(count=count))
    lines += _told(changes, t, english=language == "en")
    if settings.public_url:
        lines.append(f"{settings.public_url.rstrip('/')}/runs/{run.id}")
    title = t("{title} (run {run_id})")
    return Message(
        title.format(title=t(TITLES[notice.event]), run_id=run.id), "\n".join(filter(None, lines))
    )


def _told(changes: Sequence[ChangeRecord], t: Translate, *, english: bool) -> Sequence[str]:
    other_name = "name" if english else "name_en"
    changes = [each for each in changes if each.field != other_name] or changes
    lines = []
    for each in changes[:_CHANGES_TOLD]:
        names = [name_of(each.field, value, english=english) for value in (each.before, each.after)]
        arrow = " → ".join(filter(None, names)) if each.before and each.after else ""
        lines.append(f"{each.code} {each.name} {t(each.kind)} {arrow}".rstrip())
    if len(changes) > _CHANGES_TOLD:
        lines.append(t("… and {count:,} more.").format(count=len(changes) - _CHANGES_TOLD))
    return lines


def trial(settings: Settings) -> Message:
    """Return a message that only shows that messages arrive."""
    t = translator(settings.language or "ja")
    return Message(t("Trial"), t("This is a trial message. Notices will arrive here."))
