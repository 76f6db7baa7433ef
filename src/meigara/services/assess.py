"""What would publishing a roster do, and is it safe to publish by itself?"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.history import list_on
from meigara.db.labels import labels_on
from meigara.db.recent import last_change, lately
from meigara.db.rosters import (
    NO_NEIGHBOURS,
    Neighbours,
    neighbours_of,
)
from meigara.domain.changes import NOTHING_CHANGED, ChangeSet, Comparison, compare
from meigara.domain.digest import digest_of, digest_of_labels, shifted
from meigara.domain.guard import (
    DateFacts,
    GuardLimits,
    HoldReason,
    defects_of,
    goes_backwards,
    is_older_list,
    is_unchanged_for_long,
    sample_of,
)
from meigara.domain.judgement import StoredList, suspicions_of
from meigara.domain.roster import Roster
from meigara.domain.warnings import AnswerWarning, WarningKind
from meigara.services.calendar import (
    business_day_after,
    business_days_since,
    is_business_day,
)

_TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What publishing a roster would do, and the reasons not to do it by itself.

    `change_set` is what becomes different in the list of that day; a first list is all listings.
    `comparison` is None where the answer is too defective to compare; `stored` is the list it was
    compared with. `consequence_of` is the held run that is the only reason to hold it.
    `list_digest` is that of the list of the day as it would stand in the store.
    """

    roster: Roster
    reasons: tuple[HoldReason, ...]
    comparison: Comparison | None = None
    change_set: ChangeSet = NOTHING_CHANGED
    neighbours: Neighbours = NO_NEIGHBOURS
    stored: StoredList | None = None
    companies_before: int = 0
    warnings: tuple[AnswerWarning, ...] = ()
    consequence_of: int | None = None
    list_digest: str = ""

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

    def verdict(self) -> dict[str, Any]:
        """Return what a run keeps of the judgement: why it is held, and what there is to know."""
        reasons, warnings = (
            [{"kind": each.kind, "details": dict(each.details)} for each in found]
            for found in (self.reasons, self.warnings)
        )
        return {
            "hold_reasons": reasons,
            "warnings": warnings or None,
            "consequence_of": self.consequence_of,
        }


async def assess(
    session: AsyncSession,
    roster: Roster,
    limits: GuardLimits,
    now: dt.datetime,
    *,
    is_backfill: bool,
) -> Assessment:
    """Compare a roster with the list stored for its day, and say whether it is safe to publish."""
    defects = tuple(defects_of(roster, _date_facts(roster.as_of, now)))
    if defects or roster.as_of is None:
        return Assessment(roster, defects)
    around = await neighbours_of(session, roster.as_of)
    base = around.nearest
    when = None if base == around.newest else base
    before = await list_on(session, when)
    stored = None
    if base is not None:
        labels = roster.labels
        if digest_of_labels(labels) != around.labels_digest:
            labels = await labels_on(session, when)
        stored = StoredList(base, before.contents, labels)
    comparison = compare(before.contents, roster.contents)
    digest = _list_digest(comparison, around.digest)
    recent, older = None, None
    if around.previous is not None and comparison.change_set != NOTHING_CHANGED:
        recent, older = await lately(session, around.previous, roster.as_of, digest)
    if around.following is not None or comparison.total < limits.shape_minimum:
        older = None
    unchanged = await _unchanged_days(session, roster.as_of, around, comparison)
    backwards = None if is_backfill else goes_backwards(roster, around.newest)
    early = (
        backwards,
        is_unchanged_for_long(unchanged, limits),
        is_older_list(roster.as_of, older),
    )
    suspicions = suspicions_of(roster, stored, recent, comparison, limits)
    change_set = comparison.change_set
    if around.previous is None and around.following is not None:
        change_set = ChangeSet(listed=tuple(sorted(comparison.issues().values())))
    return Assessment(
        roster,
        (*(reason for reason in early if reason), *suspicions),
        comparison,
        change_set,
        around,
        stored,
        before.companies,
        tuple(_warnings(comparison, unchanged, limits)),
        list_digest=digest,
    )


def _date_facts(as_of: dt.date | None, now: dt.datetime) -> DateFacts | None:
    if as_of is None:
        return None
    latest = business_day_after(now.astimezone(_TOKYO).date())
    return DateFacts(as_of > latest or is_business_day(as_of), latest)


def _list_digest(comparison: Comparison, known: str | None) -> str:
    """Return the digest of a new list, from that of the list it was compared with if it is."""
    if known is None:
        return digest_of(issue.content for issue in comparison.issues().values())
    changes = comparison.change_set
    gone = (*changes.delisted, *(revision.before for revision in changes.revised))
    come = (*changes.listed, *(revision.after for revision in changes.revised))
    return shifted(known, gone=(i.content for i in gone), come=(i.content for i in come))


async def _unchanged_days(
    session: AsyncSession, as_of: dt.date, around: Neighbours, comparison: Comparison
) -> int:
    """Return for how many business days today's list has been the same, if it still is."""
    newest = around.newest
    if newest is None or as_of <= newest or comparison.change_set != NOTHING_CHANGED:
        return 0
    return business_days_since(await last_change(session) or newest, as_of)


def _warnings(
    comparison: Comparison, unchanged: int, limits: GuardLimits
) -> Iterator[AnswerWarning]:
    if unchanged >= limits.unchanged_days_warned:
        yield AnswerWarning(WarningKind.UNCHANGED, {"days": unchanged})
    if mended := comparison.mended:
        yield AnswerWarning(WarningKind.TEXT_MENDED, sample_of(mended))
