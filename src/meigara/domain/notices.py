"""What are people told of, and how often is it tried?"""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum


class NoticeEvent(StrEnum):
    """Something that people want to be told of."""

    FAILED = "failed"
    HELD = "held"
    RECOVERED = "recovered"
    MISSED = "missed"
    CHANGES = "changes"


class NoticeStatus(StrEnum):
    """Where a message stands.

    `uncertain`: the process died, or the receiver did not answer, after the message was on its
    way. It is not sent again by itself, since nobody shall get it twice.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


_PAUSES: Sequence[dt.timedelta] = tuple(
    dt.timedelta(seconds=seconds) for seconds in (10, 60, 300, 1_800, 7_200)
)


def next_try(attempts: int, now: dt.datetime) -> dt.datetime | None:
    """Return when a message is tried again that was tried so often; None if never."""
    return now + _PAUSES[attempts - 1] if attempts <= len(_PAUSES) else None
