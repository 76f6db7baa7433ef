"""Has a list the shape of the market: its ends, its neighbours, its classes?

A wrong answer of ordinary size shows in what left together. What real lists look like is in
`docs/guard.md`.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Protocol

from meigara.domain.changes import ChangeSet
from meigara.domain.guard import GuardLimits, HoldKind, HoldReason, sample_of
from meigara.domain.issue import ListedIssue

_FUNDS = "0109"
_CLASSES = ("sector33", "market", "product", "scale")
_HALF = 0.5
_FEWEST_GONE = 3
_FURTHER_YEAR = 0.03
_MOST_OF_A_CLASS = 0.60
_DAYS_OF_A_YEAR = 365


class Stored(Protocol):
    """A stored list: its date, its contents, and its issues where a rule has to look at them."""

    @property
    def as_of(self) -> dt.date:
        """The date of its roster."""
        ...

    @property
    def contents(self) -> Set[str]:
        """The content of each issue."""
        ...

    @property
    def issues(self) -> Mapping[str, ListedIssue]:
        """The issues by their code; taking them apart takes a while."""
        ...


def departures(
    stored: Stored, change_set: ChangeSet, as_of: dt.date, limits: GuardLimits
) -> Iterator[HoldReason]:
    """Yield what is odd about the issues that left `stored` together until `as_of`."""
    gone = {issue.code for issue in change_set.delisted}
    if not gone:
        return
    ends = {end(stored.contents)[:5] for end in (min, max)} & gone
    if ends:
        yield HoldReason(HoldKind.END_GONE, sample_of(tuple(sorted(ends))))
    fewest = limits.neighbours_gone + whole_years(stored.as_of, as_of)
    if len(gone) >= fewest:
        longest = max(_runs(stored.issues, gone), key=len, default=())
        if len(longest) >= fewest:
            details = sample_of(longest) | {"limit": fewest - 1}
            yield HoldReason(HoldKind.NEIGHBOURS_GONE, details)
    if len(gone) > 1:
        yield from _classes_gone(stored, change_set, as_of, limits)


def reclassed(stored: Stored, change_set: ChangeSet) -> Iterator[HoldReason]:
    """Yield a reason for a class that is emptied, or that most leave, without leaving the list."""
    for field in ("sector33", "product", "scale"):
        pairs = [(getattr(b, field), getattr(a, field)) for b, a in change_set.revised]
        moved = Counter(before for before, after in pairs if before and before != after)
        if moved.total() < _FEWEST_GONE:
            continue
        come = Counter(after for before, after in pairs if before != after)
        come.update(getattr(issue, field) for issue in change_set.listed)
        left = moved + Counter(getattr(issue, field) for issue in change_set.delisted)
        sizes = Counter(getattr(issue, field) for issue in stored.issues.values())
        for value, count in moved.most_common():
            is_emptied = (
                sizes[value] >= _FEWEST_GONE and sizes[value] - left[value] + come[value] == 0
            )
            is_left = field != "scale" and count >= _FEWEST_GONE and count > _HALF * sizes[value]
            if is_emptied or is_left:
                details: dict[str, str | int | float] = {"field": field, "value": value}
                details |= {"count": count, "size": sizes[value], "limit": _HALF}
                yield HoldReason(HoldKind.CLASS_GONE, details)
                break


def whole_years(first: dt.date, last: dt.date) -> int:
    """Return how many whole years lie between two lists."""
    return max(0, (last - first).days - 1) // _DAYS_OF_A_YEAR


def companies(change_set: ChangeSet, limits: GuardLimits) -> Iterator[HoldReason]:
    """Yield a reason if many issues become companies, or cease to be, without leaving the list."""
    turned = sum(each.before.is_company != each.after.is_company for each in change_set.revised)
    if turned > limits.companies_changed:
        details = {"count": turned, "limit": limits.companies_changed}
        yield HoldReason(HoldKind.COMPANIES_CHANGED, details)


def _runs(stored: Mapping[str, ListedIssue], gone: set[str]) -> Iterator[tuple[str, ...]]:
    """Yield the stretches of neighbouring codes that left; funds of one manager may do so."""
    run: list[str] = []
    for code in (*sorted(stored), ""):
        if code in gone:
            run.append(code)
            continue
        if run and not _are_funds_of_one_manager([stored[each] for each in run]):
            yield tuple(run)
        run = []


def _are_funds_of_one_manager(issues: Sequence[ListedIssue]) -> bool:
    """Say so by the beginning of the name: a manager ends a series of funds on one day."""
    return all(issue.market == _FUNDS for issue in issues) and (
        len({issue.name[:2] for issue in issues}) == 1
    )


def _classes_gone(
    stored: Stored, change_set: ChangeSet, as_of: dt.date, limits: GuardLimits
) -> Iterator[HoldReason]:
    share, years = limits.class_gone_share, whole_years(stored.as_of, as_of)
    allowed = min(share + _FURTHER_YEAR * years, max(share, _MOST_OF_A_CLASS))
    for field in _CLASSES:
        left = Counter(getattr(issue, field) for issue in change_set.delisted)
        sizes = Counter(getattr(issue, field) for issue in stored.issues.values())
        for value, count in left.most_common():
            is_whole = count == sizes[value] >= 2
            if value and (is_whole or (count >= _FEWEST_GONE and count > allowed * sizes[value])):
                details: dict[str, str | int | float] = {"field": field, "value": value}
                details |= {"count": count, "size": sizes[value], "limit": round(allowed, 4)}
                yield HoldReason(HoldKind.CLASS_GONE, details)
                break
