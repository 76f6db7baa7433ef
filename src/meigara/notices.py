"""How does a notice get from the outbox to Slack, mail, LINE or a webhook? By Apprise.

A message is prepared first, then noted as on its way, then sent: what dies in between leaves at
most one message that is `uncertain`. Of a receiver that does not answer in time nobody knows
whether it took the message, so that is uncertain as well.
"""

import asyncio
import datetime as dt
import logging
import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from meigara import vault
from meigara.config import Settings, data_folder
from meigara.db.engine import Database, to_the_end
from meigara.db.models import SyncRun
from meigara.db.notices import Notice, NoticeTarget
from meigara.domain.masking import HIDDEN, scheme_and_host
from meigara.domain.notices import NoticeStatus
from meigara.errors import SecretUnreadable, TargetUnreadable
from meigara.messages import Message, compose
from meigara.services import notices
from meigara.services.changes import changes_of_run

if TYPE_CHECKING:
    from apprise import NotifyBase

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
_PARTED = re.compile(r"[/?&=:@#,+\s]+")
_SHORTEST_SECRET = 4
_METHOD = "POST"  # which Apprise adds to the address of a webhook
_log = logging.getLogger(__name__)


class Outcome(NamedTuple):
    """What became of a message, and why it was not taken, in the words of Apprise."""

    status: NoticeStatus
    reason: str = ""


def receiver_of(url: str) -> "NotifyBase":
    """Return the receiver behind an address of Apprise. Raises TargetUnreadable."""
    import apprise  # noqa: PLC0415 - slow to load, and only for notices

    logging.getLogger("apprise").propagate = False  # it writes addresses
    asset = apprise.AppriseAsset(app_id="Meigara", app_desc="Meigara", async_mode=False)
    receiver: NotifyBase | None = apprise.Apprise.instantiate(url, asset=asset)
    if receiver is None:
        raise TargetUnreadable
    receiver.socket_connect_timeout = CONNECT_SECONDS
    receiver.socket_read_timeout = ANSWER_SECONDS
    return receiver


def masked(receiver: "NotifyBase") -> str:
    """Return the scheme of a receiver, and its host where the address of its kind has one.

    Elsewhere a token, or the name of a channel that anybody may read, stands in its place.
    """
    address: str = receiver.url(privacy=True)  # type: ignore[no-untyped-call]  # Apprise says no type
    templates: Sequence[str] = receiver.templates
    has_host = all("{host}" in template for template in templates)
    return scheme_and_host(address) if has_host else f"{address.partition('://')[0]}://{HIDDEN}"


async def send(receiver: "NotifyBase", message: Message) -> Outcome:
    """Send a message; return whether it arrived, failed, or may have arrived."""
    began = time.monotonic()
    has_arrived, reason = await asyncio.to_thread(_send, receiver, message)
    if has_arrived:
        return Outcome(NoticeStatus.SENT)
    is_unanswered = time.monotonic() - began >= ANSWER_SECONDS
    return Outcome(NoticeStatus.UNCERTAIN if is_unanswered else NoticeStatus.FAILED, reason)


def _send(receiver: "NotifyBase", message: Message) -> tuple[bool, str]:
    from apprise import Apprise, NotifyFormat, NotifyType  # noqa: PLC0415 - slow to load
    from apprise.plugins.custom_json import NotifyJSON  # noqa: PLC0415 - slow to load

    if isinstance(receiver, NotifyJSON):
        receiver.payload_extras = {**message.facts, **receiver.payload_extras}
    result = Apprise(receiver, asset=receiver.asset).notify(
        body=message.body,
        title=f"Meigara: {message.title}",
        notify_type=NotifyType(message.weight),
        body_format=NotifyFormat.TEXT,
    )
    said = " ".join(entry.message for entry in result.logs())
    return bool(result), _without_secrets(said, receiver)


def _without_secrets(text: str, receiver: "NotifyBase") -> str:
    """Return a text without the parts of the address behind its scheme, but for the host."""
    address: str = receiver.url(privacy=False)  # type: ignore[no-untyped-call]  # as above
    secret = address.partition("://")[2]
    parts = set(_PARTED.split(f"{secret}/{unquote(secret)}")) - set(_PARTED.split(masked(receiver)))
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_SECRET and part != _METHOD:
            text = text.replace(part, HIDDEN)
    return text


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
    outcome = Outcome(NoticeStatus.FAILED)
    if receiver is not None and message is not None:
        outcome = await send(receiver, message)
    status, reason = outcome
    await to_the_end(notices.settle(database, notice, status, now()))
    level = logging.INFO if status is NoticeStatus.SENT else logging.WARNING
    told = {"run_id": notice.run_id}
    _log.log(level, "notice.%s: %s to %s %s", status, notice.event, target.name, reason, extra=told)
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
        changes = await changes_of_run(session, run.id)
    wanted = [
        each
        for each in changes
        if (not target.kinds or each.kind in target.kinds)
        and (not target.codes or each.code in target.codes)
    ]
    return compose(run, notice, wanted, settings)
