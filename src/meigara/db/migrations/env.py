"""How does Alembic run the migrations: one connection, one process at a time?"""

import sqlite3

import sqlalchemy as sa
from alembic import context

from meigara.db.tables import METADATA

_ADVISORY_LOCK = 7_203_130


def _engine(url: sa.URL) -> sa.Engine:
    """Return a blocking engine: migrations are the one place that needs no event loop."""
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url.set(drivername="sqlite"), connect_args={"timeout": 30})
        sa.event.listen(engine, "connect", _configure)
        sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine
    return sa.create_engine(url, connect_args={"connect_timeout": 10})


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    """Let readers and a writer work side by side; the file keeps the mode for good."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")


def _run() -> None:
    engine = _engine(context.config.attributes["url"])
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


_run()
