"""How many rows does a statement change? Whoever changes none came second."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession


async def rows_changed(
    session: AsyncSession,
    statement: sa.Update | sa.Delete,
    values: Mapping[str, Any] | None = None,
) -> int:
    """Execute a statement and return how many rows it changed; the caller commits."""
    connection = await session.connection()
    result: CursorResult[Any] = await connection.execute(statement, values)
    return result.rowcount
