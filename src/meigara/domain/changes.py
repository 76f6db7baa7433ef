"""What changed between two lists of issues?"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from meigara.domain.issue import REPLACEMENT, ListedIssue, issue_of, received_issue_of

Issues = Mapping[str, ListedIssue]
"""Issues keyed by their five-character code."""


class ChangeKind(StrEnum):
    """What a change means to a person who follows the market."""

    LISTED = "listed"
    DELISTED = "delisted"
    RENAMED = "renamed"
    SECTOR = "sector"
    SCALE = "scale"
    SEGMENT = "segment"
    MARGIN = "margin"
    PRODUCT = "product"


KIND_OF_FIELD: Mapping[str, ChangeKind] = {
    "name": ChangeKind.RENAMED,
    "name_en": ChangeKind.RENAMED,
    "sector17": ChangeKind.SECTOR,
    "sector33": ChangeKind.SECTOR,
    "scale": ChangeKind.SCALE,
    "market": ChangeKind.SEGMENT,
    "margin": ChangeKind.MARGIN,
    "product": ChangeKind.PRODUCT,
}


class IssueChange(NamedTuple):
    """One field of one issue before and after; for a listing or delisting, the issue's name.

    `before` is None for a listing, `after` for a delisting.
    """

    code: str
    kind: ChangeKind
    field: str
    before: str | None
    after: str | None


class Revision(NamedTuple):
    """An issue that both lists hold, with different attributes."""

    before: ListedIssue
    after: ListedIssue

    def changes(self) -> Iterator[IssueChange]:
        """Yield a change for each attribute that differs."""
        for field, old, new in zip(ListedIssue._fields, self.before, self.after, strict=True):
            if old != new:
                yield IssueChange(self.after.code, KIND_OF_FIELD[field], field, old, new)


def listing_of(issue: ListedIssue) -> IssueChange:
    """Return the change that an issue came onto the list."""
    return IssueChange(issue.code, ChangeKind.LISTED, "name", None, issue.name)


def delisting_of(issue: ListedIssue) -> IssueChange:
    """Return the change that an issue left the list."""
    return IssueChange(issue.code, ChangeKind.DELISTED, "name", issue.name, None)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Everything that turns one list into another, each part ordered by code."""

    listed: tuple[ListedIssue, ...] = ()
    delisted: tuple[ListedIssue, ...] = ()
    revised: tuple[Revision, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all issues that the change set touches."""
        return (
            *(issue.code for issue in self.listed),
            *(issue.code for issue in self.delisted),
            *(revision.after.code for revision in self.revised),
        )

    @property
    def names(self) -> dict[str, str]:
        """The names of these issues by code: those afterwards, or the last ones of the gone."""
        known = (*self.delisted, *self.listed, *(revision.after for revision in self.revised))
        return {issue.code: issue.name for issue in known}

    @property
    def growth_of_companies(self) -> int:
        """How many companies more there are afterwards."""
        gone = (*self.delisted, *(revision.before for revision in self.revised))
        come = (*self.listed, *(revision.after for revision in self.revised))
        return sum(i.is_company for i in come) - sum(i.is_company for i in gone)

    def changes(self) -> Iterator[IssueChange]:
        """Yield one change per listing, per delisting and per changed field."""
        yield from map(listing_of, self.listed)
        yield from map(delisting_of, self.delisted)
        for revision in self.revised:
            yield from revision.changes()


NOTHING_CHANGED = ChangeSet()


def diff(before: Issues, after: Issues) -> ChangeSet:
    """Return what turns `before` into `after`.

    An attribute that is unknown in `after` is not a change: the earlier value stands.
    """
    return ChangeSet(
        listed=_by_code(after[code] for code in after.keys() - before.keys()),
        delisted=_by_code(before[code] for code in before.keys() - after.keys()),
        revised=tuple(sorted(_revisions(before, after))),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """A new list beside the one that is stored, each given by the contents of its issues.

    `after` are the contents of the new list; `new` are its issues whose content is not stored,
    completed from the stored issue of the same code where the source left something out.
    """

    after: Set[str]
    new: Issues
    change_set: ChangeSet

    @property
    def total(self) -> int:
        """The number of issues (件) in the new list."""
        return len(self.after)

    @property
    def mended(self) -> tuple[str, ...]:
        """The codes of the new issues in which a character was replaced that no text can hold."""
        return tuple(sorted(i.code for i in self.new.values() if any(REPLACEMENT in t for t in i)))

    def issues(self) -> dict[str, ListedIssue]:
        """Return the whole new list."""
        return {issue.code: issue for issue in map(received_issue_of, self.after)} | dict(self.new)


def compare(stored: Set[str], after: Set[str]) -> Comparison:
    """Compare two lists, each given as the `content` of each of its issues.

    The same as `diff`, but only the few issues whose content differs are looked at one by one.
    """
    old = {issue.code: issue for issue in map(issue_of, stored - after)}
    received = {issue.code: issue for issue in map(received_issue_of, after - stored)}
    new = {
        code: issue.completed_from(old[code]) if code in old else issue
        for code, issue in received.items()
    }
    return Comparison(after, new, diff(old, new))


def apply(before: Issues, change_set: ChangeSet) -> dict[str, ListedIssue]:
    """Return the list that `before` becomes under `change_set`."""
    after = dict(before)
    for issue in change_set.delisted:
        del after[issue.code]
    after.update((issue.code, issue) for issue in change_set.listed)
    after.update((revision.after.code, revision.after) for revision in change_set.revised)
    return after


def _by_code(issues: Iterable[ListedIssue]) -> tuple[ListedIssue, ...]:
    return tuple(sorted(issues))


def _revisions(before: Issues, after: Issues) -> Iterator[Revision]:
    for code in after.keys() & before.keys():
        old, new = before[code], after[code]
        if old != new and (completed := new.completed_from(old)) != old:
            yield Revision(old, completed)
