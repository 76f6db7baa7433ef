"""How far is a running sync, and what does it wait for?"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from meigara.db.models import SyncRun
from meigara.domain.run import Phase, RunStatus
from meigara.jquants.events import FetchEvent, PageFetched, RateLimitWait, RetryScheduled


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a run. `waiting` says why nothing moves, if so: a retry or the rate limit.

    `since` is when this moment began, on the clock that only goes on (seconds).
    """

    phase: Phase = Phase.FETCH
    pages: int = 0
    rows: int = 0
    waiting: RetryScheduled | RateLimitWait | None = None
    since: float = field(default_factory=time.monotonic, compare=False)

    def as_values(self) -> dict[str, Any]:
        """Return the progress as columns of the run row; a wait with the seconds that are left."""
        waiting = None
        if isinstance(self.waiting, RateLimitWait):
            waiting = {"for": "rate_limit", "seconds": self._left(self.waiting.seconds)}
        elif isinstance(self.waiting, RetryScheduled):
            waiting = {
                "for": "retry",
                "seconds": self._left(self.waiting.delay_seconds),
                "attempt": self.waiting.attempt,
                "retries": self.waiting.retries,
                "error": self.waiting.error.record(),
            }
        return {"phase": self.phase, "pages": self.pages, "rows": self.rows, "waiting": waiting}

    def _left(self, seconds: float) -> int:
        return max(0, math.ceil(seconds - (time.monotonic() - self.since)))


Listener = Callable[[Progress], None]


class Reporter:
    """Keeps the newest progress of a run and tells a listener each time it moves."""

    def __init__(self, listener: Listener) -> None:
        """Tell `listener` of every step."""
        self.now = Progress()
        self._listener = listener

    def enter(self, phase: Phase) -> None:
        """Note that the run is in `phase`."""
        self._tell(replace(self.now, phase=phase, waiting=None))

    def hear(self, event: FetchEvent) -> None:
        """Note what the client says while it fetches."""
        if isinstance(event, PageFetched):
            self._tell(replace(self.now, pages=event.page, rows=event.rows_so_far, waiting=None))
        else:
            self._tell(replace(self.now, waiting=event))

    def _tell(self, progress: Progress) -> None:
        self.now = replace(progress, since=time.monotonic())
        self._listener(self.now)


def percent_done(run: SyncRun, expected_rows: int | None) -> int:
    """Return how far a run is, from 0 to 100; fetching is most of it.

    `expected_rows` is the size of the last list: while pages arrive, it tells how many are left.
    """
    if run.status is RunStatus.QUEUED:
        return 0
    if run.status is not RunStatus.RUNNING:
        return 100
    if run.phase not in (None, Phase.FETCH):
        return _DONE_BEFORE[Phase(run.phase)]
    share = min(1.0, (run.rows or 0) / expected_rows) if expected_rows else 0.0
    return 1 + round(share * (_DONE_BEFORE[Phase.CHECK] - 1))


_DONE_BEFORE = {Phase.FETCH: 0, Phase.CHECK: 85, Phase.COMPARE: 90, Phase.PUBLISH: 95}
