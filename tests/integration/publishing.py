"""Lists that are published without a source, whatever the guard would say of them."""

import datetime as dt
from collections.abc import Mapping

from meigara.db.engine import Database
from meigara.domain.issue import ListedIssue, contents_of
from meigara.domain.roster import LabelKind, Labels, Roster
from meigara.domain.run import RunStatus, Trigger
from meigara.jquants.events import Answer
from meigara.services import answers, queue, runs
from meigara.services.publish import assess, publish
from tests.integration.conftest import LIMITS, NOW

Issues = Mapping[str, ListedIssue]


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
    """Publish a list as a run does; return the number of the run."""
    roster = Roster(
        day, frozenset(contents_of(issues.values())), labels_of(issues, suffix), len(issues)
    )
    request = queue.RunRequest(Trigger.CLI, "me", day, is_backfill=True)
    run_id = await queue.begin_run(database, request, "me", now)
    async with database.writing() as session:
        await runs.guard(session, run_id, "me")
        found = await assess(session, roster, LIMITS, is_backfill=True)
        digests = await publish(session, run_id, found)
        await answers.record(session, run_id, Answer((), (), "-", now), roster, digests)
        succeeded = RunStatus.SUCCEEDED
        await runs.finish(session, run_id, "me", succeeded, now, **found.counts())
    return run_id
