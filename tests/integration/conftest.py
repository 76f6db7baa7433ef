"""A store, and a source whose rosters the test writes."""

import datetime as dt
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from meigara.db.engine import Database
from meigara.db.models import SyncRun
from meigara.db.url import database_url as parsed
from meigara.domain.guard import GuardLimits
from meigara.domain.issue import ListedIssue
from meigara.domain.run import Trigger
from meigara.jquants.client import JQuantsClient
from meigara.jquants.plan import Plan
from meigara.services import queue
from meigara.services.progress import Listener
from meigara.services.sync import Sync
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running
from tests.rosters import a_list, a_row

NOW = dt.datetime(2025, 8, 1, 5, 0, tzinfo=dt.UTC)
LIMITS = GuardLimits(first_list_minimum=5, floor=10)


class World:
    """A store beside a source that serves the lists of the test."""

    def __init__(self, database: Database, simulator: RunningSimulator) -> None:
        self.database = database
        self.simulator = simulator

    def syncer(self, retries: int = 0) -> Sync:
        """Return the sync of this world."""
        return Sync(
            self.database,
            lambda on_event: JQuantsClient(
                api_key="k",
                base_url=self.simulator.base_url,
                plan=Plan.PREMIUM,
                retries=retries,
                on_event=on_event,
            ),
            LIMITS,
            lambda: NOW,
        )

    async def begin(self, as_of: dt.date | None = None, *, is_backfill: bool = False) -> int:
        """Begin a run held by "me"."""
        request = queue.RunRequest(Trigger.CLI, "me", as_of, is_backfill)
        return await queue.begin_run(self.database, request, "me", NOW)

    async def sync(
        self,
        as_of: dt.date | None = None,
        *,
        is_backfill: bool = False,
        listener: Listener = lambda _progress: None,
    ) -> SyncRun:
        """Carry out one whole sync."""
        request = queue.RunRequest(Trigger.CLI, "me", as_of, is_backfill)
        return await self.syncer().begin(request, "me", listener)


def write_rosters(folder: Path, lists: Mapping[dt.date, Mapping[str, ListedIssue]]) -> None:
    """Write a roster file for each date."""
    folder.mkdir(exist_ok=True)
    for day, issues in lists.items():
        rows = [a_row(issue, day.isoformat()) for issue in issues.values()]
        text = json.dumps({"data": rows}, ensure_ascii=False)
        (folder / f"{day}.json").write_text(text, encoding="utf-8")


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """Give a store with the schema in place, on each kind of database."""
    store = Database(parsed(migrated_url))
    yield store
    await store.close()


DAY1, DAY2, DAY3 = dt.date(2025, 7, 1), dt.date(2025, 7, 2), dt.date(2025, 7, 3)
LIST1 = a_list(40)
LIST2 = {
    **{code: issue for code, issue in LIST1.items() if code != "10000"},
    "10010": LIST1["10010"]._replace(name="新しい社名"),
    **a_list(1, start=2000),
}
LIST3 = {**LIST2, "10000": LIST1["10000"]._replace(name="戻った会社")}


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    """Serve three days: on the second one code leaves, one is renamed, one is new."""
    folder = tmp_path / "rosters"
    write_rosters(folder, {DAY1: LIST1, DAY2: LIST2, DAY3: LIST3})
    with running(SimulatorConfig(rosters=folder, today=DAY1)) as simulator:
        yield simulator


@pytest.fixture
def world(database: Database, simulator: RunningSimulator) -> World:
    """Give the store and the source together."""
    return World(database, simulator)
