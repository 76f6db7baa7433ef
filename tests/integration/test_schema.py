"""The schema, and what guards it."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from meigara.db import migrate
from meigara.db.engine import Database
from meigara.db.migrate import upgrade
from meigara.db.models import IssueVersion
from meigara.db.schema import SCHEMA_REVISION, current_revision
from meigara.db.soundness import VERSION_EMPTY, VERSIONS_OVERLAP, findings_in
from meigara.db.tables import METADATA
from meigara.db.url import database_url as parsed
from meigara.errors import StoreUnavailable
from tests.integration.conftest import DAY1, DAY2, DAY3, World


def test_the_migrations_make_the_tables_of_the_models(migrated_url: str) -> None:
    url = parsed(migrated_url)
    engine = sa.create_engine(url.set(drivername=url.drivername.replace("+aiosqlite", "")))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_the_revision_the_program_names_is_the_newest_migration() -> None:
    folder = migrate.__file__.replace("migrate.py", "migrations")
    assert ScriptDirectory(folder).get_current_head() == SCHEMA_REVISION


async def test_a_database_without_tables_has_no_revision(database_url: str) -> None:
    database = Database(parsed(database_url))
    assert await current_revision(database) is None
    await database.close()


def test_many_processes_may_upgrade_at_once(database_url: str) -> None:
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, mp_context=fresh) as pool:
        list(pool.map(upgrade, [database_url] * 4))


async def test_a_database_that_cannot_be_reached_is_said_so_without_its_password() -> None:
    database = Database(parsed("postgresql://u:secret@127.0.0.1:9/x"))
    with pytest.raises(StoreUnavailable) as caught:
        async with database.reading() as session:
            await session.execute(sa.text("SELECT 1"))
    assert "secret" not in str(caught.value)
    await database.close()


async def test_a_sound_store_has_nothing_to_tell(world: World) -> None:
    await world.sync()
    async with world.database.reading() as session:
        assert [finding async for finding in findings_in(session)] == []


async def test_histories_that_contradict_themselves_are_found(world: World) -> None:
    await world.sync()
    async with world.database.writing() as session:
        first = await session.get_one(IssueVersion, 1)
        values = {c.key: getattr(first, c.key) for c in sa.inspect(IssueVersion).column_attrs}
        first.valid_to = DAY3
        session.add(IssueVersion(**values | {"id": 1001, "valid_from": DAY2, "valid_to": None}))
        second = await session.get_one(IssueVersion, 2)
        second.valid_to = DAY1
    async with world.database.reading() as session:
        found = [str(finding) async for finding in findings_in(session)]
    assert VERSIONS_OVERLAP.format(code="10000", day=DAY2) in found
    assert VERSION_EMPTY.format(code="10010", day=DAY1) in found
