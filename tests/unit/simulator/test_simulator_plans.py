"""Plans cover the published windows and limits, and days resolve as documented."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meigara.simulator import calendar
from meigara.simulator.errors import SimulatorError
from meigara.simulator.plans import PLANS, Limiter, OutsideWindow, Plan, Verdict, plan_named
from meigara.simulator.resolution import JST, newest_published, parse_date, resolve

FREE, LIGHT, STANDARD, PREMIUM = PLANS.values()
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=JST)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_the_free_window_is_two_years_that_ended_twelve_weeks_ago() -> None:
    window = FREE.window(day("2026-08-08"))
    assert (window.start, window.end) == (day("2024-05-16"), day("2026-05-16"))
    assert window.refusal == (
        "Your subscription covers the following dates: 2024-05-16 ~ 2026-05-16"
    )


def test_the_light_window_is_five_years_with_an_open_end() -> None:
    window = LIGHT.window(day("2026-09-04"))
    assert (window.start, window.end) == (day("2021-09-04"), None)
    assert window.refusal == (
        "Your subscription covers the following dates: 2021-09-04 ~ . If you want more data,"
        " please check other plans:https://jpx-jquants.com/#dataset"
    )


def test_a_window_of_a_leap_day_begins_on_the_28th() -> None:
    assert LIGHT.window(day("2024-02-29")).start == day("2019-02-28")


def test_no_window_begins_before_the_data() -> None:
    assert PREMIUM.window(day("2026-11-20")).start == calendar.DATA_BEGIN


def test_an_unknown_plan_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SimulatorError, match="free, light, standard, premium"):
        plan_named("gold")


@pytest.mark.parametrize(
    ("moment", "newest"),
    [
        ((2026, 11, 20, 17, 29), "2026-11-20"),
        ((2026, 11, 20, 17, 30), "2026-11-24"),
        ((2026, 11, 22, 9, 0), "2026-11-24"),
        ((2026, 11, 24, 0, 1), "2026-11-24"),
    ],
)
def test_the_next_roster_is_published_at_half_past_five(
    moment: tuple[int, ...], newest: str
) -> None:
    now = dt.datetime(*moment, tzinfo=JST)  # type: ignore[misc,arg-type]
    assert newest_published(now) == day(newest)


def test_the_hour_of_publication_is_the_one_in_tokyo() -> None:
    assert newest_published(dt.datetime(2026, 11, 20, 8, 30, tzinfo=dt.UTC)) == day("2026-11-24")


def test_without_a_date_a_business_day_stands_for_itself_even_in_the_evening() -> None:
    assert resolve(None, NOON.replace(hour=20), PREMIUM) == day("2026-11-20")


def test_without_a_date_a_holiday_stands_for_the_next_business_day() -> None:
    assert resolve(None, NOON.replace(day=23), PREMIUM) == day("2026-11-24")


def test_a_day_without_trading_stands_for_the_next_business_day() -> None:
    assert resolve(day("2026-05-02"), NOON, PREMIUM) == day("2026-05-07")


def test_a_future_date_is_clamped_to_the_next_business_day() -> None:
    evening = NOON.replace(hour=18)
    assert resolve(day("2027-08-01"), evening, LIGHT) == day("2026-11-24")
    assert resolve(day("2027-08-01"), NOON, LIGHT) == day("2026-11-20")


def test_premium_answers_dates_before_the_data_with_the_first_day() -> None:
    assert resolve(day("2001-01-01"), NOON, PREMIUM) == calendar.DATA_BEGIN


@pytest.mark.parametrize("plan", PLANS.values())
def test_before_the_data_begin_the_first_day_is_all_there_is(plan: Plan) -> None:
    assert resolve(None, NOON.replace(year=2005), plan) == calendar.DATA_BEGIN


def test_a_date_before_the_window_is_refused() -> None:
    with pytest.raises(OutsideWindow, match="2016-11-20 ~ "):
        resolve(day("2016-11-19"), NOON, STANDARD)
    assert resolve(day("2016-11-20"), NOON, STANDARD) == day("2016-11-21")


def test_free_without_a_date_is_clipped_back_to_the_last_business_day_of_its_window() -> None:
    saturday = dt.datetime(2026, 8, 8, 12, 0, tzinfo=JST)
    assert resolve(None, saturday, FREE) == day("2026-05-15")
    assert resolve(day("2026-05-16"), saturday, FREE) == day("2026-05-15")


@pytest.mark.parametrize("requested", ["2026-11-20", "2026-08-29", "2024-08-27"])
def test_free_refuses_dates_under_embargo_and_before_its_window(requested: str) -> None:
    with pytest.raises(OutsideWindow, match="2024-08-28 ~ 2026-08-28"):
        resolve(day(requested), NOON, FREE)


@given(
    requested=st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1)),
    hours=st.integers(0, 18 * 366 * 24),
    plan=st.sampled_from(list(PLANS.values())),
)
def test_what_is_answered_is_always_a_published_business_day(
    requested: dt.date | None, hours: int, plan: Plan
) -> None:
    now = dt.datetime(2012, 1, 1, tzinfo=JST) + dt.timedelta(hours=hours)
    try:
        answered = resolve(requested, now, plan)
    except OutsideWindow:
        return
    assert calendar.is_business_day(answered)
    assert calendar.DATA_BEGIN <= answered <= newest_published(now)


@pytest.mark.parametrize("text", ["20260115", "2026-01-15"])
def test_both_forms_of_a_date_are_read(text: str) -> None:
    assert parse_date(text) == day("2026-01-15")


@pytest.mark.parametrize("text", ["20240230", "2026-0115", "202601", "yesterday", "2026/01/15"])
def test_an_impossible_date_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_date(text)


def test_calls_within_the_limit_of_the_plan_are_allowed() -> None:
    limiter = Limiter(5)
    verdicts = [limiter.judge("key", NOON) for _ in range(6)]
    assert verdicts == [Verdict.ALLOWED] * 5 + [Verdict.TOO_MANY]


def test_the_minute_slides() -> None:
    limiter = Limiter(2)
    seconds = [0, 30, 59, 61, 122]
    verdicts = [limiter.judge("key", NOON + dt.timedelta(seconds=second)) for second in seconds]
    allowed, refused = Verdict.ALLOWED, Verdict.TOO_MANY
    assert verdicts == [allowed, allowed, refused, refused, allowed]


def test_going_on_far_beyond_the_limit_locks_the_key_out_for_five_minutes() -> None:
    limiter = Limiter(5)
    verdicts = [limiter.judge("key", NOON) for _ in range(26)]
    assert verdicts[24:] == [Verdict.TOO_MANY, Verdict.LOCKED_OUT]
    almost = NOON + dt.timedelta(seconds=299)
    assert limiter.judge("key", almost) is Verdict.LOCKED_OUT
    assert limiter.judge("key", NOON + dt.timedelta(seconds=300)) is Verdict.ALLOWED


def test_keys_are_limited_apart_from_each_other() -> None:
    limiter = Limiter(1)
    limiter.judge("one", NOON)
    assert limiter.judge("other", NOON) is Verdict.ALLOWED
