"""How much is believed to change in which time."""

import datetime as dt

import pytest

from meigara.domain.allowances import (
    OTHER_SCALE,
    OTHER_SEGMENT,
    Allowance,
    Days,
    Recent,
    allowances_of,
    counts_of,
    exceeded,
)
from meigara.domain.changes import diff
from meigara.domain.guard import GuardLimits, HoldKind
from meigara.domain.issue import ListedIssue
from tests.rosters import a_list

DAY = dt.date(2025, 7, 11)
LIMITS = GuardLimits()
LIST = a_list(4400)


def lasting(days: int) -> Days:
    return Days(DAY, DAY + dt.timedelta(days=days))


def kinds(
    counts: dict[str, int], days: Days, recent: Recent | None = None, total: int = 4400
) -> list[HoldKind]:
    found = exceeded(counts, recent or Recent(days.first), days, total, LIMITS)
    return [reason.kind for reason in found]


@pytest.mark.parametrize(("name", "limit"), [("delisted", 35), ("listed", 35), ("name", 46)])
@pytest.mark.parametrize("days", [1, 30])
def test_thirty_days_and_one_day_are_believed_the_same(name: str, limit: int, days: int) -> None:
    assert not kinds({name: limit}, lasting(days))
    assert len(kinds({name: limit + 1}, lasting(days))) == 1


def test_a_small_list_may_lose_twenty_issues_whatever_their_share() -> None:
    assert not kinds({"delisted": 20}, lasting(1), total=100)
    assert kinds({"delisted": 21}, lasting(1), total=100) == [HoldKind.MASS_DELISTING]


def test_what_changed_in_the_days_before_counts_together_with_the_answer() -> None:
    days = lasting(1)
    recent = Recent(DAY - dt.timedelta(days=29), {"delisted": 30})
    assert not kinds({"delisted": 5}, days, recent)
    assert kinds({"delisted": 6}, days, recent) == [HoldKind.MASS_DELISTING]


def test_what_changed_before_is_no_reason_where_the_answer_changes_nothing_of_the_kind() -> None:
    recent = Recent(DAY, {"delisted": 1_000})
    assert not kinds({"listed": 1}, lasting(1), recent)


def test_the_longer_the_gap_the_more_is_believed_up_to_a_most() -> None:
    allowance = Allowance(first=0.01, further=0.005, most=0.1)
    shares = [round(allowance.within(days), 4) for days in (1, 30, 60, 90, 3_000)]
    assert shares == [0.01, 0.01, 0.015, 0.02, 0.1]


def test_an_attribute_that_becomes_known_has_not_changed() -> None:
    unknown = {code: issue._replace(margin="", product="") for code, issue in LIST.items()}
    assert not counts_of(diff(unknown, LIST), lasting(1))


def moved(before: str, after: str) -> tuple[dict[str, ListedIssue], dict[str, ListedIssue]]:
    return tuple(  # type: ignore[return-value]
        {code: issue._replace(market=market) for code, issue in LIST.items()}
        for market in (before, after)
    )


def test_the_reform_of_the_segments_is_expected_on_its_day_and_on_no_other() -> None:
    changes = diff(*moved("0101", "0111"))
    across = Days(dt.date(2022, 4, 1), dt.date(2022, 4, 4))
    assert not counts_of(changes, across)
    assert counts_of(changes, Days(across.last, dt.date(2022, 4, 5))) == {OTHER_SEGMENT: 4400}
    assert counts_of(diff(*moved("0111", "0112")), across) == {"market": 4400}


def test_every_field_of_an_issue_but_its_code_has_an_allowance() -> None:
    fields = set(ListedIssue._fields) - {"code"}
    assert set(allowances_of(LIMITS)) == fields | {"listed", "delisted", OTHER_SEGMENT, OTHER_SCALE}


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("2025-10-30", "2025-10-31", "scale"),
        ("2025-01-30", "2025-01-31", "scale"),
        ("2024-06-28", "2025-03-31", "scale"),
        ("2025-03-31", "2025-04-24", "scale_other"),
        ("2025-12-01", "2026-01-20", "scale_other"),
    ],
)
def test_scales_are_revised_at_the_ends_of_quarters_only(first: str, last: str, name: str) -> None:
    rescaled = {code: issue._replace(scale="TOPIX Small 1") for code, issue in LIST.items()}
    days = Days(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert counts_of(diff(LIST, rescaled), days) == {name: 4400}


def test_only_the_step_from_prime_to_standard_is_made_by_many_at_once() -> None:
    assert counts_of(diff(*moved("0111", "0112")), lasting(1)) == {"market": 4400}
    assert counts_of(diff(*moved("0112", "0111")), lasting(1)) == {OTHER_SEGMENT: 4400}
    assert not kinds({"market": 190}, lasting(1))
    assert kinds({OTHER_SEGMENT: 36}, lasting(1)) == [HoldKind.MASS_CHANGE]
