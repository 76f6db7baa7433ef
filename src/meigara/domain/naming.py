"""Are these names of issues, and each one of the issue that it stands beside?

Names that wander between issues, that were cut off, that stand for nothing. Of a first list all
names are looked at, of every other one those that are new.
"""

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from meigara.domain.changes import ChangeSet, Revision
from meigara.domain.guard import GuardLimits, HoldKind, HoldReason, sample_of
from meigara.domain.issue import REPLACEMENT, ListedIssue, is_readable, names_in
from meigara.domain.shape import Stored, whole_years

_FEW_NAMES = 50
_EQUAL_IN_A_FIRST_LIST = 30
_TAKEN_IN_A_FURTHER_YEAR = 2
_MOST_CUT = 80
_ODD = re.compile(
    rf"[\u0000-\u007f]+|.*(&amp;|&#|<|{REPLACEMENT}|[\u00c0-\u00ff\uff61-\uff9f]).*"
    r"|(テスト|ダミー|サンプル)\W*[0-9０-９]*(銘柄|社)?\W*[0-9０-９]*"
)
"""No name of a real list is ASCII throughout, has marks of another encoding, or is a filler."""


def names(
    stored: Stored, change_set: ChangeSet, as_of: dt.date, limits: GuardLimits
) -> Iterator[HoldReason]:
    """Yield what is odd about the names that are new."""
    renamed = [each for each in change_set.revised if each.before.name != each.after.name]
    fresh = [*change_set.listed, *(each.after for each in renamed)]
    years = whole_years(stored.as_of, as_of)
    yield from _unreadable(fresh, limits)
    if as_of >= stored.as_of:
        yield from _cut(renamed, years, limits)
    if _may_be_shared(stored, fresh, min(limits.names_taken, limits.names_equal)):
        owners: defaultdict[str, set[str]] = defaultdict(set)
        for issue in stored.issues.values():
            owners[issue.name].add(issue.code)
        yield from _taken(owners, fresh, years, limits)
        yield from _equal_names(owners, change_set, fresh, limits)


def _unreadable(fresh: Sequence[ListedIssue], limits: GuardLimits) -> Iterator[HoldReason]:
    unreadable = tuple(issue.code for issue in fresh if not is_readable(issue.name))
    odd = tuple(issue.code for issue in fresh if _ODD.fullmatch(issue.name))
    if unreadable or len(odd) > limits.names_odd:
        yield HoldReason(HoldKind.NAME_UNREADABLE, sample_of(unreadable or odd))


def _cut(renamed: Sequence[Revision], years: int, limits: GuardLimits) -> Iterator[HoldReason]:
    """Yield a reason if many names became the beginning of what they were."""
    cut = tuple(each.after.code for each in renamed if each.before.name.startswith(each.after.name))
    limit = min(limits.names_cut * (1 + years), max(limits.names_cut, _MOST_CUT))
    if len(cut) > limit:
        yield HoldReason(HoldKind.NAMES_CUT, sample_of(cut) | {"limit": limit})


def _taken(
    owners: Mapping[str, set[str]], fresh: Sequence[ListedIssue], years: int, limits: GuardLimits
) -> Iterator[HoldReason]:
    taken = tuple(i.code for i in fresh if owners.get(i.name, set()) - {i.code})
    limit = limits.names_taken + _TAKEN_IN_A_FURTHER_YEAR * years
    if len(taken) > limit:
        yield HoldReason(HoldKind.NAME_TAKEN, sample_of(taken) | {"limit": limit})


def _may_be_shared(stored: Stored, fresh: Sequence[ListedIssue], most: int) -> bool:
    """Say, at little cost, whether more than `most` of the new names could be those of others."""
    if len(fresh) <= most:
        return False
    if len(fresh) > _FEW_NAMES:
        return True
    different = {issue.name for issue in fresh}
    found = names_in(stored.contents, different)
    return len(found) + len(fresh) - len(different) > most


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
    limit = limits.names_equal if owners else max(limits.names_equal, _EQUAL_IN_A_FIRST_LIST)
    if growth > limit:
        shared = tuple(sorted(i.code for i in fresh if after[i.name] > 1))
        details = sample_of(shared) | {"count": growth, "limit": limit}
        yield HoldReason(HoldKind.NAMES_EQUAL, details)


def _repeated(counts: Mapping[str, int]) -> int:
    return sum(count - 1 for count in counts.values() if count > 1)
