"""Everything in one file, brought back as it was, and deleted for good."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.soundness import findings_in
from meigara.db.tables import KEPT_TABLES
from meigara.db.url import database_url as parsed
from meigara.domain.access import Role
from meigara.domain.run import RunStatus
from meigara.errors import (
    BackupUnreadable,
    BeforeFirstRoster,
    KeyRefused,
    NoLaterRoster,
    NothingSynced,
    SchemaNewer,
    StoreBusy,
    StoreNotEmpty,
)
from meigara.services import keeping, runs
from meigara.services.accounts import add_account
from meigara.services.changes import ChangeQuery, follow_changes
from meigara.services.held import discard_held
from meigara.services.issues import IssueQuery, find_issues
from tests.integration.conftest import DAY1, DAY2, DAY3, NOW, World


@pytest.fixture
async def filled(world: World) -> World:
    """Give a store that holds three days and a failed run."""
    for day in (DAY1, DAY2, DAY3):
        world.simulator.set_today(day)
        await world.sync()
    world.simulator.set_faults("wrong-key")
    with pytest.raises(KeyRefused):
        await world.sync()
    world.simulator.set_faults()
    return world


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Give a place for a backup, and see that nothing else is left beside it."""
    folder = tmp_path / "backups"
    folder.mkdir()
    yield folder / "backup.db"
    assert [each.name for each in folder.iterdir()] in ([], ["backup.db"])


async def everything(database: Database) -> dict[str, list[Any]]:
    """Return all rows of all tables, but for the audit trail, which goes on."""
    async with database.reading() as session:
        connection = await session.connection()
        return {
            table.name: sorted(map(repr, await connection.execute(sa.select(table))))
            for table in KEPT_TABLES
            if table.name != "audit_entry"
        }


async def test_a_backup_brings_everything_back_after_the_store_was_emptied(
    filled: World, file: Path
) -> None:
    before = await everything(filled.database)
    written = await keeping.backup(filled.database, file)
    assert (written.rosters, written.runs) == (3, 4)
    await keeping.purge_all(filled.database, None, NOW)
    assert await keeping.restore(filled.database, file, None, NOW, replaces=False) == written
    assert await everything(filled.database) == before


async def test_a_restored_store_goes_on_syncing_with_new_numbers(filled: World, file: Path) -> None:
    await keeping.backup(filled.database, file)
    await keeping.restore(filled.database, file, None, NOW, replaces=True)
    run = await filled.sync()
    assert run.id == 5
    async with filled.database.reading() as session:
        assert [each async for each in findings_in(session)] == []


async def test_a_store_that_holds_lists_is_replaced_only_when_asked(
    filled: World, file: Path
) -> None:
    await keeping.backup(filled.database, file)
    before = await everything(filled.database)
    with pytest.raises(StoreNotEmpty):
        await keeping.restore(filled.database, file, None, NOW, replaces=False)
    assert await everything(filled.database) == before


async def test_nothing_is_replaced_or_deleted_while_a_run_is_active(
    filled: World, file: Path
) -> None:
    await keeping.backup(filled.database, file)
    await filled.begin()
    with pytest.raises(StoreBusy):
        await keeping.restore(filled.database, file, None, NOW, replaces=True)
    with pytest.raises(StoreBusy):
        await keeping.purge_all(filled.database, None, NOW)
    with pytest.raises(StoreBusy):
        await keeping.purge_before(filled.database, DAY2, None, NOW)


async def test_a_file_that_is_no_backup_is_refused(filled: World, file: Path) -> None:
    file.write_bytes(b"this is not a database" * 100)
    with pytest.raises(BackupUnreadable):
        await keeping.restore(filled.database, file, None, NOW, replaces=True)
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE other (x)")
    with pytest.raises(BackupUnreadable):
        await keeping.restore(filled.database, file, None, NOW, replaces=True)


ALTERED = {
    "view": "ALTER TABLE account RENAME TO other; CREATE VIEW account AS SELECT * FROM other",
    "trigger": "CREATE TRIGGER odd AFTER INSERT ON label BEGIN SELECT 1; END",
    "virtual": "DROP TABLE label; CREATE VIRTUAL TABLE label USING fts5(kind, code, name)",
    "missing": "DROP TABLE label",
    "column": "ALTER TABLE issue_version DROP COLUMN search_text",
    "json": "UPDATE sync_run SET phases = '{'",
    "date": "UPDATE sync_run SET queued_at = 'yesterday'",
    "state": "UPDATE sync_run SET status = 'odd'",
    "reference": "UPDATE roster SET run_id = run_id + 999",
    "versions": "INSERT INTO alembic_version VALUES ('0005')",
    "no version": "DELETE FROM alembic_version",
    "older": "UPDATE alembic_version SET version_num = '0003'",
}


@pytest.mark.parametrize("statements", ALTERED.values(), ids=ALTERED)
async def test_a_backup_that_was_altered_is_refused_and_the_store_stays(
    filled: World, file: Path, statements: str
) -> None:
    await keeping.backup(filled.database, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(statements)
    before = await everything(filled.database)
    with pytest.raises(BackupUnreadable):
        await keeping.restore(filled.database, file, None, NOW, replaces=True)
    assert await everything(filled.database) == before


async def test_a_store_with_accounts_is_replaced_only_when_asked(
    database: Database, file: Path
) -> None:
    await keeping.backup(database, file)
    await add_account(database, "admin", Role.ADMIN, "correct horse staple", actor=None, now=NOW)
    with pytest.raises(StoreNotEmpty):
        await keeping.restore(database, file, None, NOW, replaces=False)
    await keeping.backup(database, file)
    found = await keeping.restore(database, file, None, NOW, replaces=True)
    assert (found.accounts, found.tokens, found.targets) == (1, 0, 0)


async def test_a_backup_of_a_newer_program_is_refused(filled: World, file: Path) -> None:
    await keeping.backup(filled.database, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaNewer):
        await keeping.restore(filled.database, file, None, NOW, replaces=True)


async def test_a_purge_leaves_no_list_and_no_name_behind(filled: World) -> None:
    await keeping.purge_all(filled.database, None, NOW)
    async with filled.database.reading() as session:
        assert await keeping.contents(session) == keeping.Contents(0, 0, 0, 0)
        with pytest.raises(NothingSynced):
            await find_issues(session, IssueQuery())
    url = parsed(str(filled.database.engine.url))
    if url.get_backend_name() == "sqlite":
        content = Path(str(url.database)).read_bytes()
        assert "戻った会社".encode() not in content


async def test_a_purge_before_a_day_keeps_that_day_and_the_later_ones_as_they_were(
    filled: World,
) -> None:
    async def lists() -> list[list[Any]]:
        async with filled.database.reading() as session:
            found = [await find_issues(session, IssueQuery(as_of=day)) for day in (DAY2, DAY3)]
        return [[(each.code, each.name, each.market_name) for each in one] for one in found]

    before = await lists()
    assert await keeping.purge_before(filled.database, DAY2, None, NOW) == DAY2
    assert await lists() == before
    async with filled.database.reading() as session:
        with pytest.raises(BeforeFirstRoster):
            await find_issues(session, IssueQuery(as_of=DAY1))
        changes = await follow_changes(session, ChangeQuery(), 0, 100)
        assert {each.as_of for each in changes} == {DAY3}
        assert [each async for each in findings_in(session)] == []


async def test_a_purge_that_would_leave_nothing_is_refused(filled: World) -> None:
    with pytest.raises(NoLaterRoster):
        await keeping.purge_before(filled.database, DAY3 + dt.timedelta(days=1), None, NOW)


async def test_old_runs_that_published_nothing_are_forgotten_and_no_list_with_them(
    filled: World,
) -> None:
    filled.simulator.set_faults("mass-change")
    held = await filled.sync()
    await discard_held(filled.database, held.id, None, NOW)
    waiting = await filled.sync()
    before = await everything(filled.database)
    assert await keeping.forget_runs(filled.database, NOW) == 0
    assert await keeping.forget_runs(filled.database, NOW + dt.timedelta(days=1)) >= 1
    after = await everything(filled.database)
    assert {name for name in before if before[name] != after[name]} == {"sync_run", "roster"}
    async with filled.database.reading() as session:
        left = await runs.history(session, runs.HistoryQuery())
    assert {run.status for run in left} == {RunStatus.SUCCEEDED, RunStatus.HELD}
    assert waiting.id in {run.id for run in left}
