"""What looks wrong about an answer beside the list that is stored? All rules together."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from meigara.domain import consistency, naming, shape
from meigara.domain.allowances import Days, Recent, counts_of, exceeded
from meigara.domain.changes import NOTHING_CHANGED, ChangeSet, Comparison, Revision
from meigara.domain.guard import GuardLimits, HoldKind, HoldReason, sample_of
from meigara.domain.issue import ListedIssue, received_issue_of
from meigara.domain.roster import Labels, Roster

_REQUIRED = ("name", "sector17", "sector33", "scale", "market")
_OSAKA_CAME = dt.date(2013, 7, 16)
"""The day on which the issues of Osaka came to Tokyo, more than a thousand at once."""
_FEWEST_BEFORE = 2_000
_CODE = re.compile(r"[0-9][0-9A-Z]{3}[0-9]")


@dataclass(frozen=True)
class StoredList:
    """The list beside which an answer is judged: that of the nearest stored roster."""

    as_of: dt.date
    contents: Set[str]
    labels: Labels

    @cached_property
    def issues(self) -> Mapping[str, ListedIssue]:
        """Its issues by their code, taken apart where a rule has to look at them."""
        return {issue.code: issue for issue in map(received_issue_of, self.contents)}


def suspicions_of(
    roster: Roster,
    stored: StoredList | None,
    recent: Recent | None,
    comparison: Comparison,
    limits: GuardLimits,
) -> Iterator[HoldReason]:
    """Yield what looks wrong about an answer that has a date.

    `stored` is None for a first list; `recent` is what changed before the answer, None if that is
    not known. Both lists may come first: an older answer is judged as the list before the stored
    one.
    """
    if roster.as_of is None:
        return
    yield from _malformed(comparison.change_set)
    yield from _blank(comparison.change_set)
    yield from _partly_missing(roster, stored, limits)
    if stored is None:
        yield from _of_a_first_list(roster, roster.as_of, comparison, limits)
    elif comparison.change_set != NOTHING_CHANGED:
        yield from _of_changes(roster.as_of, stored, recent, comparison, limits)
    if stored is not None and len(stored.contents) >= limits.shape_minimum:
        yield from consistency.labels_changed(stored.labels, roster.labels, limits)


def _of_changes(
    as_of: dt.date,
    stored: StoredList,
    recent: Recent | None,
    comparison: Comparison,
    limits: GuardLimits,
) -> Iterator[HoldReason]:
    change_set = comparison.change_set
    if as_of >= stored.as_of:
        earlier, forward, days = stored, change_set, Days(stored.as_of, as_of)
    else:
        earlier, forward = StoredList(as_of, comparison.after, {}), _reversed(change_set)
        days = Days(as_of, stored.as_of)
    total, counts = len(earlier.contents), counts_of(forward, days)
    yield from exceeded(counts, recent or Recent(days.first), days, total, limits)
    if total < limits.shape_minimum:
        return
    yield from shape.departures(earlier, forward, days.last, limits)
    yield from shape.reclassed(stored, change_set)
    yield from naming.names(stored, change_set, as_of, limits)
    yield from shape.companies(change_set, limits)
    yield from consistency.contradictions(change_set, limits)
    yield from consistency.unknown_classes(stored, change_set, limits)
    yield from consistency.segments_of_another_time(change_set, as_of, limits)
    yield from consistency.scale_sizes(stored, change_set, limits)


def _of_a_first_list(
    roster: Roster, as_of: dt.date, comparison: Comparison, limits: GuardLimits
) -> Iterator[HoldReason]:
    total, change_set = comparison.total, comparison.change_set
    is_old = as_of < _OSAKA_CAME
    minimum = (
        min(limits.first_list_minimum, _FEWEST_BEFORE) if is_old else limits.first_list_minimum
    )
    details: dict[str, str | int | float] = {"count": total, "minimum": minimum}
    details["maximum"] = limits.first_list_maximum
    if total < minimum:
        yield HoldReason(HoldKind.TOO_FEW_ISSUES, details)
    if total > limits.first_list_maximum:
        yield HoldReason(HoldKind.TOO_MANY_ISSUES, details)
    if total < limits.shape_minimum:
        return
    nothing = StoredList(as_of, frozenset(), {})
    yield from naming.names(nothing, change_set, as_of, limits)
    yield from consistency.contradictions(change_set, limits)
    yield from consistency.unknown_classes(nothing, change_set, limits)
    yield from consistency.segments_of_another_time(change_set, as_of, limits)
    yield from consistency.scale_sizes(nothing, change_set, limits)
    yield from consistency.first_list(change_set.listed, as_of, limits)
    yield from consistency.first_labels(roster.labels)


def _malformed(change_set: ChangeSet) -> Iterator[HoldReason]:
    malformed = tuple(issue.code for issue in change_set.listed if not _is_code(issue.code))
    if malformed:
        yield HoldReason(HoldKind.CODE_MALFORMED, sample_of(malformed))


def _blank(change_set: ChangeSet) -> Iterator[HoldReason]:
    """Yield a reason for each attribute that is nothing but space where it must be given."""
    new = [*change_set.listed, *(each.after for each in change_set.revised)]
    for field in _REQUIRED:
        count = sum(not getattr(issue, field) for issue in new)
        if count:
            yield HoldReason(HoldKind.FIELD_MISSING, {"field": field, "count": count})


def _partly_missing(
    roster: Roster, stored: StoredList | None, limits: GuardLimits
) -> Iterator[HoldReason]:
    """Yield a reason for an attribute that many rows lack and others have, if that is new."""
    for field, count in roster.defects.partly_missing.items():
        if count <= limits.blanks:
            continue
        known = stored.issues.values() if stored else ()
        growth = count - sum(not getattr(issue, field) for issue in known)
        if growth > limits.blanks:
            details: dict[str, str | int | float] = {"field": field, "count": count}
            yield HoldReason(HoldKind.FIELD_PARTLY_MISSING, details | {"limit": limits.blanks})


def _reversed(change_set: ChangeSet) -> ChangeSet:
    """Return what turns the later list into the earlier one the other way round."""
    return ChangeSet(
        listed=change_set.delisted,
        delisted=change_set.listed,
        revised=tuple(Revision(each.after, each.before) for each in change_set.revised),
    )


def _is_code(code: str) -> bool:
    """Say whether a new code has the form of one: letters stand only within it (130A0)."""
    return bool(_CODE.fullmatch(code))
