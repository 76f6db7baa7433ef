"""When a list is the newest that could be had."""

import datetime as dt

import pytest

from meigara.domain.run import RunStatus
from meigara.domain.standing import Facts, Standing, standing_of
from meigara.jquants.plan import Plan
from meigara.services.freshness import TOKYO, age_in_days, is_newest

THURSDAY, FRIDAY, MONDAY = (dt.date(2026, 11, day) for day in (19, 20, 23))
TUESDAY = dt.date(2026, 11, 24)  # Monday is a holiday
DELAY = dt.timedelta(weeks=12)


def at(day: dt.date, hour: int = 5) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), TOKYO).astimezone(dt.UTC)


@pytest.mark.parametrize("plan", [Plan.LIGHT, Plan.STANDARD, Plan.PREMIUM, None])
def test_a_list_of_the_day_or_of_the_next_business_day_is_the_newest(plan: Plan | None) -> None:
    assert is_newest(FRIDAY, at(FRIDAY), plan)
    assert is_newest(TUESDAY, at(FRIDAY, 18), plan)
    assert is_newest(FRIDAY, at(MONDAY), plan)
    assert is_newest(TUESDAY, at(TUESDAY), plan)


@pytest.mark.parametrize("plan", [Plan.LIGHT, Plan.STANDARD, Plan.PREMIUM, None])
def test_a_list_of_an_earlier_business_day_is_not(plan: Plan | None) -> None:
    assert not is_newest(THURSDAY, at(FRIDAY), plan)
    assert not is_newest(FRIDAY, at(TUESDAY), plan)
    assert not is_newest(FRIDAY - dt.timedelta(days=502), at(FRIDAY), plan)


def test_a_list_of_twelve_weeks_ago_is_the_newest_on_the_free_plan_alone() -> None:
    delayed = FRIDAY - DELAY
    assert is_newest(delayed, at(FRIDAY), Plan.FREE)
    assert is_newest(delayed, at(FRIDAY), None)
    assert not is_newest(delayed, at(FRIDAY), Plan.LIGHT)


@pytest.mark.parametrize("plan", [Plan.FREE, None])
def test_on_the_free_plan_a_list_of_thirteen_weeks_ago_is_not(plan: Plan | None) -> None:
    assert not is_newest(FRIDAY - DELAY - dt.timedelta(weeks=1), at(FRIDAY), plan)


def test_the_age_of_a_list_is_told_by_the_day_in_tokyo() -> None:
    assert age_in_days(FRIDAY, at(FRIDAY, 0)) == 0
    assert age_in_days(THURSDAY, at(FRIDAY, 0)) == 1


def test_a_list_that_is_not_the_newest_is_out_of_date_however_lately_it_was_fetched() -> None:
    facts = Facts(True, True, None, None, None, RunStatus.SUCCEEDED, None, at(FRIDAY), True)
    assert standing_of(facts, at(FRIDAY)) is Standing.CURRENT
    old = Facts(True, True, None, None, None, RunStatus.SUCCEEDED, None, at(FRIDAY), False)
    assert standing_of(old, at(FRIDAY)) is Standing.STALE
