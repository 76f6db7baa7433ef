"""How does the program reach its database, be it SQLite or PostgreSQL?"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from meigara.db.url import shown_url
from meigara.errors import StoreUnavailable

_BUSY_TIMEOUT_MS = 10_000
_CONNECT_TIMEOUT_S = 10
_IMMEDIATE = "meigara_immediate"

Result = TypeVar("Result")


class Database:
    """One engine and the two ways to use it: `reading` and `writing`."""

    def __init__(self, url: sa.URL) -> None:
        """Prepare an engine for `url`; nothing is opened before the first use."""
        self.engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
        self._looker = _blocking(url)
        self._writer = self.engine.execution_options(**{_IMMEDIATE: True})
        self._reader = self.engine
        if self.engine.dialect.name == "postgresql":
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def name(self) -> str:
        """The URL as it may be shown: without its password."""
        return shown_url(self.engine.url)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that sees one state of the store throughout and writes nothing.

        Raises StoreUnavailable if the database cannot be reached or read.
        """
        async with _reported(self.name), AsyncSession(self._reader) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that commits at the end, or rolls back on any exception.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE): a transaction that reads
        first and writes later would lose to another one with "database is locked".

        Raises StoreUnavailable if the database cannot be reached or written.
        """
        async with (
            _reported(self.name),
            AsyncSession(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    async def look(self, query: sa.Select[*tuple[Any, ...]]) -> Any:
        """Return the one row of a small query; the event loop is waited for once, however busy.

        Raises StoreUnavailable if the database cannot be reached or read.
        """
        async with _reported(self.name):
            return await asyncio.to_thread(self._row_of, query)

    def _row_of(self, query: sa.Select[*tuple[Any, ...]]) -> Any:
        with self._looker.connect() as connection:
            return connection.execute(query).one()

    async def close(self) -> None:
        """Close all connections; a cancel that comes meanwhile waits until it is done."""
        await to_the_end(self.engine.dispose())
        self._looker.dispose()


@asynccontextmanager
async def _reported(name: str) -> AsyncIterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, OSError, sqlite3.Error) as error:
        raise StoreUnavailable(database=name, reason=first_line(error)) from error


async def to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Await `work`; a cancel that comes meanwhile waits until it is done, and so does a second.

    A statement of SQLite that is left while it runs goes on in its thread: whoever uses the
    database next meets its lock.
    """
    working = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        while not working.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({working})
        await working
        raise


def first_line(error: BaseException) -> str:
    """Return what the driver says of a failure, without what the library adds."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__


def _postgresql(url: sa.URL) -> AsyncEngine:
    return create_async_engine(
        url, connect_args={"connect_timeout": _CONNECT_TIMEOUT_S}, pool_pre_ping=True
    )


def _sqlite(url: sa.URL) -> AsyncEngine:
    engine = create_async_engine(url)
    sa.event.listen(engine.sync_engine, "connect", _configure)
    sa.event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _blocking(url: sa.URL) -> sa.Engine:
    """Return an engine for use in threads."""
    if url.get_backend_name() == "sqlite":
        return sa.create_engine(url.set(drivername="sqlite"))
    return sa.create_engine(
        url, connect_args={"connect_timeout": _CONNECT_TIMEOUT_S}, isolation_level="AUTOCOMMIT"
    )


def _configure(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get(_IMMEDIATE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
