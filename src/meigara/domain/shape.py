"""Has a list the shape of the market: its ends, its classes, its names?

A wrong answer of ordinary size shows in what left together, in classes that contradict each
other, and in names that wander between issues. Of a first list the whole is looked at, of every
other one what changed. What real lists look like is in `docs/guard.md`.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Protocol

from meigara.domain.changes import ChangeSet
from meigara.domain.guard import GuardLimits, HoldKind, HoldReason, sample_of
from meigara.domain.issue import ListedIssue, is_readable, names_in

_FUNDS = "0109"
_CLASSES = ("sector33", "market", "product", "scale")
_FEWEST_GONE = 3
_FEW_NAMES = 50
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
    if len(gone) >= limits.neighbours_gone:
        longest = max(_runs(stored.issues, gone), key=len, default=())
        if len(longest) >= limits.neighbours_gone:
            details = sample_of(longest) | {"limit": limits.neighbours_gone - 1}
            yield HoldReason(HoldKind.NEIGHBOURS_GONE, details)
    if len(gone) > 1:
        yield from _classes_gone(stored, change_set, as_of, limits)


def names(stored: Stored, change_set: ChangeSet, limits: GuardLimits) -> Iterator[HoldReason]:
    """Yield what is odd about the names that are new."""
    renamed = [each for each in change_set.revised if each.before.name != each.after.name]
    fresh = [*change_set.listed, *(each.after for each in renamed)]
    unreadable = tuple(issue.code for issue in fresh if not is_readable(issue.name))
    if unreadable:
        yield HoldReason(HoldKind.NAME_UNREADABLE, sample_of(unreadable))
    if not _may_be_shared(stored, fresh, min(limits.names_taken, limits.names_equal)):
        return
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for issue in stored.issues.values():
        owners[issue.name].add(issue.code)
    taken = tuple(
        each.after.code
        for each in renamed
        if owners.get(each.after.name, set()) - {each.after.code}
    )
    if len(taken) > limits.names_taken:
        yield HoldReason(HoldKind.NAME_TAKEN, sample_of(taken) | {"limit": limits.names_taken})
    yield from _equal_names(owners, change_set, fresh, limits)


def companies(change_set: ChangeSet, limits: GuardLimits) -> Iterator[HoldReason]:
    """Yield a reason if many issues become companies, or cease to be, without leaving the list."""
    turned = sum(each.before.is_company != each.after.is_company for each in change_set.revised)
    if turned > limits.companies_changed:
        details = {"count": turned, "limit": limits.companies_changed}
        yield HoldReason(HoldKind.COMPANIES_CHANGED, details)


def _may_be_shared(stored: Stored, fresh: Sequence[ListedIssue], most: int) -> bool:
    """Say, at little cost, whether more than `most` of the new names could be those of others."""
    if len(fresh) <= most:
        return False
    if len(fresh) > _FEW_NAMES:
        return True
    different = {issue.name for issue in fresh}
    found = names_in(stored.contents, different)
    return len(found) + len(fresh) - len(different) > most


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
    years = ((as_of - stored.as_of).days - 1) // _DAYS_OF_A_YEAR
    share = limits.class_gone_share
    allowed = min(share + _FURTHER_YEAR * max(years, 0), max(share, _MOST_OF_A_CLASS))
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


def _equal_names(
    owners: Mapping[str, set[str]],
    change_set: ChangeSet,
    fresh: Sequence[ListedIssue],
    limits: GuardLimits,
) -> Iterator[HoldReason]:
    """Compare how many issues share the name of another one, before and after."""
    before = Counter({name: len(codes) for name, codes in owners.items()})
    after = Counter(before)
    after.subtract(issue.name for issue in change_set.delisted)
    after.subtract(each.before.name for each in change_set.revised)
    after.update(issue.name for issue in change_set.listed)
    after.update(each.after.name for each in change_set.revised)
    growth = _repeated(after) - _repeated(before)
    if growth > limits.names_equal:
        shared = tuple(sorted(i.code for i in fresh if after[i.name] > 1))
        details = sample_of(shared) | {"count": growth, "limit": limits.names_equal}
        yield HoldReason(HoldKind.NAMES_EQUAL, details)


def _repeated(counts: Mapping[str, int]) -> int:
    return sum(count - 1 for count in counts.values() if count > 1)
