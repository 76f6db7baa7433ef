"""How much may one answer take, over all its pages and tries?

A real list is about 2 MB in one page. The limits lie far above it, and far below what would bring
the machine into trouble.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from meigara.errors import AnswerTooLarge, JQuantsError, JQuantsRateLimited, Reason
from meigara.jquants.wire import MOST_ROWS, MOST_TEXT, Page

LARGEST_ANSWER = 64 * 2**20
"""How many bytes an answer may have, as it comes and unpacked, all pages together."""
MOST_PAGES = 64
LONGEST_READING_SECONDS = 50.0
"""How long the calls may take together that bring something; an endless answer ends with it."""
LONGEST_SECONDS = 120.0
"""How long all calls and the pauses between them may take; waits for the rate limit aside."""
LONGEST_BLOCK_SECONDS = 600.0
"""How long J-Quants may refuse for too many calls; its block lasts five minutes."""


class Allowance:
    """What is left for one answer."""

    def __init__(
        self,
        seconds: float = LONGEST_SECONDS,
        reading_seconds: float = LONGEST_READING_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with everything: `seconds` in all, `reading_seconds` of them for the pages."""
        self.longest = seconds
        self.longest_reading = reading_seconds
        self._seconds = seconds
        self._reading_seconds = reading_seconds
        self._last_call = 0.0
        self.bytes = LARGEST_ANSWER
        self.text = MOST_TEXT
        self._rows = MOST_ROWS
        self._pages = MOST_PAGES
        self._block_seconds = LONGEST_BLOCK_SECONDS
        self._monotonic = monotonic

    @property
    def call_seconds(self) -> float:
        """Return how long the next call may take."""
        return min(self._seconds, self._reading_seconds)

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time of a call, which passes in the context."""
        begin = self._monotonic()
        try:
            yield
        finally:
            self._last_call = self._monotonic() - begin
            self._seconds -= self._last_call

    def end_reading(self) -> float:
        """Leave no time, after a call that took all it had; return how long that was at first."""
        longest = self.longest if self._seconds < self._reading_seconds else self.longest_reading
        self._reading_seconds = 0.0
        return longest

    def has_time_for(self, delay: float, error: JQuantsError) -> bool:
        """Say whether there is time for a pause after `error`, and count it if there is."""
        if isinstance(error, JQuantsRateLimited):
            self._block_seconds -= delay
            return self._block_seconds >= 0
        self._seconds -= delay
        return self.call_seconds > 0

    def take(self, body: bytes, page: Page) -> None:
        """Count a page that came. Raises AnswerTooLarge if it or its rows are too many."""
        self._reading_seconds -= self._last_call
        self.bytes -= len(body)
        self.text = max(0, self.text - len(body))
        self._rows -= len(page.data)
        self._pages -= 1
        if self._rows < 0:
            raise AnswerTooLarge(reason=Reason("it has more than {count:,} rows", count=MOST_ROWS))
        if page.pagination_key and not self._pages:
            reason = Reason("the pages do not end; {count} were read", count=MOST_PAGES)
            raise AnswerTooLarge(reason=reason)
