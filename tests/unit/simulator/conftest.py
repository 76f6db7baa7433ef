"""Simulators for the tests: one that is shared and reset, and one per wish."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from meigara.simulator.market import Market
from meigara.simulator.resolution import JST
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running

FRIDAY_EVENING = dt.datetime(2026, 11, 20, 18, 0, tzinfo=JST)


class Clock:
    """A clock that stands still until it is told the time."""

    def __init__(self) -> None:
        self.time = FRIDAY_EVENING

    def __call__(self) -> dt.datetime:
        return self.time

    def tell(self, *moment: int) -> None:
        """Set year, month, day, hour, minute in Tokyo."""
        self.time = dt.datetime(*moment, tzinfo=JST)  # type: ignore[misc,arg-type]

    def advance(self, seconds: float) -> None:
        self.time += dt.timedelta(seconds=seconds)


class Api:
    """A client of one simulator."""

    def __init__(self, simulator: RunningSimulator) -> None:
        self.simulator = simulator
        self.client = httpx.Client(timeout=30, headers={"x-api-key": "key"})

    def get(self, path: str = "/equities/master", **params: str) -> httpx.Response:
        return self.client.get(self.simulator.base_url + path, params=params)

    def rows(self, **params: str) -> list[dict[str, Any]]:
        response = self.get(**params)
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = response.json()["data"]
        return rows

    def date(self, **params: str) -> str:
        """Return the one Date that all rows of an answer carry."""
        (date,) = {row["Date"] for row in self.rows(**params)}
        return str(date)

    def pages(self, limit: int = 10) -> list[dict[str, Any]]:
        """Return the pages of a roster, following the keys."""
        pages = [self.get().json()]
        while pages[-1].get("pagination_key") and len(pages) < limit:
            pages.append(self.get(pagination_key=pages[-1]["pagination_key"]).json())
        return pages


@pytest.fixture(scope="session")
def market() -> Market:
    """Return one invented market, whose history is written once for all tests."""
    return Market(seed=7)


@pytest.fixture(scope="session")
def _shared(market: Market) -> Iterator[tuple[RunningSimulator, Clock]]:
    clock = Clock()
    config = SimulatorConfig(market=market, clock=clock, limit_calls=False)
    with running(config) as simulator:
        yield simulator, clock


@pytest.fixture
def clock(_shared: tuple[RunningSimulator, Clock]) -> Clock:
    """Return the clock of the shared simulator, on a Friday evening."""
    _shared[1].time = FRIDAY_EVENING
    return _shared[1]


@pytest.fixture
def api(_shared: tuple[RunningSimulator, Clock], clock: Clock) -> Iterator[Api]:
    """Return a client of the shared simulator: Premium, no faults, no limits."""
    simulator = _shared[0]
    simulator.set_faults()
    simulator.set_today(None)
    api = Api(simulator)
    with api.client:
        yield api


@pytest.fixture
def start(market: Market) -> Iterator[Callable[..., Api]]:
    """Return a function that starts a simulator of its own and returns a client of it."""
    with ExitStack() as stack:

        def started(**options: Any) -> Api:
            options.setdefault("market", market)
            options.setdefault("clock", Clock())
            api = Api(stack.enter_context(running(SimulatorConfig(**options))))
            stack.enter_context(api.client)
            return api

        yield started
