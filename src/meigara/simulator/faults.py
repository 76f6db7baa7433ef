"""Which faults can be asked for by name, and which of them apply to the next request?

A fault is written NAME, NAME:N (only the first N requests) or, for `slow`, slow:SECONDS and
slow:SECONDS:N.
"""

import datetime as dt
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Final

from meigara.simulator.errors import SimulatorError
from meigara.simulator.oversized import OVERSIZED
from meigara.simulator.row_faults import ROW_FAULTS

_BLOCK: Final = dt.timedelta(minutes=5)
_SLOW_SECONDS: Final = 5.0


class FaultKind(Enum):
    """At which point of an answer a fault strikes."""

    REFUSAL = "refusal"
    ROWS = "rows"
    PAGES = "pages"
    TRANSPORT = "transport"


_REFUSALS: Final = {
    "429": "429 Too Many Requests, without Retry-After",
    "block": "the five-minute block: every request is answered with 429 until it is over",
    "500": "500 with a JSON message",
    "503-html": "503 with an HTML page, as from a gateway",
    "wrong-key": "403: the API key is invalid or expired",
    "no-subscription": "403: no active subscription",
    "not-in-plan": "403: not available on the subscription",
    "outside-window": "400: the plan does not cover the date",
    "html-200": "200 with an HTML page instead of JSON",
}
_PAGES: Final = {
    "pages": "no fault: the right answer in four pages, the last with an empty pagination_key",
    "missing-page": "four pages; the third comes back empty and without a pagination_key",
    "skipped-page": "four pages, of which the third is left out without a word",
    "endless-pages": "the pagination_key repeats for ever",
    "new-keys": "every page has a pagination_key that was never given before, for ever",
}
_TRANSPORT: Final = {
    "reset": "the TCP connection is reset",
    "slow": "the body dribbles for SECONDS (slow:SECONDS, 5 unless given)",
    "hang": "the request is accepted and never answered",
    "truncated": "the Content-Length announces more than is sent, then the connection closes",
    "bad-json": "a complete answer whose JSON is cut in the middle",
    **{name: _answer.__doc__ or "" for name, _answer in OVERSIZED.items()},
}
_ROWS: Final = {
    "backwards": "the roster of thirty days earlier, with its Date",
    **{name: _sentence.__doc__ or "" for name, _sentence in ROW_FAULTS.items()},
}
_KINDS: Final = {
    **dict.fromkeys(_REFUSALS, FaultKind.REFUSAL),
    **dict.fromkeys(_ROWS, FaultKind.ROWS),
    **dict.fromkeys(_PAGES, FaultKind.PAGES),
    **dict.fromkeys(_TRANSPORT, FaultKind.TRANSPORT),
}


def describe_faults() -> dict[str, str]:
    """Return every fault with one line that says what it does."""
    described = _REFUSALS | _TRANSPORT | _PAGES | _ROWS
    return {name: text[:1].lower() + text[1:].rstrip(".") for name, text in described.items()}


@dataclass(frozen=True)
class Fault:
    """One fault as asked for; `times` None means always."""

    name: str
    kind: FaultKind
    times: int | None = None
    seconds: float = 0.0


def parse_fault(text: str) -> Fault:
    """Read NAME, NAME:N, slow:SECONDS or slow:SECONDS:N; raise SimulatorError for others."""
    name, *numbers = text.strip().split(":")
    kind = _KINDS.get(name)
    if kind is None:
        raise SimulatorError(_unknown(name))
    seconds = _SLOW_SECONDS
    try:
        if name == "slow" and numbers:
            seconds = float(numbers.pop(0))
        times = int(numbers.pop(0)) if numbers else None
    except ValueError:
        numbers = [text]
    if numbers or (times is not None and times < 1) or seconds <= 0:
        raise SimulatorError(f"The fault {text!r} cannot be read; write {name} or {name}:NUMBER.")
    return Fault(name, kind, times, seconds if name == "slow" else 0.0)


def _unknown(name: str) -> str:
    near = get_close_matches(name, _KINDS, n=1, cutoff=0.3)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"There is no fault {name!r}{hint} Known: {', '.join(sorted(_KINDS))}."


class Faults:
    """The faults in force, and how often each is still to strike."""

    def __init__(self, texts: tuple[str, ...] = ()) -> None:
        """Read the faults; raise SimulatorError if one is unknown."""
        self._faults = tuple(parse_fault(text) for text in texts)
        self._left = [fault.times for fault in self._faults]
        self._blocked_until: dt.datetime | None = None

    def striking(self, now: dt.datetime, *, is_first_page: bool) -> tuple[Fault, ...]:
        """Return the faults that strike a request at `now`, and use up one time of each.

        A refusal keeps all others for later. Faults of rows and pages count per roster, on its
        first page only: the key of a page carries them to the pages that follow.
        """
        open_faults = [at for at, fault in enumerate(self._faults) if self._is_open(at, now)]
        refusing = [at for at in open_faults if self._faults[at].kind is FaultKind.REFUSAL]
        struck = refusing[:1] or [
            at
            for at in open_faults
            if is_first_page or self._faults[at].kind is FaultKind.TRANSPORT
        ]
        return tuple(self._strike(at, now) for at in struck)

    def _is_open(self, at: int, now: dt.datetime) -> bool:
        if self._faults[at].name == "block":
            return self._blocked_until is None or now < self._blocked_until
        return self._left[at] != 0

    def _strike(self, at: int, now: dt.datetime) -> Fault:
        fault, left = self._faults[at], self._left[at]
        if fault.name == "block":
            self._blocked_until = self._blocked_until or now + _BLOCK
        elif left is not None:
            self._left[at] = left - 1
        return fault
