"""How is the application put together, and taken apart?"""

import asyncio
import datetime as dt
import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from meigara.config import Settings
from meigara.db.engine import Database
from meigara.db.schema import current_revision, ensure_current
from meigara.db.url import database_url
from meigara.errors import NothingSynced
from meigara.jquants.client import FetchEvent, JQuantsClient, checked_key, checked_url
from meigara.jquants.plan import Plan
from meigara.services.sync import Sync

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class App:
    """The parts of a running program."""

    settings: Settings
    database: Database
    holder: str

    @staticmethod
    def now() -> dt.datetime:
        """The present moment, aware, in Tokyo."""
        return dt.datetime.now(TOKYO)

    def sync(self) -> Sync:
        """Return the sync of this application.

        Raises MissingKey, or InvalidSetting for a key or address that no request can carry.
        """
        key = checked_key(self.settings.api_key)
        checked_url(self.settings.jquants_base_url)

        def make_client(on_event: Callable[[FetchEvent], None]) -> JQuantsClient:
            return client_of(self.settings, key, on_event)

        return Sync(self.database, make_client, self.settings.guard_limits, self.now)


def client_of(
    settings: Settings, key: str, on_event: Callable[[FetchEvent], None]
) -> JQuantsClient:
    """Return a client of J-Quants as the settings describe it."""
    plan = Plan(settings.jquants_plan) if settings.jquants_plan else None
    return JQuantsClient(
        api_key=key,
        base_url=settings.jquants_base_url,
        plan=plan,
        retries=settings.jquants_retries,
        timeout=settings.jquants_timeout,
        on_event=on_event,
    )


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
        yield App(settings, database, holder=_holder())
    finally:
        await database.close()


async def _create_schema(url: str) -> None:
    """Create the tables; Alembic is loaded only here, since it is slow to load."""
    from meigara.db.migrate import upgrade  # noqa: PLC0415

    await asyncio.to_thread(upgrade, url)


def _holder() -> str:
    """Return a name for this process that no other one has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
