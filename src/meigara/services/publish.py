"""How does a roster become the list, or is held for a person to decide?

Everything here happens in one transaction of the caller, who commits: the run row is guarded
first, so that nobody can take the run between the check and the commit, and readers see the list
before or the list after.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.bulk import insert_rows
from meigara.db.history import add, histories, list_on, rewrite
from meigara.db.labels import place_labels
from meigara.db.models import StoredChange
from meigara.db.rosters import NO_NEIGHBOURS, Neighbours, neighbours_of
from meigara.domain.changes import NOTHING_CHANGED, ChangeSet, Comparison, compare
from meigara.domain.guard import (
    GuardLimits,
    Held,
    HoldReason,
    defects_of,
    goes_backwards,
    suspicions_of,
)
from meigara.domain.roster import Roster
from meigara.domain.timeline import Interval, place
from meigara.errors import RunNotApplicable

_CHANGE_COLUMNS = ("run_id", "code", "kind", "field", "before", "after")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What publishing a roster would do, and the reasons not to do it by itself.

    `change_set` is what becomes different in the list of that day; a first list is all listings.
    `comparison` is None where the answer is too defective to compare.
    """

    roster: Roster
    reasons: tuple[HoldReason, ...]
    comparison: Comparison | None = None
    change_set: ChangeSet = NOTHING_CHANGED
    neighbours: Neighbours = NO_NEIGHBOURS
    companies_before: int = 0

    @property
    def is_defective(self) -> bool:
        """Say whether no person may apply the answer."""
        return self.comparison is None or any(reason.is_defect for reason in self.reasons)

    def counts(self) -> dict[str, int | dt.date | None]:
        """Return the figures of the run: sizes of the list and of the change set."""
        if self.comparison is None:
            return {"as_of": self.roster.as_of, "total": self.roster.row_count}
        total, changes = self.comparison.total, self.change_set
        return {
            "as_of": self.roster.as_of,
            "total": total,
            "companies": self.companies_before + self.comparison.change_set.growth_of_companies,
            "listed": len(changes.listed),
            "delisted": len(changes.delisted),
            "changed": len(changes.revised),
            "unchanged": total - len(changes.listed) - len(changes.revised),
        }


async def assess(
    session: AsyncSession, roster: Roster, limits: GuardLimits, *, is_backfill: bool
) -> Assessment:
    """Compare a roster with the list held for its day, and say whether it is safe to publish.

    Raises JQuantsContractBroken if a text holds control characters.
    """
    defects = tuple(defects_of(roster))
    if defects or roster.as_of is None:
        return Assessment(roster, defects)
    neighbours = await neighbours_of(session, roster.as_of)
    base, newest = neighbours.nearest, neighbours.newest
    before = await list_on(session, None if base == newest else base)
    comparison = compare(before.contents, roster.contents)
    held = Held(base, len(before.contents)) if base else None
    backwards = None if is_backfill else goes_backwards(roster, newest)
    suspicions = suspicions_of(roster, held, comparison.change_set, limits)
    reasons = (*((backwards,) if backwards else ()), *suspicions)
    change_set = comparison.change_set
    if neighbours.previous is None and neighbours.following is not None:
        change_set = ChangeSet(listed=tuple(sorted(comparison.issues().values())))
    return Assessment(roster, reasons, comparison, change_set, neighbours, before.companies)


async def publish(session: AsyncSession, run_id: int, assessment: Assessment) -> None:
    """Make the roster the list of its day: write what differs, and nothing else.

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
    if around.previous is not None:
        rows = ((run_id, *change) for change in change_set.changes())
        await insert_rows(session, StoredChange.__tablename__, _CHANGE_COLUMNS, rows)
    await place_labels(session, assessment.roster.labels, as_of, around.following)
