"""When a scheduled run that failed is tried again, and when it is left to the next day."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meigara.domain.retrying import DAILY_RETRIES, RetryPolicy

TOKYO = ZoneInfo("Asia/Tokyo")
ZONES = ("Asia/Tokyo", "America/New_York", "Europe/London", "Pacific/Apia", "Asia/Kathmandu")


def minutes_until(at: dt.datetime | None, now: dt.datetime) -> float | None:
    return (at - now) / dt.timedelta(minutes=1) if at else None


def test_retries_come_after_5_15_and_45_minutes_and_no_more() -> None:
    now = dt.datetime(2026, 1, 1, 6, tzinfo=TOKYO)
    pauses = [DAILY_RETRIES.next_at(attempt, now, TOKYO) for attempt in (1, 2, 3, 4, 5, 100)]
    assert [minutes_until(at, now) for at in pauses] == [5, 15, 45, None, None, None]


def test_a_policy_may_try_less_often_and_wait_longer() -> None:
    now = dt.datetime(2026, 1, 1, 6, tzinfo=TOKYO)
    policy = RetryPolicy(retries=2, first_pause=dt.timedelta(minutes=10))
    pauses = [policy.next_at(attempt, now, TOKYO) for attempt in (1, 2, 3)]
    assert [minutes_until(at, now) for at in pauses] == [10, 30, None]


def test_without_retries_a_failure_is_final() -> None:
    now = dt.datetime(2026, 1, 1, 6, tzinfo=TOKYO)
    assert RetryPolicy(retries=0).next_at(1, now, TOKYO) is None


def test_a_retry_never_falls_on_the_next_local_day() -> None:
    now = dt.datetime(2026, 1, 1, 23, 56, tzinfo=TOKYO)
    assert DAILY_RETRIES.next_at(1, now, TOKYO) is None
    assert DAILY_RETRIES.next_at(1, now, ZoneInfo("UTC")) is not None


@pytest.mark.parametrize(
    ("early", "is_tried"), [(dt.timedelta(seconds=1), True), (dt.timedelta(0), False)]
)
def test_midnight_itself_belongs_to_the_next_day(early: dt.timedelta, is_tried: bool) -> None:
    now = dt.datetime(2026, 1, 2, tzinfo=TOKYO) - dt.timedelta(minutes=5) - early
    assert (DAILY_RETRIES.next_at(1, now, TOKYO) is not None) is is_tried


@given(
    minutes=st.integers(0, 27 * 365 * 24 * 60),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    attempt=st.integers(1, 10),
)
def test_at_any_moment_in_any_zone_a_retry_is_later_within_the_hour_and_on_the_same_local_day(
    minutes: int, zone: ZoneInfo, attempt: int
) -> None:
    moment = dt.datetime(2010, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    found = DAILY_RETRIES.next_at(attempt, moment, zone)
    if found is not None:
        assert attempt <= DAILY_RETRIES.retries
        assert moment < found <= moment + dt.timedelta(hours=1)
        assert found.astimezone(zone).date() == moment.astimezone(zone).date()
