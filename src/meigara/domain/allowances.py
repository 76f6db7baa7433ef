"""How much may change in the time that has passed?

What happens in 30 days is limited by a share of the list, whatever the number of syncs; over a
longer time each further 30 days allow less, since busy months do not follow each other, and there
is a most that no gap exceeds. Measured on real lists from 2017 to 2026 (`docs/guard.md`).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from meigara.domain.changes import ChangeSet, Revision
from meigara.domain.guard import GuardLimits, HoldKind, HoldReason

WINDOW_DAYS = 30
REFORM = dt.date(2022, 4, 4)
"""The reform of the market segments: every issue went from an old segment to a new one."""
_OLD_SEGMENTS = frozenset({"0101", "0102", "0104", "0106", "0107"})
_NEW_SEGMENTS = frozenset({"0111", "0112", "0113"})
_STEP_DOWN = ("0111", "0112")
OTHER_SEGMENT = "market_other"
"""What a passage between segments is counted as, other than that from Prime to Standard."""
OTHER_SCALE = "scale_other"
"""What another scale is counted as, at another time than that of the revisions."""
_REVISION_ENDS = ((10, 25), (1, 25), (4, 25), (7, 25))
_REVISION_DAYS = 14


class Allowance(NamedTuple):
    """What is believed in the first 30 days, in each further 30, and at the most; shares."""

    first: float
    further: float
    most: float

    def within(self, days: int) -> float:
        """Return the share that is believed in so many days."""
        months = max(days, WINDOW_DAYS) / WINDOW_DAYS
        return min(self.first + (months - 1) * self.further, max(self.most, self.first))


class Days(NamedTuple):
    """The dates of two lists, the earlier one first."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Recent:
    """What has changed in the stored list since a day: before the answer, and counted with it.

    `since` is the date of a stored roster, 30 days or more before the answer, or the newest one
    that a person approved, or the oldest there is. `counts` has the number of issues listed,
    delisted, and changed in each field.
    """

    since: dt.date
    counts: Mapping[str, int] = field(default_factory=dict)


def allowances_of(limits: GuardLimits) -> Mapping[str, Allowance]:
    """Return the allowance of listings, of delistings and of each field of an issue."""
    sector = Allowance(limits.sector_share, 0.0005, 0.03)
    return {
        "delisted": Allowance(limits.delisted_share, 0.003, 0.30),
        "listed": Allowance(limits.listed_share, 0.0045, 0.40),
        "name": Allowance(limits.renamed_share, 0.0035, 0.25),
        "name_en": Allowance(limits.english_name_share, 0.0035, 0.30),
        "sector17": sector,
        "sector33": sector,
        "market": Allowance(limits.segment_share, 0.0015, 0.08),
        OTHER_SEGMENT: Allowance(limits.other_segment_share, 0.0005, 0.03),
        "scale": Allowance(limits.scale_share, 0.01, 0.35),
        OTHER_SCALE: Allowance(limits.other_scale_share, 0.0005, 0.03),
        "margin": Allowance(limits.margin_share, 0.002, 0.15),
        "product": Allowance(limits.product_share, 0.0003, 0.03),
    }


def counts_of(change_set: ChangeSet, days: Days) -> Counter[str]:
    """Return how many issues were listed, were delisted, and changed in each field.

    An attribute that was unknown before has not changed, and the reform is expected.
    """
    counts = Counter(listed=len(change_set.listed), delisted=len(change_set.delisted))
    counts.update(name for revision in change_set.revised for name in changed_in(revision, days))
    return +counts


def changed_in(revision: Revision, days: Days) -> Iterator[str]:
    """Yield the fields in which an issue changed in a way that counts."""
    moved = (revision.before.market, revision.after.market)
    is_of_reform = (
        days.first < REFORM <= days.last and moved[0] in _OLD_SEGMENTS and moved[1] in _NEW_SEGMENTS
    )
    for change in revision.changes():
        is_expected = is_of_reform and change.field in ("market", "margin")
        if change.before and not is_expected:
            yield _counted_as(change.field, moved, days)


def _counted_as(field: str, moved: tuple[str, str], days: Days) -> str:
    if field == "market" and moved != _STEP_DOWN:
        return OTHER_SEGMENT
    if field == "scale" and not _holds_a_revision(days):
        return OTHER_SCALE
    return field


@lru_cache(maxsize=64)
def _holds_a_revision(days: Days) -> bool:
    """Say whether scales are revised between two lists.

    That is at the end of October (JPX, "TOPIX New Index Series"), while the index is renewed also
    at the ends of January, April and July.
    """
    begins = (
        dt.date(year, *month_and_day)
        for year in range(days.first.year - 1, days.last.year + 1)
        for month_and_day in _REVISION_ENDS
    )
    span = dt.timedelta(days=_REVISION_DAYS)
    return any(begin <= days.last and days.first <= begin + span for begin in begins)


def exceeded(
    counts: Mapping[str, int],
    recent: Recent,
    days: Days,
    total: int,
    limits: GuardLimits,
) -> Iterator[HoldReason]:
    """Yield a reason for each kind of change of which there is more than is believed.

    `counts` are those from one list, of `total` issues, to the next; they are judged alone, and
    together with what is `recent`.
    """
    for name, allowance in allowances_of(limits).items():
        count = counts.get(name, 0)
        alone = ((days.last - days.first).days, count)
        together = ((days.last - recent.since).days, count + recent.counts.get(name, 0))
        for span, found in (alone, together) if count else ():
            limit = max(limits.floor, int(allowance.within(span) * total))
            if found > limit:
                yield _too_much(name, found, limit, max(span, WINDOW_DAYS), total)
                break


_KIND = {"delisted": HoldKind.MASS_DELISTING, "listed": HoldKind.MASS_LISTING}


def _too_much(name: str, count: int, limit: int, days: int, total: int) -> HoldReason:
    details: dict[str, str | int | float] = {"count": count, "stored": total}
    details |= {"days": days, "limit": limit, "share": round(count / total, 4) if total else 1.0}
    if name not in _KIND:
        details["field"] = name
    return HoldReason(_KIND.get(name, HoldKind.MASS_CHANGE), details)
