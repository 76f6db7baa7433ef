"""How does a roster become the list?

Everything here happens in one transaction of the caller, who commits: the run row is guarded
first, so that nobody can take the run between the check and the commit, and readers see the list
before or the list after.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.bulk import insert_rows
from meigara.db.history import add, histories, rewrite
from meigara.db.labels import place_labels
from meigara.db.models import StoredChange
from meigara.domain.digest import (
    Digests,
    digest_of,
    digest_of_labels,
    text_of_change,
)
from meigara.domain.timeline import Interval, place
from meigara.errors import RunNotApplicable
from meigara.services.assess import Assessment

_CHANGE_COLUMNS = ("run_id", "code", "kind", "field", "before", "after")


async def publish(session: AsyncSession, run_id: int, assessment: Assessment) -> Digests:
    """Make the roster the list of its day: write what differs, and nothing else.

    Return the digests of what the store holds of that day then.

    Raises RunNotApplicable if the answer is too defective to be compared.
    """
    comparison, as_of = assessment.comparison, assessment.roster.as_of
    if comparison is None or as_of is None:
        raise RunNotApplicable(run_id=run_id)
    around, change_set = assessment.neighbours, assessment.change_set
    if around.nearest is None:
        await add(session, (Interval(as_of, None, issue) for issue in change_set.listed), run_id)
    else:
        issues = comparison.new if around.previous else comparison.issues()
        before = await histories(session, change_set.codes)
        after = {
            code: place(before.get(code, ()), as_of, around.following, issues.get(code))
            for code in change_set.codes
        }
        await rewrite(session, before, after, run_id)
    changes = tuple(change_set.changes()) if around.previous is not None else ()
    rows = ((run_id, *change) for change in changes)
    await insert_rows(session, StoredChange.__tablename__, _CHANGE_COLUMNS, rows)
    labels, stored = assessment.roster.labels, assessment.stored
    labels_digest = around.labels_digest
    if stored is None or around.previous is None or labels != stored.labels or not labels_digest:
        labels = await place_labels(session, labels, as_of, around.following)
        labels_digest = digest_of_labels(labels)
    return Digests(
        assessment.list_digest,
        digest_of(map(text_of_change, changes)),
        labels_digest,
    )
