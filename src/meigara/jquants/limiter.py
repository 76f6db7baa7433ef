"""How many calls may still be made in this minute?

Whether J-Quants counts a fixed or a sliding minute is not documented ("Rate Limits"); what keeps
to every sliding minute keeps to every fixed one.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

# The first call of a minute opens the connection and so arrives later than those that follow: a
# second more than the minute keeps them apart where they are counted.
WINDOW_SECONDS = 61.0


class Limiter(Protocol):
    """Keeps calls to the pace of a plan."""

    async def acquire(self, calls: int, on_wait: Callable[[float], None]) -> None:
        """Wait until one more of `calls` a minute is allowed, and count it.

        `on_wait` is told how many seconds that will take.
        """
        ...


class MinuteLimiter:
    """Counts the calls of this process alone, in the order in which they ask."""

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Start with an empty minute."""
        self._monotonic = monotonic
        self._sleep = sleep
        self._passed: deque[float] = deque()
        self._turn = asyncio.Lock()

    async def acquire(self, calls: int, on_wait: Callable[[float], None]) -> None:
        """Wait until one more call is allowed, and count it."""
        async with self._turn:
            while (seconds := self._seconds_to_wait(calls)) > 0:
                on_wait(seconds)
                await self._sleep(seconds)
            self._passed.append(self._monotonic())

    def _seconds_to_wait(self, calls: int) -> float:
        now = self._monotonic()
        while self._passed and now - self._passed[0] >= WINDOW_SECONDS:
            self._passed.popleft()
        if len(self._passed) < calls:
            return 0.0
        return self._passed[-calls] + WINDOW_SECONDS - now
