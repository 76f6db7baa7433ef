"""Lists that are published without a source, and stores that are compared with each other."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.models import IssueVersion, Label, SyncRun
from meigara.db.soundness import findings_in
from meigara.domain.issue import ListedIssue, contents_of
from meigara.domain.roster import LabelKind, Labels, Roster
from meigara.domain.run import RunStatus, Trigger
from meigara.jquants.events import Answer
from meigara.services import answers, queue, runs
from meigara.services.assess import assess
from meigara.services.changes import ChangeQuery, follow_changes
from meigara.services.publish import publish
from tests.integration.conftest import LIMITS, NOW

Issues = Mapping[str, ListedIssue]
Feed = Sequence[tuple[Any, ...]]


def labels_of(issues: Issues, suffix: str = "") -> Labels:
    """Return a name for each class that the issues have."""
    return {
        (kind, getattr(issue, kind)): f"{kind} {getattr(issue, kind)}{suffix}"
        for issue in issues.values()
        for kind in LabelKind
        if getattr(issue, kind)
    }


async def published(
    database: Database, day: dt.date, issues: Issues, *, suffix: str = "", now: dt.datetime = NOW
) -> int:
    """Publish a list as a run does, whatever the guard says; return the number of the run.

    A store may hold a list of the future, from a version that believed one.
    """
    roster = Roster(
        day, frozenset(contents_of(issues.values())), labels_of(issues, suffix), len(issues)
    )
    its_day = dt.datetime.combine(day, dt.time(3), dt.UTC)
    request = queue.RunRequest(Trigger.CLI, "me", day, is_backfill=True)
    run_id = await queue.begin_run(database, request, "me", now)
    async with database.writing() as session:
        await runs.guard(session, run_id, "me")
        found = await assess(session, roster, LIMITS, max(now, its_day), is_backfill=True)
        digests = await publish(session, run_id, found)
        await answers.record(session, run_id, Answer((), (), "-", now), roster, digests)
        succeeded = RunStatus.SUCCEEDED
        await runs.finish(session, run_id, "me", succeeded, now, **found.counts())
    return run_id


async def history_of(database: Database) -> tuple[Feed, Feed]:
    """Return all versions and labels, without the numbers of rows and runs."""
    private = {"id", "opened_by", "closed_by"}
    columns = [each for each in IssueVersion.__table__.columns if each.name not in private]
    versions = sa.select(*columns).order_by(IssueVersion.code, IssueVersion.valid_from)
    labels = sa.select(Label.__table__).order_by(*Label.__table__.primary_key)
    async with database.reading() as session:
        connection = await session.connection()
        found = [(await connection.execute(query)).all() for query in (versions, labels)]
    return [tuple(row) for row in found[0]], [tuple(row) for row in found[1]]


async def feed_of(database: Database) -> Feed:
    """Return what a follower holds who leaves out what was taken back, ordered by day."""
    async with database.reading() as session:
        changes = await follow_changes(session, ChangeQuery(), 0, 100_000)
    taken_back = {each.retracts for each in changes if each.retracts}
    left = [each for each in changes if not each.retracts and each.id not in taken_back]
    told = [(c.as_of, c.code, c.kind, c.field, c.name, c.before or "", c.after or "") for c in left]
    return sorted(told)


async def assert_as_if_never(database: Database, never: Database) -> None:
    """Compare a store that was poisoned with one that never was, and look for contradictions."""
    assert await history_of(database) == await history_of(never)
    assert await feed_of(database) == await feed_of(never)
    assert await counts_of(database) == await counts_of(never)
    for each in (database, never):
        async with each.reading() as session:
            assert [str(finding) async for finding in findings_in(session)] == []


async def counts_of(database: Database) -> Feed:
    """Return the figures of the runs whose lists are part of the history."""
    names = ("as_of", "total", "companies", "listed", "delisted", "changed", "unchanged")
    query = sa.select(*(getattr(SyncRun, name) for name in names)).order_by(SyncRun.id)
    async with database.reading() as session:
        rows = await session.execute(query.where(SyncRun.status == RunStatus.SUCCEEDED))
        return [tuple(row) for row in rows]
