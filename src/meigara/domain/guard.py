"""Is this answer safe to publish, or must a person look at it first?

A wrong answer of the source looks like mass delisting or mass change. Real months lose up to
25 codes; the reform of 2022-04-04 changed the market of 90 % of the issues, and is held on purpose.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from meigara.domain.changes import ChangeSet
from meigara.domain.roster import Roster


class HoldKind(StrEnum):
    """Why a roster is not published by itself."""

    EMPTY_ANSWER = "empty_answer"
    PAGE_MISSING = "page_missing"
    FIELD_MISSING = "field_missing"
    CODE_DOUBLED = "code_doubled"
    CODE_MALFORMED = "code_malformed"
    DATES_MIXED = "dates_mixed"
    TOO_FEW_ISSUES = "too_few_issues"
    DATE_BACKWARDS = "date_backwards"
    MASS_DELISTING = "mass_delisting"
    MASS_CHANGE = "mass_change"


_NEEDS_A_PERSON = frozenset(
    {
        HoldKind.TOO_FEW_ISSUES,
        HoldKind.DATE_BACKWARDS,
        HoldKind.MASS_DELISTING,
        HoldKind.MASS_CHANGE,
    }
)


@dataclass(frozen=True, slots=True)
class HoldReason:
    """One reason to hold, with the numbers that a message about it names."""

    kind: HoldKind
    details: Mapping[str, str | int]

    @property
    def is_defect(self) -> bool:
        """Say whether the answer is broken in itself, so that no person can apply it."""
        return self.kind not in _NEEDS_A_PERSON


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """How much may change before a person is asked. Shares are fractions of the held list."""

    first_list_minimum: int = 1000
    delisted_share_per_month: float = 0.01
    delisted_minimum_per_month: int = 20
    changed_share: float = 0.20


@dataclass(frozen=True, slots=True)
class Held:
    """What the store holds where the roster goes: its neighbour's date and number of issues."""

    as_of: dt.date
    count: int


def defects_of(roster: Roster) -> Iterator[HoldReason]:
    """Yield what is wrong with the answer in itself."""
    found = roster.defects
    if not roster.row_count:
        yield HoldReason(HoldKind.EMPTY_ANSWER, {})
    if found.is_page_missing:
        yield HoldReason(HoldKind.PAGE_MISSING, {})
    for field, count in found.missing_fields.items():
        yield HoldReason(HoldKind.FIELD_MISSING, {"field": field, "count": count})
    if found.doubled_codes:
        yield HoldReason(HoldKind.CODE_DOUBLED, _sample(found.doubled_codes))
    if len(found.dates) > 1:
        yield HoldReason(HoldKind.DATES_MIXED, _sample(found.dates))


def suspicions_of(
    roster: Roster, held: Held | None, change_set: ChangeSet, limits: GuardLimits
) -> Iterator[HoldReason]:
    """Yield what looks wrong beside the list that is held; `held` is None for a first list."""
    malformed = tuple(i.code for i in change_set.listed if not _is_code(i.code))
    if malformed:
        yield HoldReason(HoldKind.CODE_MALFORMED, _sample(malformed))
    if held is None:
        if len(roster.contents) < limits.first_list_minimum:
            details = {"count": len(roster.contents), "minimum": limits.first_list_minimum}
            yield HoldReason(HoldKind.TOO_FEW_ISSUES, details)
    elif roster.as_of is not None:
        yield from _mass_delisting(roster.as_of, held, change_set, limits)
        yield from _mass_change(held, change_set, limits)


def goes_backwards(roster: Roster, newest: dt.date | None) -> HoldReason | None:
    """Return the reason to hold a roster that is older than the newest one held, if it is."""
    if newest is None or roster.as_of is None or roster.as_of >= newest:
        return None
    details = {"as_of": roster.as_of.isoformat(), "newest": newest.isoformat()}
    return HoldReason(HoldKind.DATE_BACKWARDS, details)


def months_between(one: dt.date, other: dt.date) -> int:
    """Return the number of months from one date to the other, a part counted as a whole; ≥ 1."""
    first, last = sorted((one, other))
    whole = (last.year - first.year) * 12 + last.month - first.month
    return max(1, whole + (last.day > first.day))


def _mass_delisting(
    as_of: dt.date, held: Held, change_set: ChangeSet, limits: GuardLimits
) -> Iterator[HoldReason]:
    months = months_between(held.as_of, as_of)
    per_month = max(limits.delisted_minimum_per_month, held.count * limits.delisted_share_per_month)
    gone = len(change_set.delisted)
    if gone > per_month * months:
        limit = int(per_month * months)
        details = {"count": gone, "held": held.count, "months": months, "limit": limit}
        yield HoldReason(HoldKind.MASS_DELISTING, details)


def _mass_change(held: Held, change_set: ChangeSet, limits: GuardLimits) -> Iterator[HoldReason]:
    counts = Counter(c.field for revision in change_set.revised for c in revision.changes())
    for field, count in counts.most_common():
        if count > held.count * limits.changed_share:
            details: dict[str, str | int] = {"field": field, "count": count, "held": held.count}
            yield HoldReason(HoldKind.MASS_CHANGE, details)


def _is_code(code: str) -> bool:
    return len(code) == 5 and code.isascii() and code.isalnum() and code == code.upper()


def _sample(values: tuple[str, ...]) -> dict[str, str | int]:
    """Return the number of values and the first few of them."""
    return {"count": len(values), "sample": ", ".join(values[:5])}
