"""When an answer is held."""

import datetime as dt
from collections.abc import Iterable

import pytest

from meigara.domain.changes import diff
from meigara.domain.guard import (
    GuardLimits,
    Held,
    HoldKind,
    HoldReason,
    defects_of,
    goes_backwards,
    months_between,
    suspicions_of,
)
from meigara.domain.issue import ListedIssue, contents_of
from meigara.domain.roster import Defects, Roster
from tests.rosters import a_list

BEFORE = dt.date(2025, 7, 10)
DAY = dt.date(2025, 7, 11)


def roster(
    issues: dict[str, ListedIssue], as_of: dt.date = DAY, defects: Defects | None = None
) -> Roster:
    contents = frozenset(contents_of(issues.values()))
    return Roster(as_of, contents, {}, len(issues), defects or Defects())


def kinds(reasons: Iterable[HoldReason]) -> list[HoldKind]:
    return [reason.kind for reason in reasons]


def suspicions(
    before: dict[str, ListedIssue], after: dict[str, ListedIssue], as_of: dt.date = DAY
) -> list[HoldReason]:
    held = Held(BEFORE, len(before))
    return list(suspicions_of(roster(after, as_of), held, diff(before, after), GuardLimits()))


def test_an_empty_answer_is_a_defect() -> None:
    assert kinds(defects_of(roster({}))) == [HoldKind.EMPTY_ANSWER]


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
    reasons = list(defects_of(roster(a_list(3), defects=defect)))
    assert kinds(reasons) == [kind]
    assert reasons[0].is_defect


def test_losing_as_many_codes_as_a_real_month_does_is_believed() -> None:
    before = a_list(4400)
    after = dict(list(before.items())[44:])
    assert not suspicions(before, after)


def test_losing_more_than_one_percent_in_a_month_is_held() -> None:
    before = a_list(4400)
    after = dict(list(before.items())[45:])
    assert kinds(suspicions(before, after)) == [HoldKind.MASS_DELISTING]


def test_a_small_list_may_lose_twenty_codes_a_month() -> None:
    before = a_list(100)
    assert not suspicions(before, dict(list(before.items())[20:]))
    assert suspicions(before, dict(list(before.items())[21:]))


def test_the_longer_the_time_between_two_rosters_the_more_may_leave() -> None:
    before = a_list(4400)
    after = dict(list(before.items())[45:])
    assert not suspicions(before, after, as_of=dt.date(2025, 8, 11))


@pytest.mark.parametrize(
    ("one", "other", "months"),
    [
        ("2025-07-10", "2025-07-10", 1),
        ("2025-07-10", "2025-07-11", 1),
        ("2025-07-10", "2025-08-10", 1),
        ("2025-07-10", "2025-08-11", 2),
        ("2022-05-31", "2025-03-31", 34),
        ("2025-03-31", "2022-05-31", 34),
    ],
)
def test_a_part_of_a_month_counts_as_a_month(one: str, other: str, months: int) -> None:
    assert months_between(dt.date.fromisoformat(one), dt.date.fromisoformat(other)) == months


def test_a_change_of_one_field_in_more_than_a_fifth_of_the_rows_is_held() -> None:
    before = a_list(1000)
    fifth = dict(list(before.items())[:200])
    moved = {code: issue._replace(market="0112") for code, issue in fifth.items()}
    assert not suspicions(before, before | moved)
    one_more = before["12000"]._replace(market="0112")
    assert kinds(suspicions(before, before | moved | {"12000": one_more})) == [HoldKind.MASS_CHANGE]


def test_a_new_code_that_is_no_issue_code_is_a_defect() -> None:
    before = a_list(10)
    reasons = suspicions(before, before | a_list(1, start=123456))
    assert kinds(reasons) == [HoldKind.CODE_MALFORMED]
    assert reasons[0].is_defect


def test_a_first_list_that_is_far_too_short_is_held() -> None:
    short = a_list(10)
    reasons = list(suspicions_of(roster(short), None, diff({}, short), GuardLimits()))
    assert kinds(reasons) == [HoldKind.TOO_FEW_ISSUES]
    assert not reasons[0].is_defect


def test_a_roster_older_than_the_newest_one_is_held() -> None:
    reason = goes_backwards(roster(a_list(1), BEFORE), DAY)
    assert reason is not None
    assert reason.details == {"as_of": "2025-07-10", "newest": "2025-07-11"}


def test_a_corrected_roster_of_the_same_day_is_not_older() -> None:
    assert goes_backwards(roster(a_list(1), DAY), DAY) is None
    assert goes_backwards(roster(a_list(1), DAY), None) is None
