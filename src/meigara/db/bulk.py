"""How are many rows inserted in the fastest way each database has?"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    import psycopg

Row = Sequence[object]


async def insert_rows(
    session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Insert `rows`, whose values are in the order of `columns`; the caller commits.

    PostgreSQL takes them as one COPY, SQLite as one prepared statement.
    """
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        raw = await connection.get_raw_connection()
        await _copy(cast("psycopg.AsyncConnection", raw.driver_connection), table, columns, rows)
        return
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({_names(columns)}) VALUES ({marks})"
    if values := [tuple(map(_for_sqlite, row)) for row in rows]:
        await connection.exec_driver_sql(statement, values)


async def _copy(
    driver: "psycopg.AsyncConnection", table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    text = "".join("\t".join(map(_for_copy, row)) + "\n" for row in rows)
    if not text:
        return
    async with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table} ({_names(columns)}) FROM STDIN") as copy,
    ):
        await copy.write(text)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _for_sqlite(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _for_copy(value: object) -> str:
    """Return a value in COPY's text format (PostgreSQL manual, COPY, "File Formats")."""
    return "\\N" if value is None else str(value).translate(_COPY_ESCAPES)
