"""How is the application put together, and taken apart?"""

import asyncio
import datetime as dt
import gc
import os
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from meigara.config import Settings
from meigara.db.engine import Database
from meigara.db.schema import current_revision, ensure_current
from meigara.db.url import database_url
from meigara.errors import NothingSynced
from meigara.traces import ensure_possible

if TYPE_CHECKING:
    from meigara.services.sync import Sync
    from meigara.services.tick import Dispatcher

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class App:
    """The parts of a running program."""

    settings: Settings
    database: Database
    holder: str

    def now(self) -> dt.datetime:
        """The present moment, aware, in Tokyo; by the clock of the database."""
        return self.database.now().astimezone(TOKYO)

    def sync(self, *, gives_back: bool = False) -> "Sync":
        """Return the sync from J-Quants into the store; `gives_back` as in `Sync`."""
        from meigara.source import sync_of  # noqa: PLC0415 - reading needs no HTTP

        return sync_of(self.settings, self.database, self.now, gives_back=gives_back)

    async def deliver_notices(self) -> int:
        """Send the notices that are due; return how many arrived."""
        from meigara.notices import deliver  # noqa: PLC0415 - rarely needed

        return await deliver(self.database, self.settings, self.now)

    async def forget_old_runs(self) -> None:
        """Delete the runs that are older than the settings keep them, if they say so."""
        if (days := self.settings.runs_kept_days) is not None:
            from meigara.services.keeping import forget_runs  # noqa: PLC0415 - once a day

            await forget_runs(self.database, self.now() - dt.timedelta(days=days))

    async def tell(self) -> None:
        """Write and send the notices about what has just ended, for where nobody ticks."""
        from meigara.services import notices  # noqa: PLC0415 - rarely needed

        async with self.database.reading() as session:
            if not await notices.has_targets(session):
                return
        async with self.database.writing() as session:
            await notices.take_events(session, self.now())
        await self.deliver_notices()


@asynccontextmanager
async def open_app(settings: Settings, *, creates_schema: bool = False) -> AsyncIterator[App]:
    """Open the application on its database and close it at the end.

    With `creates_schema` an empty database gets its tables; without, NothingSynced is raised for
    one. An older schema is never changed here: SchemaOutdated says how.

    Raises ConfigurationError, StoreUnavailable.
    """
    database = Database(database_url(settings.database_url))
    try:
        found = await current_revision(database)
        if found is None and not creates_schema:
            raise NothingSynced
        if found is None:
            await _create_schema(settings.database_url)
        else:
            ensure_current(found)
        gc.freeze()  # what is loaded now stays; a sync need not wait while it is looked through
        yield App(settings, database, holder=_holder())
    finally:
        await database.close()


@asynccontextmanager
async def running(app: App) -> AsyncIterator["Dispatcher"]:
    """Let queued runs be carried out, as the mode of the settings says.

    Embedded, this process ticks and works itself until the end of the context, and gives back
    what it has not finished. Distributed, workers and beats do, which are started apart; this
    process ticks more slowly beside them, so that frozen beats delay nothing for long.
    """
    from meigara.execution import embedded  # noqa: PLC0415 - a command line needs no worker

    ensure_possible(app.settings.traces_url)
    broker_url = app.settings.broker_url
    if broker_url is None:
        async with (
            embedded.EmbeddedDispatcher(
                app.sync(gives_back=True), app.holder, app.settings.traces_url
            ) as dispatcher,
            embedded.ticking(app, dispatcher),
        ):
            yield dispatcher
    else:
        from meigara.execution import queue  # noqa: PLC0415 - loads Celery, for this mode only

        sender = queue.CeleryDispatcher(queue.make_celery(broker_url))
        async with embedded.ticking(app, sender, embedded.STANDBY_SECONDS):
            yield sender


async def _create_schema(url: str) -> None:
    """Create the tables; Alembic is loaded only here, since it is slow to load."""
    from meigara.db.migrate import upgrade  # noqa: PLC0415 - slow to load

    await asyncio.to_thread(upgrade, url)


def _holder() -> str:
    """Return a name for this process that no other one has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
