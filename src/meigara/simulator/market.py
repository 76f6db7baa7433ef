"""Which invented issues are listed in Tokyo on a given day?"""

import datetime as dt
from random import Random
from threading import Lock

from meigara.simulator import calendar
from meigara.simulator.ledger import Row
from meigara.simulator.life import Exchange
from meigara.simulator.milestones import pass_milestones


class Market:
    """An invented exchange since 2008-05-07, the same for the same seed.

    History is written forward, day by day, as far as somebody asked; so the answer for a day
    does not depend on which days were asked before. Threads may share one market.
    """

    def __init__(self, seed: int = 7) -> None:
        """Make the market of `seed`; no day is lived yet."""
        self._exchange = Exchange(Random(seed))  # noqa: S311 - a toy market, not a secret
        self._next_day = calendar.DATA_BEGIN
        self._lock = Lock()

    def roster(self, on: dt.date) -> list[Row]:
        """Return the 14-field rows of the business day `on`, sorted by code.

        Raises ValueError for a day that is not a business day or lies before the data begin.
        """
        if on < calendar.DATA_BEGIN or not calendar.is_business_day(on):
            raise ValueError(f"There is no roster of {on}: it is not a business day with data.")
        with self._lock:
            self._live_until(on)
            return self._exchange.ledger.rows(on)

    def _live_until(self, day: dt.date) -> None:
        while self._next_day <= day:
            pass_milestones(self._exchange, self._next_day)
            self._exchange.live(self._next_day)
            self._next_day = calendar.next_after(self._next_day)
