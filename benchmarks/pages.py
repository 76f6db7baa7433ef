"""How long does the server need for a page, with today's list and ten thousand runs behind it?"""

import asyncio
import datetime as dt
import time
from collections.abc import Iterator
from statistics import quantiles
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa

from benchmarks.queries import CURRENT
from meigara.config import Settings
from meigara.db.engine import Database
from meigara.db.models import StoredRoster, SyncRun
from meigara.domain.run import RunStatus, Trigger
from meigara.services.runs import LISTED_ISSUES
from meigara.web.app import create_app
from meigara.web.stage import Stage

RUNS = 10_000
_WARM_UP = 5
_LAST_SLOT = dt.datetime(2025, 7, 1, 20, tzinfo=dt.UTC)
_FAILED_EVERY = 50
_ERROR = {"kind": "ServerFault", "params": {"status": 503}}

PAGES = (
    "/",
    "/data-sources/1/live",
    "/issues",
    "/issues?q=電機",
    "/issues?as_of=2014-11-20",
    "/issues?gone=true",
    "/issues?order=name&page=20",
    "/issues/72030",
    "/runs",
    "/runs?status=failed",
    f"/runs/{RUNS}",
    "/data-sources/1/schedule",
    "/setup",
)


class Browsed(msgspec.Struct, frozen=True):
    """A page, its size in bytes, and the seconds within which 95 of 100 answers were made."""

    page: str
    database: str
    size: int
    p95: float


def browse_all(kind: str, url: str, rounds: int) -> list[Browsed]:
    """Add runs to a store that holds a list, and ask for each page `rounds` times.

    The application is called in this process: the time is the server's, without a network.
    """
    return asyncio.run(_browse_all(kind, url, rounds))


async def _browse_all(kind: str, url: str, rounds: int) -> list[Browsed]:
    settings = Settings(database_url=url, jquants_api_key="benchmark")
    async with Stage(settings) as stage:
        await _write_runs(stage.app.database)
        transport = httpx.ASGITransport(create_app(stage))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [await _browse(client, kind, page, rounds) for page in PAGES]


async def _browse(client: httpx.AsyncClient, kind: str, page: str, rounds: int) -> Browsed:
    times = []
    for _ in range(_WARM_UP + rounds):
        start = time.perf_counter()
        answer = await client.get(page)
        times.append(time.perf_counter() - start)
        answer.raise_for_status()
    return Browsed(page, kind, len(answer.content), quantiles(times[_WARM_UP:], n=20)[-1])


async def _write_runs(database: Database) -> None:
    runs = list(_runs())
    failed = [run for run in runs if run["status"] is RunStatus.FAILED]
    published = [run for run in runs if run["status"] is RunStatus.SUCCEEDED]
    async with database.writing() as session:
        for each in (failed, published):
            await session.execute(sa.insert(SyncRun), each)
        await session.execute(sa.insert(StoredRoster), [_roster(run) for run in published])


def _runs() -> Iterator[dict[str, Any]]:
    """Yield one run a day up to the last slot; the store holds the first two numbers already."""
    for number in range(3, RUNS + 1):
        slot = _LAST_SLOT - dt.timedelta(days=RUNS - number)
        failed = number % _FAILED_EVERY == 0
        sizes = None if failed else CURRENT
        yield {
            "id": number,
            "endpoint_id": LISTED_ISSUES,
            "schedule_id": 1,
            "scheduled_for": slot,
            "trigger": Trigger.SCHEDULE,
            "status": RunStatus.FAILED if failed else RunStatus.SUCCEEDED,
            "is_backfill": False,
            "queued_at": slot,
            "started_at": slot,
            "finished_at": slot + dt.timedelta(seconds=2 + number % 7),
            "as_of": None if failed else slot.date(),
            **dict.fromkeys(("total", "companies", "unchanged"), sizes),
            **dict.fromkeys(("listed", "delisted", "changed"), None if failed else 0),
            **({"error": _ERROR} if failed else {}),
        }


def _roster(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "run_id": run["id"],
        "as_of": run["as_of"],
        "fetched_at": run["finished_at"],
        "digest": "",
        "row_count": CURRENT,
        "is_published": True,
    }
