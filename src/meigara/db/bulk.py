"""How are many rows inserted in the fastest way each database has?"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    import psycopg

Row = tuple[object, ...]
_NULL = "\x1e"


async def insert_rows(
    session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Insert `rows`, whose values are in the order of `columns`; the caller commits.

    Values are texts without control characters, numbers, truth or None; dates are ISO texts,
    which both databases read.
    PostgreSQL takes the rows as one COPY, SQLite as one prepared statement.
    """
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        raw = await connection.get_raw_connection()
        await _copy(cast("psycopg.AsyncConnection", raw.driver_connection), table, columns, rows)
        return
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({_names(columns)}) VALUES ({marks})"
    if values := list(rows):
        await connection.exec_driver_sql(statement, values)


async def _copy(
    driver: "psycopg.AsyncConnection", table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    text = "".join("\t".join(_copied(row)) + "\n" for row in rows).replace("\\", "\\\\")
    if not text:
        return
    async with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table} ({_names(columns)}) FROM STDIN (NULL '{_NULL}')") as copy,
    ):
        await copy.write(text)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _copied(row: Row) -> list[str]:
    """Return values in COPY's text format (PostgreSQL manual, COPY, "File Formats")."""
    return [
        value if isinstance(value, str) else _NULL if value is None else str(value) for value in row
    ]
