"""When an answer is defective in itself, and when its date is wrong."""

import datetime as dt
from collections.abc import Iterable

import pytest

from meigara.domain.guard import (
    DateFacts,
    GuardLimits,
    HoldKind,
    HoldReason,
    defects_of,
    goes_backwards,
    is_unchanged_for_long,
)
from meigara.domain.issue import ListedIssue, contents_of
from meigara.domain.roster import Defects, Roster
from tests.rosters import a_list

BEFORE = dt.date(2025, 7, 10)
DAY = dt.date(2025, 7, 11)
MONDAY = dt.date(2025, 7, 14)
OPEN = DateFacts(is_business_day=True, latest=MONDAY)


def roster(
    issues: dict[str, ListedIssue], as_of: dt.date = DAY, defects: Defects | None = None
) -> Roster:
    contents = frozenset(contents_of(issues.values()))
    return Roster(as_of, contents, {}, len(issues), defects or Defects())


def kinds(reasons: Iterable[HoldReason]) -> list[HoldKind]:
    return [reason.kind for reason in reasons]


def test_an_empty_answer_is_a_defect() -> None:
    assert kinds(defects_of(roster({}), OPEN)) == [HoldKind.EMPTY_ANSWER]


@pytest.mark.parametrize(
    ("defect", "kind"),
    [
        (Defects(is_page_missing=True), HoldKind.PAGE_MISSING),
        (Defects(missing_fields={"CoName": 1}), HoldKind.FIELD_MISSING),
        (Defects(doubled_codes=("13010",)), HoldKind.CODE_DOUBLED),
        (Defects(dates=("2025-07-10", "2025-07-11")), HoldKind.DATES_MIXED),
    ],
)
def test_an_answer_that_contradicts_itself_is_a_defect(defect: Defects, kind: HoldKind) -> None:
    reasons = list(defects_of(roster(a_list(3), defects=defect), OPEN))
    assert kinds(reasons) == [kind]
    assert reasons[0].is_defect


def test_a_list_of_the_next_business_day_is_the_latest_that_can_be() -> None:
    assert not list(defects_of(roster(a_list(3), MONDAY), OPEN))
    reasons = list(defects_of(roster(a_list(3), MONDAY + dt.timedelta(days=1)), OPEN))
    assert kinds(reasons) == [HoldKind.DATE_IN_FUTURE]
    assert reasons[0].is_defect


def test_a_list_of_a_day_without_trading_is_a_defect() -> None:
    closed = DateFacts(is_business_day=False, latest=MONDAY)
    reasons = list(defects_of(roster(a_list(3), dt.date(2025, 7, 12)), closed))
    assert kinds(reasons) == [HoldKind.DATE_NOT_BUSINESS_DAY]
    assert reasons[0].is_defect


def test_a_list_that_stays_the_same_is_held_from_the_tenth_business_day_on() -> None:
    assert is_unchanged_for_long(9, GuardLimits()) is None
    reason = is_unchanged_for_long(10, GuardLimits())
    assert reason is not None
    assert reason.details == {"days": 10, "limit": 10}
    assert not reason.is_defect


def test_a_roster_older_than_the_newest_one_is_held() -> None:
    reason = goes_backwards(roster(a_list(1), BEFORE), DAY)
    assert reason is not None
    assert reason.details == {"as_of": "2025-07-10", "newest": "2025-07-11"}


def test_a_corrected_roster_of_the_same_day_is_not_older() -> None:
    assert goes_backwards(roster(a_list(1), DAY), DAY) is None
    assert goes_backwards(roster(a_list(1), DAY), None) is None
