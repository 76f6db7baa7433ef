"""How far is a running sync, and what does it wait for?"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from meigara.domain.run import Phase
from meigara.jquants.client import FetchEvent, PageFetched, RateLimitWait, RetryScheduled


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a run. `waiting` says why nothing moves, if so: a retry or the rate limit."""

    phase: Phase = Phase.FETCH
    pages: int = 0
    rows: int = 0
    waiting: RetryScheduled | RateLimitWait | None = None


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

    def as_values(self) -> dict[str, object]:
        """Return the progress as columns of the run row."""
        now = self.now
        waiting = None
        if isinstance(now.waiting, RateLimitWait):
            waiting = {"for": "rate_limit", "seconds": now.waiting.seconds}
        elif isinstance(now.waiting, RetryScheduled):
            waiting = {
                "for": "retry",
                "seconds": now.waiting.delay_seconds,
                "attempt": now.waiting.attempt,
                "retries": now.waiting.retries,
                "reason": now.waiting.reason,
            }
        return {"phase": now.phase, "pages": now.pages, "rows": now.rows, "waiting": waiting}

    def _tell(self, progress: Progress) -> None:
        self.now = progress
        self._listener(progress)
