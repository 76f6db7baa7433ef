"""What does an answer other than 200 mean?

J-Quants uses 400 and 403 for many things; only the text tells them apart. The texts are those
that the documentation names or that users have reported.
"""

from collections.abc import Callable, Mapping

import msgspec

from meigara.domain.masking import SHORTEST_SHOWN
from meigara.errors import (
    DateOutsidePlan,
    JQuantsError,
    JQuantsFailing,
    JQuantsRateLimited,
    KeyRefused,
    NoSubscription,
    PlanRefused,
    Reason,
    RequestRefused,
)

_LONGEST_REASON = 200
_MASK = "••••"
_NO_REASON = Reason("it gave no reason")
_BY_TEXT: Mapping[str, Callable[..., JQuantsError]] = {
    "covers the following dates": DateOutsidePlan,
    "api key is required": KeyRefused,
    "invalid or expired": KeyRefused,
    "no active subscription": NoSubscription,
    "not available on your subscription": PlanRefused,
}


class _Refusal(msgspec.Struct):
    """What a refusal may say; whatever else it holds is passed over."""

    message: str = ""


_refusal = msgspec.json.Decoder(_Refusal)


def refusal_of(status: int, body: bytes, base_url: str, key: str) -> JQuantsError:
    """Return the error that an answer with a status other than 200 and 210 means."""
    reason = printable(_message(body), key) or _NO_REASON
    if status == 429:
        return JQuantsRateLimited()
    if status >= 500:
        return JQuantsFailing(
            reason=Reason("the server answered {status}", status=status), base_url=base_url
        )
    for text, kind in _BY_TEXT.items():
        if text in reason.casefold():
            return kind(reason=reason)
    if status == 401:
        return KeyRefused(reason=reason)
    if 300 <= status < 400:
        reason = Reason("it redirects to another address, which is not followed")
    return RequestRefused(status=status, reason=reason, base_url=base_url)


def _message(body: bytes) -> str:
    """Return the `message` of an answer, empty where there is none (it is not guaranteed)."""
    try:
        return _refusal.decode(body).message
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def without_key(body: bytes, key: str) -> bytes:
    """Return an answer without the key: its values are stored, and told where they are wrong.

    A short key is none that J-Quants issues, and might stand there by chance.
    """
    return body.replace(key.encode(), _MASK.encode()) if len(key) >= SHORTEST_SHOWN else body


def printable(text: str, key: str) -> str:
    """Return text of the source as one short line that shows neither the key nor controls."""
    masked = text.replace(key, _MASK)
    visible = "".join(each if each.isprintable() else " " for each in masked)
    return " ".join(visible.split())[:_LONGEST_REASON]
