"""A process that syncs and kills or freezes itself on the way; preloaded, to start quickly."""

import asyncio
import datetime as dt
import os
import signal
import threading
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.limits import USUAL, Limits
from meigara.db.url import database_url
from meigara.domain.guard import GuardLimits
from meigara.domain.run import Trigger
from meigara.jquants.client import JQuantsClient
from meigara.jquants.plan import Plan
from meigara.services.queue import RunRequest, begin_run
from meigara.services.sync import Sync


@dataclass(frozen=True)
class Fate:
    """When the process dies: at the n-th touch of the database, or after some seconds.

    With SIGSTOP it is frozen instead, until somebody wakes it.
    """

    touch: int | None = None
    seconds: float | None = None
    number: signal.Signals = signal.SIGKILL


def sync_until_death(
    url: str, base_url: str, now: dt.datetime, fate: Fate, limits: Limits = USUAL
) -> None:
    """Carry out one sync; be killed as `fate` says, as by `kill -9`, if it is not over by then."""
    database = Database(database_url(url), limits)
    if fate.seconds is not None:
        threading.Timer(fate.seconds, _meet, (fate,)).start()
    if fate.touch is not None:
        _count_touches(database, fate)
    asyncio.run(_sync(database, base_url, now))
    os._exit(0)


async def _sync(database: Database, base_url: str, now: dt.datetime) -> None:
    sync = Sync(
        database,
        lambda on_event: JQuantsClient(
            api_key="k", base_url=base_url, plan=Plan.PREMIUM, retries=0, on_event=on_event
        ),
        GuardLimits(first_list_minimum=1, floor=10_000),  # no list is too small or too new
        lambda: now,
    )
    run_id = await begin_run(database, RunRequest(Trigger.CLI), "victim", now)
    await sync.run(run_id, "victim", lambda _progress: None)
    await database.close()


def _count_touches(database: Database, fate: Fate) -> None:
    """Die before or after the n-th statement or commit."""
    touches = 0

    def touch(*_arguments: Any) -> None:
        nonlocal touches
        touches += 1
        if touches == fate.touch:
            _meet(fate)

    engine = database.engine.sync_engine
    for event in ("before_cursor_execute", "after_cursor_execute", "commit", "begin"):
        sa.event.listen(engine, event, touch)
    sa.event.listen(engine.pool, "checkin", touch)


def _meet(fate: Fate) -> None:
    os.kill(os.getpid(), fate.number)
