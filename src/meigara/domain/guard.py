"""Is this answer safe to publish, or must a person look at it first?

A wrong answer of the source looks like a market that changed overnight. What the market really
does in a month was measured on real lists; `docs/guard.md` has the figures behind each limit.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from meigara.domain.roster import Roster


class HoldKind(StrEnum):
    """Why a roster is not published by itself."""

    EMPTY_ANSWER = "empty_answer"
    PAGE_MISSING = "page_missing"
    FIELD_MISSING = "field_missing"
    CODE_DOUBLED = "code_doubled"
    CODE_MALFORMED = "code_malformed"
    DATES_MIXED = "dates_mixed"
    DATE_IN_FUTURE = "date_in_future"
    DATE_NOT_BUSINESS_DAY = "date_not_business_day"
    TOO_FEW_ISSUES = "too_few_issues"
    TOO_MANY_ISSUES = "too_many_issues"
    DATE_BACKWARDS = "date_backwards"
    MASS_DELISTING = "mass_delisting"
    MASS_LISTING = "mass_listing"
    MASS_CHANGE = "mass_change"
    NEIGHBOURS_GONE = "neighbours_gone"
    END_GONE = "end_gone"
    CLASS_GONE = "class_gone"
    CLASS_UNKNOWN = "class_unknown"
    CLASSES_CONTRADICT = "classes_contradict"
    SCALE_SIZE = "scale_size"
    COMPANIES_CHANGED = "companies_changed"
    NAME_TAKEN = "name_taken"
    NAMES_EQUAL = "names_equal"
    NAMES_CUT = "names_cut"
    NAMES_AGAINST_CLASSES = "names_against_classes"
    FIELD_PARTLY_MISSING = "field_partly_missing"
    NAME_UNREADABLE = "name_unreadable"
    LABELS_CHANGED = "labels_changed"
    OLDER_LIST = "older_list"
    UNCHANGED = "unchanged"
    CONSEQUENCE = "consequence"


_DEFECTS = frozenset(
    {
        HoldKind.EMPTY_ANSWER,
        HoldKind.PAGE_MISSING,
        HoldKind.FIELD_MISSING,
        HoldKind.CODE_DOUBLED,
        HoldKind.CODE_MALFORMED,
        HoldKind.DATES_MIXED,
        HoldKind.DATE_IN_FUTURE,
        HoldKind.DATE_NOT_BUSINESS_DAY,
    }
)


@dataclass(frozen=True, slots=True)
class HoldReason:
    """One reason to hold, with the figures that a message about it names."""

    kind: HoldKind
    details: Mapping[str, str | int | float]

    @property
    def is_defect(self) -> bool:
        """Say whether the answer is broken in itself, so that no person can apply it."""
        return self.kind in _DEFECTS


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """How much is believed before a person is asked.

    Shares are fractions of the stored list and count what came together in 30 days; over a longer
    time more is believed (`meigara.domain.allowances`). `floor` is the number of issues that is
    believed whatever the share. Shapes are judged on lists of `shape_minimum` issues or more.
    """

    first_list_minimum: int = 3500
    first_list_maximum: int = 5500
    floor: int = 20
    delisted_share: float = 0.008
    listed_share: float = 0.008
    renamed_share: float = 0.0105
    english_name_share: float = 0.0105
    sector_share: float = 0.005
    segment_share: float = 0.045
    other_segment_share: float = 0.008
    scale_share: float = 0.10
    other_scale_share: float = 0.012
    margin_share: float = 0.05
    product_share: float = 0.005
    neighbours_gone: int = 4
    class_gone_share: float = 0.25
    names_taken: int = 3
    names_equal: int = 5
    names_cut: int = 20
    names_odd: int = 3
    names_unreadable_share: float = 0.2
    classes_unknown: int = 10
    contradictions: int = 5
    companies_changed: int = 10
    blanks: int = 10
    scale_size_share: float = 0.04
    labels_changed: int = 0
    unchanged_days_warned: int = 5
    unchanged_days_held: int = 10
    shape_minimum: int = 1000


@dataclass(frozen=True, slots=True)
class DateFacts:
    """What the calendar says of the date of an answer.

    `latest` is the newest date that a list can have: the next business day.
    """

    is_business_day: bool
    latest: dt.date


def defects_of(roster: Roster, date: DateFacts | None) -> Iterator[HoldReason]:
    """Yield what is wrong with the answer in itself; `date` is None where it has no one date."""
    found = roster.defects
    if not roster.row_count:
        yield HoldReason(HoldKind.EMPTY_ANSWER, {})
    if found.is_page_missing:
        yield HoldReason(HoldKind.PAGE_MISSING, {})
    for field, count in found.missing_fields.items():
        yield HoldReason(HoldKind.FIELD_MISSING, {"field": field, "count": count})
    if found.doubled_codes:
        yield HoldReason(HoldKind.CODE_DOUBLED, sample_of(found.doubled_codes))
    if len(found.dates) > 1:
        yield HoldReason(HoldKind.DATES_MIXED, sample_of(found.dates))
    if roster.as_of is not None and date is not None:
        yield from _wrong_date(roster.as_of, date)


def goes_backwards(roster: Roster, newest: dt.date | None) -> HoldReason | None:
    """Return the reason to hold a roster that is older than the newest one stored, if it is."""
    if newest is None or roster.as_of is None or roster.as_of >= newest:
        return None
    details = {"as_of": roster.as_of.isoformat(), "newest": newest.isoformat()}
    return HoldReason(HoldKind.DATE_BACKWARDS, details)


def is_older_list(as_of: dt.date, day: dt.date | None) -> HoldReason | None:
    """Return the reason to hold a list that equals one of an earlier `day` than the newest."""
    if day is None:
        return None
    details = {"as_of": as_of.isoformat(), "day": day.isoformat()}
    return HoldReason(HoldKind.OLDER_LIST, details)


def is_unchanged_for_long(days: int, limits: GuardLimits) -> HoldReason | None:
    """Return the reason to hold a list that has been the same for `days` business days."""
    if days < limits.unchanged_days_held:
        return None
    return HoldReason(HoldKind.UNCHANGED, {"days": days, "limit": limits.unchanged_days_held})


def follows_from(run_id: int, as_of: dt.date) -> HoldReason:
    """Return the reason to hold a list that only continues that of a held run."""
    return HoldReason(HoldKind.CONSEQUENCE, {"run_id": run_id, "as_of": as_of.isoformat()})


def sample_of(values: tuple[str, ...]) -> dict[str, str | int | float]:
    """Return the number of values and the first few of them."""
    return {"count": len(values), "sample": ", ".join(values[:5])}


def _wrong_date(as_of: dt.date, date: DateFacts) -> Iterator[HoldReason]:
    if as_of > date.latest:
        details = {"as_of": as_of.isoformat(), "latest": date.latest.isoformat()}
        yield HoldReason(HoldKind.DATE_IN_FUTURE, details)
    if not date.is_business_day:
        yield HoldReason(HoldKind.DATE_NOT_BUSINESS_DAY, {"as_of": as_of.isoformat()})
