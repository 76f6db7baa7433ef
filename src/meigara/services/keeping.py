"""How is everything kept in one file, brought back, and deleted?

A backup is an SQLite file with the schema of the program, whichever database it was taken from: so
it also moves a store from SQLite to PostgreSQL, or back.
"""

import asyncio
import datetime as dt
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.accounts import Account, ApiToken
from meigara.db.backups import flaw_in, gap_in
from meigara.db.copying import TableUncopied, copy_all
from meigara.db.counting import rows_changed
from meigara.db.engine import Database
from meigara.db.migrate import upgrade
from meigara.db.models import IssueVersion, Label, StoredChange, StoredRoster, SyncRun
from meigara.db.notices import Notice, NoticeTarget
from meigara.db.rosters import span_of_rosters
from meigara.db.url import database_url, sqlite_file
from meigara.domain.auditing import Action
from meigara.domain.digest import EMPTY
from meigara.domain.run import ACTIVE, RunStatus
from meigara.errors import (
    BackupUnreadable,
    NoLaterRoster,
    StoreBusy,
    StoreNotEmpty,
    StoreUnavailable,
)
from meigara.services.accounts import has_accounts
from meigara.services.auditing import record
from meigara.services.queue import active_run
from meigara.services.scratch import scratch_folder, sweep

_RESTORING = "meigara-restore"
_COUNTED = (IssueVersion, StoredRoster, StoredChange, SyncRun, Account, ApiToken, NoticeTarget)
_KEPT = (RunStatus.SUCCEEDED, RunStatus.RETRACTED, RunStatus.HELD)


@asynccontextmanager
async def _opened(file: Path) -> AsyncIterator[Database]:
    """Open an SQLite file with the newest schema; it is made if there is none."""
    url = f"sqlite:///{file}"
    await asyncio.to_thread(upgrade, url)
    database = Database(database_url(url))
    try:
        yield database
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store, or a backup of it, holds."""

    issues: int
    rosters: int
    changes: int
    runs: int
    accounts: int = 0
    tokens: int = 0
    targets: int = 0


async def backup(database: Database, file: Path) -> Contents:
    """Write everything to a new file, as it is at one moment; nobody finds half of it.

    Only its owner can read it. What a killed backup or restore left is deleted.

    Raises StoreUnavailable, also if the file cannot be written.
    """
    _clear_up(file)
    with scratch_folder(file.parent, f".{file.name}") as folder:
        partial = folder / file.name
        async with (
            _opened(partial) as target,
            database.reading(is_long=True) as reader,
            target.writing() as writer,
        ):
            try:
                counts = await copy_all(reader, writer)
            except TableUncopied as error:
                raise StoreUnavailable(database=database.name, reason=error.said) from error
        partial.chmod(0o600)
        partial.replace(file)
    return _contents(counts)


async def restore(
    database: Database, file: Path, actor: str | None, now: dt.datetime, *, replaces: bool
) -> Contents:
    """Bring back what a file holds, in one transaction; older backups are upgraded on the way.

    Raises BackupUnreadable, SchemaNewer; StoreNotEmpty unless it `replaces` what there is;
    StoreBusy.
    """
    _clear_up(file)
    with scratch_folder(Path(tempfile.gettempdir()), _RESTORING) as folder:
        copy = folder / "backup.db"
        await asyncio.to_thread(_take_copy, file, copy)
        async with (
            _opened(copy) as source,
            source.reading() as reader,
            database.writing(is_long=True) as writer,
        ):
            await _ensure_replaceable(writer, replaces=replaces)
            try:
                counts = await copy_all(reader, writer)
            except TableUncopied as error:
                raise BackupUnreadable(file=file, reason=error.reason) from error
            record(writer, Action.STORE_RESTORED, actor, now, subject=file.name)
    return _contents(counts)


async def contents(session: AsyncSession) -> Contents:
    """Return what a store holds."""
    parts = (sa.select(sa.func.count()).select_from(each).scalar_subquery() for each in _COUNTED)
    return Contents(*(await session.execute(sa.select(*parts))).one())


async def purge_all(database: Database, actor: str | None, now: dt.datetime) -> Contents:
    """Delete all that came from J-Quants, and the runs; the schedule, the accounts
    and the audit trail stay. Return what it was.

    Raises StoreBusy.
    """
    async with database.writing(is_long=True) as session:
        await ensure_idle(session)
        found = await contents(session)
        for table in (StoredChange, IssueVersion, Label, StoredRoster, Notice, SyncRun):
            await session.execute(sa.delete(table))
        record(session, Action.STORE_PURGED, actor, now)
    await _give_space_back(database)
    return found


async def purge_before(
    database: Database, day: dt.date, actor: str | None, now: dt.datetime
) -> dt.date:
    """Delete all that is known only of days before `day`; return the oldest day that is left.

    Raises NoLaterRoster if nothing would be left, StoreBusy.
    """
    async with database.writing(is_long=True) as session:
        await ensure_idle(session)
        first = await _first_roster_since(session, day)
        await _forget_before(session, first)
        record(session, Action.STORE_PURGED, actor, now, detail={"before": first})
    await _give_space_back(database)
    return first


async def forget_runs(database: Database, before: dt.datetime) -> int:
    """Delete the runs that ended before a moment and published no list; return how many.

    Runs that published stay: they are the receipts of the lists and of what was taken back. So do
    those that are held.
    """
    is_over = sa.and_(
        SyncRun.finished_at < before,
        SyncRun.retry_at.is_(None),
        SyncRun.status.not_in((*ACTIVE, *_KEPT)),
    )
    over = sa.select(SyncRun.id).where(is_over)
    async with database.writing() as session:
        for table in (Notice, StoredRoster):
            await session.execute(sa.delete(table).where(table.run_id.in_(over)))
        return await rows_changed(session, sa.delete(SyncRun).where(is_over))


async def _first_roster_since(session: AsyncSession, day: dt.date) -> dt.date:
    held = sa.select(sa.func.min(StoredRoster.as_of)).where(StoredRoster.is_published)
    first = await session.scalar(held.where(StoredRoster.as_of >= day))
    if first is None:
        span = await span_of_rosters(session)
        raise NoLaterRoster(day=day, last=span.last if span else "-")
    return first


async def _forget_before(session: AsyncSession, first: dt.date) -> None:
    """Let knowledge begin with `first`: what was so before is no longer told."""
    earlier = sa.select(SyncRun.id).where(SyncRun.as_of <= first)
    await session.execute(sa.delete(StoredChange).where(StoredChange.run_id.in_(earlier)))
    await session.execute(sa.delete(StoredRoster).where(StoredRoster.as_of < first))
    without_changes = sa.update(StoredRoster).where(
        StoredRoster.as_of == first, StoredRoster.changes_digest.is_not(None)
    )
    await session.execute(without_changes.values(changes_digest=EMPTY))
    for table in (IssueVersion, Label):
        await session.execute(sa.delete(table).where(table.valid_to <= first))
        begins = sa.update(table).where(table.valid_from < first)
        await session.execute(begins.values(valid_from=first))


def _clear_up(file: Path) -> None:
    """Delete what a backup to `file`, or any restore, left when it was killed."""
    sweep(file.parent, f".{file.name}")
    sweep(Path(tempfile.gettempdir()), _RESTORING)


def _take_copy(file: Path, copy: Path) -> None:
    """Copy a backup, and bring the copy to the newest schema.

    Raises BackupUnreadable, SchemaNewer.
    """
    try:
        shutil.copyfile(file, copy)
        flaw = flaw_in(copy)
        if flaw is None:
            upgrade(f"sqlite:///{copy}")
            flaw = gap_in(copy)
    except (OSError, sqlite3.Error) as error:
        raise BackupUnreadable(file=file, reason=_words_of(error)) from None
    except StoreUnavailable as error:
        raise BackupUnreadable(file=file, reason=error.params["reason"]) from None
    if flaw is not None:
        raise BackupUnreadable(file=file, reason=flaw)


def _words_of(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


async def _ensure_replaceable(session: AsyncSession, *, replaces: bool) -> None:
    await ensure_idle(session)
    is_empty = await span_of_rosters(session) is None and not await has_accounts(session)
    if not (replaces or is_empty):
        raise StoreNotEmpty


async def ensure_idle(session: AsyncSession) -> None:
    """Let nobody take away what a run works on. Raises StoreBusy while one is active."""
    run = await active_run(session)
    if run is not None:
        raise StoreBusy(run_id=run.id)


async def _give_space_back(database: Database) -> None:
    """Write the file of SQLite anew, so that what was deleted is in it no more."""
    file = sqlite_file(database.engine.url)
    if file is not None:
        await asyncio.to_thread(_vacuum, file)


def _vacuum(file: Path) -> None:
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _contents(counts: Mapping[str, int]) -> Contents:
    return Contents(*(counts[each.__tablename__] for each in _COUNTED))
