"""What does the product's own sync cost, from the answer's arrival to its commit?

The benchmark calls what the command line calls, `Sync.run`; only the network is left out: the
client has its answer already. The clock runs from there until the publishing is committed.
"""

import asyncio
import datetime as dt
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.engine import Database
from meigara.db.migrate import upgrade
from meigara.db.url import database_url
from meigara.domain.guard import GuardLimits
from meigara.domain.run import RunStatus, Trigger
from meigara.jquants.client import JQuantsClient
from meigara.jquants.events import Answer
from meigara.jquants.wire import decode_page
from meigara.services import queue
from meigara.services.sync import Sync

_TABLES = ("issue_change", "issue_version", "label", "roster", "sync_run")
_HOLDER = "benchmark"
_MANY = 10**9
_LIMITS = GuardLimits(
    first_list_minimum=0,
    first_list_maximum=_MANY,
    floor=_MANY,
    names_taken=_MANY,
    contradictions=_MANY,
    scale_size_share=1_000.0,
)
"""Everything is looked at, and all of the invented market is believed."""


class _Watched(Database):
    """A database that notes when its last writing transaction was committed."""

    committed_at = 0.0

    @asynccontextmanager
    async def writing(self, *, is_long: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a transaction that writes."""
        async with super().writing(is_long=is_long) as session:
            yield session
        self.committed_at = time.perf_counter()


class _Arrived(JQuantsClient):
    """A client whose answer has arrived, and is yet to be decoded."""

    def __init__(self, body: bytes) -> None:
        """Hold the one page of the answer."""
        self._body = body
        self._digest = hashlib.sha256(body).hexdigest()
        self.arrived_at = 0.0

    async def __aenter__(self) -> Self:
        """Open nothing."""
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Close nothing."""

    async def fetch_listed_issues(self, as_of: dt.date | None) -> Answer:  # noqa: ARG002
        """Decode the answer."""
        self.arrived_at = time.perf_counter()
        return Answer((decode_page(self._body),), (self._body,), self._digest, _now())


class Ours:
    """The product."""

    name = "ours"

    def __init__(self, url: str) -> None:
        """Bring the schema up to date."""
        upgrade(url)
        self._loop = asyncio.Runner()
        self._database = _Watched(database_url(url))
        self._run_id = 0

    def clear(self) -> None:
        """Forget the list and all runs."""
        if self._database.engine.dialect.name == "postgresql":
            self._loop.run(self._execute(f"TRUNCATE {', '.join(_TABLES)}"))
            return
        for table in _TABLES:
            self._loop.run(self._execute(f"DELETE FROM {table}"))
        self.value("PRAGMA wal_checkpoint(TRUNCATE)")

    def begin(self) -> None:
        """Begin a run: that comes before the fetch."""
        self._run_id = self._loop.run(
            queue.begin_run(self._database, queue.RunRequest(Trigger.CLI), _HOLDER, _now())
        )

    def sync(self, body: bytes) -> float:
        """Make the list equal to the answer; return the seconds it took."""
        client = _Arrived(body)
        sync = Sync(self._database, lambda _on_event: client, _LIMITS, _now)
        run = self._loop.run(sync.run(self._run_id, _HOLDER, lambda _progress: None))
        if run.status is not RunStatus.SUCCEEDED:
            raise RuntimeError(f"the run ended as {run.status}: {run.hold_reasons}")
        return self._database.committed_at - client.arrived_at

    def value(self, statement: str) -> Any:
        """Return the first value that a statement gives on the connection of the contestant."""
        return self._loop.run(self._value(statement))

    def close(self) -> None:
        """Close all connections."""
        self._loop.run(self._database.close())
        self._loop.close()

    async def _execute(self, statement: str) -> None:
        async with self._database.writing() as session:
            await session.execute(sa.text(statement))

    async def _value(self, statement: str) -> Any:
        async with self._database.engine.connect() as connection:
            driver = await connection.execution_options(isolation_level="AUTOCOMMIT")
            result = await driver.exec_driver_sql(statement)
            return result.scalar() if result.returns_rows else None


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
