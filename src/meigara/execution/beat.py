"""How does a beat send ticks at an even pace, whatever the clocks of other machines say?"""

from collections.abc import Callable
from typing import Any

from redbeat.schedulers import RedBeatScheduler, get_redis

_MOST_WAITING = 100


class Scheduler(RedBeatScheduler):  # type: ignore[misc]  # RedBeat says no types
    """RedBeat, which notes in Redis by its own clock when it sent what.

    A beat that takes over from one whose clock is ahead, or whose own clock was set back, would
    wait until that time has come. And since a message says nothing of when it must be read (the
    clock of a worker may be another one), no more are sent while many are unread.
    """

    def tick(self, min: Callable[..., Any] = min, **kwargs: Any) -> Any:
        """Send what is due; return the seconds until more is."""
        self._forget_the_future()
        return super().tick(min=min, **kwargs)

    def apply_async(
        self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        """Send a message, unless many are unread."""
        if get_redis(self.app).llen(self.app.conf.task_default_queue) >= _MOST_WAITING:
            return self.reserve(entry)
        return super().apply_async(entry, producer=producer, advance=advance, **kwargs)

    def _forget_the_future(self) -> None:
        for name in self.app.redbeat_conf.schedule:
            entry = self.Entry.from_key(self.Entry.generate_key(self.app, name), app=self.app)
            if entry.last_run_at is not None and entry.last_run_at > self.app.now():
                entry.reschedule()
