"""Is a file a backup? It has the tables of Meigara, and nothing that acts by itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from meigara.db.tables import KEPT_TABLES
from meigara.errors import Reason

_ODD = (
    "SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger')"
    " OR upper(sql) LIKE 'CREATE VIRTUAL%'"
)


def flaw_in(file: Path) -> Reason | None:
    """Return why an SQLite file is no backup of any version; None if it may be one.

    Raises sqlite3.Error for a file that is no database.
    """
    with closing(sqlite3.connect(file)) as connection:
        if (odd := connection.execute(_ODD).fetchone()) is not None:
            return Reason("{name} in it is no table", name=odd[0])
        if not _has_one_version(connection):
            return Reason("it has no tables of Meigara")
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            return Reason("it is damaged")
        return None


def gap_in(file: Path) -> Reason | None:
    """Return what a file lacks that has the newest schema by its number; None if it is whole."""
    with closing(sqlite3.connect(file)) as connection:
        for table in KEPT_TABLES:
            if not _names(table) <= _columns(connection, table.name):
                return Reason("its table {name} is missing or incomplete", name=table.name)
    return None


def _has_one_version(connection: sqlite3.Connection) -> bool:
    if not _columns(connection, "alembic_version"):
        return False
    return len(connection.execute("SELECT version_num FROM alembic_version").fetchall()) == 1


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    found = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return {name for (name,) in found}


def _names(table: sa.Table) -> set[str]:
    return {column.name for column in table.columns}
