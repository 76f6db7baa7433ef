"""What is looked at in a first list, and in an attribute that only some rows have."""

import datetime as dt

import pytest

from meigara.domain.changes import compare
from meigara.domain.guard import GuardLimits, HoldKind
from meigara.domain.issue import ListedIssue, contents_of
from meigara.domain.judgement import StoredList, suspicions_of
from meigara.domain.roster import Defects, Roster
from tests.rosters import a_list

DAY = dt.date(2025, 7, 11)
LIMITS = GuardLimits(shape_minimum=10_000)


def kinds(
    issues: dict[str, ListedIssue],
    stored: dict[str, ListedIssue] | None = None,
    as_of: dt.date = DAY,
    defects: Defects | None = None,
) -> list[HoldKind]:
    contents = frozenset(contents_of(issues.values()))
    before = frozenset(contents_of((stored or {}).values()))
    roster = Roster(as_of, contents, {}, len(issues), defects or Defects())
    beside = StoredList(as_of, before, {}) if stored else None
    found = suspicions_of(roster, beside, None, compare(before, contents), LIMITS)
    return [reason.kind for reason in found]


@pytest.mark.parametrize(
    ("count", "as_of", "expected"),
    [
        (3_499, DAY, [HoldKind.TOO_FEW_ISSUES]),
        (3_500, DAY, []),
        (5_500, DAY, []),
        (5_501, DAY, [HoldKind.TOO_MANY_ISSUES]),
        (2_000, dt.date(2008, 5, 7), []),
        (1_999, dt.date(2008, 5, 7), [HoldKind.TOO_FEW_ISSUES]),
    ],
)
def test_a_first_list_has_the_size_of_the_market_of_its_time(
    count: int, as_of: dt.date, expected: list[HoldKind]
) -> None:
    assert kinds(a_list(count), as_of=as_of) == expected


def test_a_new_code_that_is_no_issue_code_is_a_defect() -> None:
    stored = a_list(10)
    for code in ("1234567890"[:6], "ABCDE", "1a340", "１２３４０"):
        odd = stored | {code: stored["10000"]._replace(code=code)}
        assert kinds(odd, stored) == [HoldKind.CODE_MALFORMED]


def test_an_attribute_that_is_nothing_but_space_is_missing() -> None:
    stored = a_list(10)
    blank = stored | {"10000": stored["10000"]._replace(market="  ")}
    assert kinds(blank, stored) == [HoldKind.FIELD_MISSING]


def test_an_attribute_that_many_rows_lack_anew_is_held_and_one_that_all_lack_is_not() -> None:
    stored = a_list(100)
    half = {c: i._replace(margin="" if c < "10500" else i.margin) for c, i in stored.items()}
    partly = Defects(partly_missing={"margin": 50})
    assert kinds(half, stored, defects=partly) == [HoldKind.FIELD_PARTLY_MISSING]
    assert kinds(half, half, defects=partly) == []
    none = {code: issue._replace(margin="") for code, issue in stored.items()}
    assert kinds(none, stored) == []
