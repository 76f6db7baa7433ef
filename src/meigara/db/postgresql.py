"""How is PostgreSQL used so that neither side waits for ever for the other?

The server ends what this process leaves undone while it is frozen or cut off: it takes back the
locks that others wait for. This process ends what the server does not answer: a connection that
has fallen silent, behind a proxy or after a failover, looks like one that only takes its time.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.abc import PQGen
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from meigara.db.clock import Clock
from meigara.db.limits import USUAL, Limits
from meigara.db.stalled import LONG_WORK

_MARGIN_SECONDS = 2.0  # the server ends a statement first, and says why
_POLL_SECONDS = 0.1
_HAS_ANSWERED = "has_answered"
_NAME = "meigara"
_NAME_LONG_WORK = (
    "SELECT set_config('application_name',"
    f" current_setting('application_name') || '{LONG_WORK}', true)"
)
_SOCKETS = {
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

Result = TypeVar("Result")


class Silent(psycopg.OperationalError):
    """The database did not answer in time; the connection is closed."""

    sqlstate = psycopg.errors.QueryCanceled.sqlstate


class _Connection(psycopg.AsyncConnection[Any]):
    """A connection that is given up when an answer takes longer than `patience` seconds."""

    patience = USUAL.ping

    async def wait(
        self, gen: PQGen[Result], interval: float = _POLL_SECONDS, timeout: float | None = None
    ) -> Result:
        """Wait for an answer. Raises Silent."""
        limit = self.patience if timeout is None else timeout
        begun = time.monotonic()
        try:
            return await super().wait(gen, interval, limit)
        except psycopg.OperationalError as error:
            if timeout is not None or time.monotonic() - begun < limit:
                raise
            self.pgconn.finish()
            raise Silent from error


class _BlockingConnection(psycopg.Connection[Any]):
    """The same for threads: for small queries only."""

    patience = USUAL.ping

    def wait(
        self, gen: PQGen[Result], interval: float = _POLL_SECONDS, timeout: float | None = None
    ) -> Result:
        """Wait for an answer. Raises Silent."""
        limit = self.patience if timeout is None else timeout
        begun = time.monotonic()
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError as error:
            if timeout is not None or time.monotonic() - begun < limit:
                raise
            self.pgconn.finish()
            raise Silent from error


def engine_of(url: sa.URL, limits: Limits, clock: Clock, long_option: str) -> AsyncEngine:
    """Return an engine that sets `clock` each time a connection is taken from its pool.

    A transaction with the execution option `long_option` may take its time.
    """
    arguments = {**_arguments(url, limits), "async_creator_fn": _Connection.connect}
    engine = create_async_engine(url, connect_args=arguments, pool_timeout=limits.pool)

    def ask(connection: Any, record: Any, _proxy: object) -> None:
        """Ask for the time; the pool replaces an old connection that does not tell it."""
        try:
            clock.set(_time_told_on(connection))
        except psycopg.Error as error:
            if record.info.get(_HAS_ANSWERED):
                raise sa.exc.InvalidatePoolError from error
            raise sa.exc.OperationalError(None, None, error) from error
        record.info[_HAS_ANSWERED] = True

    def allow_time(connection: sa.Connection) -> None:
        """Let the statements of a transaction take as long as its kind may."""
        is_long = connection.get_execution_options().get(long_option, False)
        seconds = limits.long_statement if is_long else limits.statement
        driver: Any = connection.connection.driver_connection
        driver.patience = seconds + _MARGIN_SECONDS
        if is_long:
            connection.exec_driver_sql(_NAME_LONG_WORK)
            for name, value in _of_long_work(limits).items():
                connection.exec_driver_sql(f"SET LOCAL {name} = {value}")

    def be_impatient(_connection: object, record: Any) -> None:
        """Wait only briefly for the first answer to whoever takes the connection next."""
        if record.driver_connection is not None:
            record.driver_connection.patience = limits.ping

    sa.event.listen(engine.sync_engine, "checkout", ask)
    sa.event.listen(engine.sync_engine, "checkin", be_impatient)
    sa.event.listen(engine.sync_engine, "begin", allow_time)
    return engine


def blocking_engine_of(url: sa.URL, limits: Limits) -> sa.Engine:
    """Return an engine for small queries in threads."""
    engine = sa.create_engine(
        url,
        connect_args=_arguments(url, limits),
        isolation_level="AUTOCOMMIT",
        pool_timeout=limits.pool,
        pool_pre_ping=True,
    )

    def connect(_dialect: object, _record: object, args: Any, kwargs: Any) -> Any:
        return _BlockingConnection.connect(*args, **kwargs)

    sa.event.listen(engine, "do_connect", connect)
    return engine


def _arguments(url: sa.URL, limits: Limits) -> Mapping[str, Any]:
    """Return what every connection is opened with; what the address says goes before it."""
    said = " ".join(f"-c {name}={value}" for name, value in _of_server(limits).items())
    options = f"{said} {url.query.get('options', '')}".strip()
    ours = {**_SOCKETS, "tcp_user_timeout": _ms(limits.idle), "application_name": _NAME}
    return {
        **{name: value for name, value in ours.items() if name not in url.query},
        "options": options,
    }


def _of_server(limits: Limits) -> Mapping[str, int]:
    """Return the settings of the server that end what this process leaves undone."""
    return {
        "statement_timeout": _ms(limits.statement),
        "lock_timeout": _ms(limits.lock),
        "idle_in_transaction_session_timeout": _ms(limits.idle),
        # The one before does not end while the server waits to send to a process that is frozen.
        "tcp_user_timeout": _ms(limits.idle),
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
    }


def _of_long_work(limits: Limits) -> Mapping[str, int]:
    return {
        "statement_timeout": _ms(limits.long_statement),
        "lock_timeout": _ms(limits.long_idle),
        "idle_in_transaction_session_timeout": _ms(limits.long_idle),
    }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _time_told_on(connection: Any) -> float:
    """Return the time of the server, asked outside of a transaction."""
    connection.autocommit = True
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(cursor.fetchone()[0])
    finally:
        cursor.close()
        with suppress(psycopg.Error):
            connection.autocommit = False
