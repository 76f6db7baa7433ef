"""What does the plain way cost: deactivate all rows, then upsert each one?

This is what a first program on the same libraries does: the standard library's JSON, SQLAlchemy,
one statement per row, one transaction. It is right, and it writes every row every day.
"""

import asyncio
import json
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.bare import Bare
from meigara.db.engine import Database
from meigara.db.url import database_url

_FIELDS = (
    *("Code", "Date", "CoName", "CoNameEn", "S17", "S17Nm", "S33", "S33Nm"),
    *("ScaleCat", "Mkt", "MktNm", "Mrgn", "MrgnNm", "ProdCat"),
)
_ISSUE = sa.Table(
    "issue",
    sa.MetaData(),
    sa.Column("Code", sa.Text, primary_key=True),
    *(sa.Column(field, sa.Text, nullable=False) for field in _FIELDS[1:]),
    sa.Column("is_active", sa.Boolean, nullable=False),
)


class Plain:
    """The plain way."""

    name = "plain"

    def __init__(self, url: str) -> None:
        """Connect and create the table where it is not there."""
        self._bare = Bare(url)
        self._database = Database(database_url(url))
        self._insert = sqlite.insert if self._bare.is_sqlite else postgresql.insert
        self._loop = asyncio.Runner()
        self._loop.run(self._create())

    def clear(self) -> None:
        """Forget the list."""
        self._bare.empty("issue")

    def begin(self) -> None:
        """Nothing comes before the answer."""

    def sync(self, body: bytes) -> float:
        """Make the list equal to the answer; return the seconds it took."""
        start = time.perf_counter()
        self._loop.run(self._sync(json.loads(body)["data"]))
        return time.perf_counter() - start

    def value(self, statement: str) -> Any:
        """Return the first value that a statement gives on the connection of the contestant."""
        return self._loop.run(self._value(statement))

    def close(self) -> None:
        """Close the connections."""
        self._loop.run(self._database.close())
        self._loop.close()
        self._bare.close()

    async def _create(self) -> None:
        async with self._database.writing() as session:
            await (await session.connection()).run_sync(_ISSUE.metadata.create_all)

    async def _sync(self, rows: list[dict[str, str]]) -> None:
        async with self._database.writing() as session:
            await session.execute(sa.update(_ISSUE).values(is_active=False))
            for row in rows:
                values = row | {"is_active": True}
                statement = self._insert(_ISSUE).values(values)
                await session.execute(
                    statement.on_conflict_do_update(index_elements=["Code"], set_=values)
                )

    async def _value(self, statement: str) -> Any:
        async with self._database.engine.connect() as connection:
            driver = await connection.execution_options(isolation_level="AUTOCOMMIT")
            result = await driver.exec_driver_sql(statement)
            return result.scalar() if result.returns_rows else None
