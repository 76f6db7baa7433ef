"""How does everything that a database holds get into another one, whatever kind each is?"""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.engine import first_line
from meigara.db.tables import KEPT_TABLES, TABLES
from meigara.errors import Reason

_PART = 1_000
_UNFIT = (sa.exc.StatementError, ArithmeticError, LookupError, TypeError, ValueError)


class TableUncopied(Exception):
    """The rows of a table cannot be read, or are none that a store can hold."""

    def __init__(self, table: str, error: Exception) -> None:
        """Say which table, and what was said of it."""
        self.reason = Reason("its table {name} cannot be read", name=table)
        self.said = first_line(error)
        super().__init__(self.reason)


async def copy_all(source: AsyncSession, target: AsyncSession) -> Mapping[str, int]:
    """Replace what `target` holds by what `source` holds; return the rows of each table.

    Both have the newest schema. What `source` sees is one state; the caller commits.

    Raises TableUncopied.
    """
    for table in reversed(TABLES):
        await target.execute(sa.delete(table))
    counts = {}
    for table in KEPT_TABLES:
        counts[table.name] = await _copy_table(table, source, target)
    if target.get_bind().dialect.name == "postgresql":
        await _continue_numbers(target)
    return counts


async def _copy_table(table: sa.Table, source: AsyncSession, target: AsyncSession) -> int:
    writer = await target.connection()
    count = 0
    async for part in _rows_of(table, source):
        try:
            await writer.execute(sa.insert(table), part)
        except sa.exc.OperationalError:
            raise
        except _UNFIT as error:
            raise TableUncopied(table.name, error) from error
        count += len(part)
    return count


async def _rows_of(
    table: sa.Table, source: AsyncSession
) -> AsyncGenerator[list[dict[str, Any]], None]:
    reader = await source.connection()
    try:
        async with reader.stream(sa.select(table)) as rows:
            async for part in rows.mappings().partitions(_PART):
                yield [dict(row) for row in part]
    except _UNFIT as error:
        raise TableUncopied(table.name, error) from error


async def _continue_numbers(target: AsyncSession) -> None:
    """Let PostgreSQL number new rows after those that came with their numbers."""
    for table in KEPT_TABLES:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        newest = sa.select(sa.func.max(column)).scalar_subquery()
        if await target.scalar(sa.select(sequence)) is not None:
            next_number = sa.func.coalesce(newest, 0) + 1
            await target.execute(sa.select(sa.func.setval(sequence, next_number, False)))
