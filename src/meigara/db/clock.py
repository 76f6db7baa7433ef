"""What time is it, by the one clock that all processes of a database share?"""

import datetime as dt
import time


class Clock:
    """Tells the time of the database, which this machine's clock may be minutes away from.

    It is set by whoever has just asked the database, and goes on by the clock of this machine that
    nobody sets. Until then, and on SQLite, the clock of this machine is that of the database.
    """

    def __init__(self) -> None:
        """Tell the time of this machine."""
        self._started_at: float | None = None

    def set(self, epoch: float) -> None:
        """Note that the database has just said `epoch`, in seconds since 1970."""
        self._started_at = epoch - time.monotonic()

    def now(self) -> dt.datetime:
        """Return the present moment, aware, in UTC."""
        if self._started_at is None:
            return dt.datetime.now(dt.UTC)
        return dt.datetime.fromtimestamp(self._started_at + time.monotonic(), dt.UTC)
