"""How many calls may still be made in this minute?

Whether J-Quants counts a fixed or a sliding minute is not documented ("Rate Limits"); what keeps
to every sliding minute keeps to every fixed one.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

# The first call of a minute opens the connection and so arrives later than those that follow: a
# second more than the minute keeps them apart where they are counted.
_WINDOW_SECONDS = 61.0


class MinuteLimiter:
    """Lets at most `calls` calls pass in any 60 seconds, in the order in which they ask.

    `on_wait` is told how many seconds a call has to wait.
    """

    def __init__(
        self,
        calls: int,
        *,
        on_wait: Callable[[float], None] = lambda _seconds: None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Start with an empty minute."""
        self.calls = calls
        self._on_wait = on_wait
        self._monotonic = monotonic
        self._sleep = sleep
        self._passed: deque[float] = deque()
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        """Wait until one more call is allowed, and count it."""
        async with self._turn:
            while (seconds := self._seconds_to_wait()) > 0:
                self._on_wait(seconds)
                await self._sleep(seconds)
            self._passed.append(self._monotonic())

    def _seconds_to_wait(self) -> float:
        now = self._monotonic()
        while self._passed and now - self._passed[0] >= _WINDOW_SECONDS:
            self._passed.popleft()
        if len(self._passed) < self.calls:
            return 0.0
        return self._passed[-self.calls] + _WINDOW_SECONDS - now
