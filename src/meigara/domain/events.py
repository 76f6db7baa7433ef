"""What happened to an issue, and on which day?

The events follow from the histories, whatever the order in which the rosters were synced: an
interval that begins where another one ends is a change, one that begins after a gap a listing,
one that ends without a successor a delisting. The first roster is where knowledge begins; what it
holds was not listed on that day.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from meigara.domain.changes import IssueChange, Revision, delisting_of, listing_of
from meigara.domain.issue import ListedIssue
from meigara.domain.timeline import Interval


class Event(NamedTuple):
    """One change of one issue, the day from which it is true, and the issue's name then."""

    as_of: dt.date
    name: str
    change: IssueChange


def events_in(history: Sequence[Interval[ListedIssue]], first_roster: dt.date) -> Iterator[Event]:
    """Yield what happened in the history of one code, oldest first."""
    if history and history[0].valid_from > first_roster:
        yield _listing(history[0])
    for earlier, later in pairwise(history):
        if earlier.valid_to == later.valid_from:
            yield from _revision(earlier, later)
        else:
            yield from _delisting(earlier)
            yield _listing(later)
    if history:
        yield from _delisting(history[-1])


def _listing(interval: Interval[ListedIssue]) -> Event:
    issue = interval.value
    return Event(interval.valid_from, issue.name, listing_of(issue))


def _delisting(interval: Interval[ListedIssue]) -> Iterator[Event]:
    issue = interval.value
    if interval.valid_to is not None:
        yield Event(interval.valid_to, issue.name, delisting_of(issue))


def _revision(earlier: Interval[ListedIssue], later: Interval[ListedIssue]) -> Iterator[Event]:
    for change in Revision(earlier.value, later.value).changes():
        yield Event(later.valid_from, later.value.name, change)
