"""What can a simulator be told when it is started?"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from meigara.simulator.market import Market


@dataclass(frozen=True)
class SimulatorConfig:
    """How to simulate.

    host, port: where to listen; port 0 takes a free one.
    rosters: a directory of answers to serve instead of the invented market.
    plan: free, light, standard or premium; on a directory, premium sets no window.
    faults: as `describe_faults` lists them; NAME or NAME:N.
    today: the simulated day, instead of the clock's; its time of day is the clock's, or noon.
    api_key: the only key accepted; None accepts any that is not empty.
    seed: of the invented market.
    limit_calls: answer 429 beyond the plan's calls a minute.
    page_bytes: cut pages at about this size.
    clock: returns aware datetimes; the real clock unless given.
    market: a market to share with other simulators of the process, so that its history is
        written once; `seed` is then not used.
    """

    host: str = "127.0.0.1"
    port: int = 0
    rosters: Path | None = None
    plan: str = "premium"
    faults: tuple[str, ...] = ()
    today: dt.date | None = None
    api_key: str | None = None
    seed: int = 7
    limit_calls: bool = True
    page_bytes: int = 5_000_000
    clock: Callable[[], dt.datetime] | None = None
    market: Market | None = None
