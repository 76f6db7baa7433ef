"""How does the program reach its database, be it SQLite or PostgreSQL?"""

import asyncio
import datetime as dt
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from meigara.db.clock import Clock
from meigara.db.file import StoreFile
from meigara.db.limits import USUAL, Limits
from meigara.db.private import close_to_others
from meigara.db.url import shown_url, sqlite_file
from meigara.errors import Reason, StoreDamaged, StoreUnavailable

TOO_LATE = "it did not answer in time"
_BUSY_TIMEOUT_MS = 10_000
_IMMEDIATE = "meigara_immediate"
_IS_LONG = "meigara_is_long"
_LOOKERS = 2
_TIME_OUTS = frozenset({"57014", "55P03"})  # PostgreSQL's codes: a statement, a lock took too long
_MARK = f"PRAGMA application_id = {int.from_bytes(b'Meig')}"
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")

Result = TypeVar("Result")


class Database:
    """One engine and the two ways to use it: `reading` and `writing`."""

    def __init__(self, url: sa.URL, limits: Limits = USUAL) -> None:
        """Prepare an engine for `url`; nothing is opened before the first use.

        PostgreSQL is waited for no longer than `limits`.
        """
        self._clock = Clock()
        self.engine, self._looker = _engines(url, limits, self._clock)
        self._lookers = ThreadPoolExecutor(_LOOKERS, "look")  # their own: one may have to wait
        self._writer = self.engine.execution_options(**{_IMMEDIATE: True})
        self._reader = self.engine
        if self.engine.dialect.name == "postgresql":
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")
        file = sqlite_file(url)
        self._file = StoreFile(file) if file else None

    @property
    def name(self) -> str:
        """The URL as it may be shown: without its password."""
        return shown_url(self.engine.url)

    def now(self) -> dt.datetime:
        """Return the present moment by the clock of the database, which all processes share."""
        return self._clock.now()

    def ensure_same_file(self) -> None:
        """Raise StoreLost if the file of SQLite is not the one any more that was opened."""
        if self._file is not None:
            self._file.ensure_same()

    @asynccontextmanager
    async def reading(self, *, is_long: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a transaction that sees one state of the store throughout and writes nothing.

        A long one may take an hour where others are ended after seconds.

        Raises StoreUnavailable if the database cannot be reached or read.
        """
        engine = self._reader.execution_options(**{_IS_LONG: True}) if is_long else self._reader
        async with self._reported(), AsyncSession(engine) as session:
            yield session

    @asynccontextmanager
    async def writing(self, *, is_long: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a transaction that commits at the end, or rolls back on any exception.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE): a transaction that reads
        first and writes later would lose to another one with "database is locked". A long one
        may take an hour where others are ended after seconds.

        Raises StoreUnavailable if the database cannot be reached or written.
        """
        engine = self._writer.execution_options(**{_IS_LONG: True}) if is_long else self._writer
        async with (
            self._reported(),
            AsyncSession(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
            self.ensure_same_file()

    async def look(self, query: sa.Select[*tuple[Any, ...]]) -> Any:
        """Return the one row of a small query; the event loop is waited for once, however busy.

        Raises StoreUnavailable if the database cannot be reached or read.
        """
        async with self._reported():
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._lookers, self._row_of, query)

    def _row_of(self, query: sa.Select[*tuple[Any, ...]]) -> Any:
        with self._looker.connect() as connection:
            return connection.execute(query).one()

    async def close(self) -> None:
        """Close all connections; a cancel that comes meanwhile waits until it is done."""
        await to_the_end(self.engine.dispose())
        self._lookers.shutdown(wait=False, cancel_futures=True)
        self._looker.dispose()
        if self._file is not None:
            self._file.close()

    @asynccontextmanager
    async def _reported(self) -> AsyncIterator[None]:
        """Look at the file first, and tell failures in our own words."""
        self.ensure_same_file()
        try:
            yield
        except IntegrityError:
            raise
        except sa.exc.TimeoutError as error:  # all connections are taken
            raise StoreUnavailable(database=self.name, reason=Reason(TOO_LATE)) from error
        except (DBAPIError, OSError, sqlite3.Error) as error:
            self.ensure_same_file()
            is_late = getattr(getattr(error, "orig", None), "sqlstate", None) in _TIME_OUTS
            reason = Reason(TOO_LATE) if is_late else first_line(error)
            kind = StoreDamaged if _is_damaged(error) else StoreUnavailable
            raise kind(database=self.name, reason=reason) from error


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


def _is_damaged(error: BaseException) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlite_errorname", "").startswith(_DAMAGED)


def first_line(error: BaseException) -> str:
    """Return what the driver says of a failure, without what the library adds."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__


def _engines(url: sa.URL, limits: Limits, clock: Clock) -> tuple[AsyncEngine, sa.Engine]:
    """Return the engine for all work, and the one for looks in threads."""
    if url.get_backend_name() == "sqlite":
        looker = sa.create_engine(url.set(drivername="sqlite"))
        sa.event.listen(looker, "do_connect", _open_no_new_file)
        return _sqlite(url), looker
    from meigara.db import postgresql  # noqa: PLC0415 - its driver loads slowly

    engine = postgresql.engine_of(url, limits, clock, _IS_LONG)
    return engine, postgresql.blocking_engine_of(url, limits)


def _sqlite(url: sa.URL) -> AsyncEngine:
    engine = create_async_engine(url)
    sa.event.listen(engine.sync_engine, "do_connect", _open_no_new_file)
    sa.event.listen(engine.sync_engine, "connect", _configure)
    sa.event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _open_no_new_file(
    _dialect: object, _record: object, args: list[Any], options: dict[str, Any]
) -> None:
    """Let SQLite open only what there is: in the place of a deleted file it would make another.

    A file that everybody could read, as earlier versions made it, is closed to others.
    """
    if args[0] != ":memory:" and not options.get("uri"):
        close_to_others(Path(args[0]))
        args[0] = f"{Path(args[0]).absolute().as_uri()}?mode=rw"
        options["uri"] = True


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
    if immediate:  # writes the first page, whose count of changes tells an older copy
        connection.exec_driver_sql(_MARK)
