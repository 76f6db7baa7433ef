"""What is the state of a running simulator, and what day is it there?"""

import datetime as dt
from dataclasses import dataclass, field

from meigara.simulator.answers import Answers
from meigara.simulator.config import SimulatorConfig
from meigara.simulator.faults import Faults
from meigara.simulator.market import Market
from meigara.simulator.plans import Limiter, Verdict, Window, plan_named
from meigara.simulator.resolution import JST
from meigara.simulator.rosters import DirectorySource, MarketSource, RosterSource

_NOON = dt.time(12)
_REQUESTS_KEPT = 10_000


@dataclass
class RecordedRequest:
    """One request that arrived.

    `status` is None while no answer began, and for ever where the fault sends none.
    """

    path: str
    params: dict[str, str]
    at: dt.datetime
    status: int | None = field(default=None)


class Simulation:
    """Everything that answers depend on.

    `set_faults` and `set_today` replace one reference each, so any thread may call them.
    """

    def __init__(self, config: SimulatorConfig) -> None:
        """Read the configuration; raise SimulatorError for what cannot be simulated."""
        self.plan = plan_named(config.plan)
        self.faults = Faults(config.faults)
        self.requests: list[RecordedRequest] = []
        self._config = config
        self._today = config.today
        self._limiter = Limiter(self.plan.calls_per_minute)
        self._source = _source(config)
        self.answers = Answers(self._source, config.page_bytes)

    @property
    def is_invented(self) -> bool:
        """Say whether the lists are those of the invented market, not of files."""
        return self._config.rosters is None

    def record(self, request: RecordedRequest) -> None:
        """Remember a request; a simulator that runs for days forgets the oldest."""
        self.requests.append(request)
        if len(self.requests) > 2 * _REQUESTS_KEPT:
            del self.requests[:_REQUESTS_KEPT]

    def clock(self) -> dt.datetime:
        """Return the time by which calls are limited and blocks end."""
        return self._config.clock() if self._config.clock else dt.datetime.now(JST)

    def now(self) -> dt.datetime:
        """Return the simulated time: the clock's, on the simulated day if there is one."""
        if self._today is None:
            return self.clock()
        time = self.clock().astimezone(JST).time() if self._config.clock else _NOON
        return dt.datetime.combine(self._today, time, JST)

    def today(self) -> dt.date:
        """Return the simulated day in Tokyo."""
        return self.now().astimezone(JST).date()

    def window(self) -> Window:
        """Return the dates that the plan covers today."""
        return self.plan.window(self.today())

    def resolve(self, requested: dt.date | None) -> dt.date:
        """Return the day that answers a request; raise OutsideWindow if the plan refuses."""
        return self._source.resolve(requested, self.now(), self.plan)

    def accepts(self, key: str) -> bool:
        """Say whether the API key is valid."""
        return self._config.api_key is None or key == self._config.api_key

    def allows_call(self, key: str) -> bool:
        """Count a call of the key and say whether it is within the limits of the plan."""
        if not self._config.limit_calls:
            return True
        return self._limiter.judge(key, self.clock()) is Verdict.ALLOWED

    def set_faults(self, *names: str) -> None:
        """Replace the faults; raise SimulatorError if one is unknown."""
        self.faults = Faults(names)

    def set_today(self, today: dt.date | None) -> None:
        """Replace the simulated day; None returns to the clock's."""
        if isinstance(self._source, DirectorySource) and today is not None:
            self._source.follow_today()
        self._today = today


def _source(config: SimulatorConfig) -> RosterSource:
    if config.rosters is None:
        return MarketSource(config.market or Market(config.seed))
    source = DirectorySource(config.rosters, has_today=config.today is not None)
    source.check()
    return source
