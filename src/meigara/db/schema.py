"""Is the schema of the database the one that this program knows?"""

import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.url import sqlite_file
from meigara.errors import SchemaNewer, SchemaOutdated

SCHEMA_REVISION = "0009"
"""The newest migration. Named here so that reading a list does not load Alembic."""

_KNOWN_REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")


async def current_revision(database: Database) -> str | None:
    """Return the revision of the schema, None for a database without one.

    Raises StoreUnavailable if the database cannot be reached.
    """
    database.ensure_same_file()
    file = sqlite_file(database.engine.url)
    if file is not None and not file.exists():
        return None
    async with database.reading() as session:
        connection = await session.connection()
        if not await connection.run_sync(lambda c: sa.inspect(c).has_table("alembic_version")):
            return None
        query = sa.text("SELECT version_num FROM alembic_version").columns(version_num=sa.Text())
        return (await session.execute(query)).scalar()


def ensure_current(found: str | None) -> None:
    """Raise SchemaNewer or SchemaOutdated unless `found` is the revision this program needs."""
    if found == SCHEMA_REVISION:
        return
    if found is not None and found not in _KNOWN_REVISIONS:
        raise SchemaNewer(found=found)
    raise SchemaOutdated(found=found or "-", needed=SCHEMA_REVISION)
