"""How do many requests that want the same at once cost one look at the store, and not fifty?"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


class Turns(Generic[Key, Found]):
    """One attempt at a time for each key; all who come meanwhile share the next one.

    An attempt begins after whoever shares it has asked, so what it finds is no older than that.
    """

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self._under_way: dict[Key, asyncio.Task[Found]] = {}
        self._next: dict[Key, asyncio.Task[Found]] = {}

    async def share(self, key: Key, attempt: Callable[[], Awaitable[Found]]) -> tuple[Found, bool]:
        """Return what an attempt found, and whether by the caller's own. Raises what it does."""
        shared = self._next.get(key)
        is_own = shared is None
        if shared is None:
            before = self._under_way.get(key)
            shared = asyncio.create_task(self._attempt_after(before, key, attempt))
            shared.add_done_callback(_note)
            self._next[key] = shared
        return await asyncio.shield(shared), is_own

    async def _attempt_after(
        self,
        before: "asyncio.Task[Found] | None",
        key: Key,
        attempt: Callable[[], Awaitable[Found]],
    ) -> Found:
        try:
            if before is not None:
                await asyncio.wait({before})
        finally:
            own = self._under_way[key] = self._next.pop(key)
        try:
            return await attempt()
        finally:
            if self._under_way.get(key) is own:
                del self._under_way[key]


def _note(task: "asyncio.Task[Found]") -> None:
    """Take notice of a failure, even where all who waited for it have gone."""
    if not task.cancelled():
        task.exception()
