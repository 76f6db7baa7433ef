"""How does everything that a database holds get into another one, whatever kind each is?"""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.tables import KEPT_TABLES, TABLES

_PART = 1_000


async def copy_all(source: AsyncSession, target: AsyncSession) -> Mapping[str, int]:
    """Replace what `target` holds by what `source` holds; return the rows of each table.

    Both have the newest schema. What `source` sees is one state; the caller commits.
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
    reader, writer = await source.connection(), await target.connection()
    count = 0
    async with reader.stream(sa.select(table)) as rows:
        async for part in rows.mappings().partitions(_PART):
            await writer.execute(sa.insert(table), [dict(row) for row in part])
            count += len(part)
    return count


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
