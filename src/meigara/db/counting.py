"""How many rows does a statement change? Whoever changes none came second."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession


async def rows_changed(session: AsyncSession, statement: sa.Update | sa.Delete) -> int:
    """Execute a statement and return how many rows it changed; the caller commits."""
    connection = await session.connection()
    result: CursorResult[Any] = await connection.execute(statement)
    return result.rowcount
