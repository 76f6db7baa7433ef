"""Which transactions has a process left that is frozen or cut off, and how do they end?"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

LONG_WORK = " (long work)"
"""What the name of a session ends with while its transaction may take its time."""

# The server ends an idle transaction by itself, but not one that it believes to be in the middle of
# a statement: while rows are copied in, or after the message that ends a row of statements.
_END = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user"
    " AND application_name = current_setting('application_name')"
    " AND state <> 'idle' AND wait_event_type = 'Client' AND state_change < clock_timestamp()"
    " - nullif(current_setting('idle_in_transaction_session_timeout'), '0')::interval"
)


async def end_stalled(session: AsyncSession) -> None:
    """End the transactions of PostgreSQL that have waited too long for their process.

    Those of long work are left alone. Where SQLite waits for a process, nobody else can end that.
    """
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        await connection.execute(_END)
