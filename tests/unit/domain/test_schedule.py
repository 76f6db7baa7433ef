"""When a slot falls due, over years and changes of the clocks, and which slots are run."""

import datetime as dt
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meigara.domain.run import Trigger
from meigara.domain.schedule import DailyTime, parse_wall_time, parse_zone, settle
from meigara.errors import InvalidSchedule

TOKYO = ZoneInfo("Asia/Tokyo")
NEW_YORK = ZoneInfo("America/New_York")
FIVE = DailyTime(dt.time(5), TOKYO)
TEN_YEARS = dt.timedelta(days=3653)


def slots_of(daily: DailyTime, start: dt.datetime, length: dt.timedelta) -> list[dt.datetime]:
    return list(takewhile(lambda slot: slot <= start + length, daily.slots_after(start)))


def test_in_tokyo_each_day_of_ten_years_has_its_slot_at_20_utc_of_the_day_before() -> None:
    slots = slots_of(FIVE, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), TEN_YEARS)
    assert len(slots) == 3653
    assert {slot.time() for slot in slots} == {dt.time(20)}
    assert {later - earlier for earlier, later in pairwise(slots)} == {dt.timedelta(days=1)}


@pytest.mark.parametrize("time", [dt.time(0, 30), dt.time(1, 30), dt.time(2, 30), dt.time(5)])
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe"])
def test_where_clocks_change_each_local_day_of_ten_years_has_one_slot(
    zone: str, time: dt.time
) -> None:
    daily = DailyTime(time, ZoneInfo(zone))
    slots = slots_of(daily, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), TEN_YEARS)
    days = [slot.astimezone(daily.zone).date() for slot in slots]
    assert all(later - earlier == dt.timedelta(days=1) for earlier, later in pairwise(days))
    assert all(earlier < later for earlier, later in pairwise(slots))


def test_a_time_that_the_clocks_skip_is_taken_once_after_the_gap_in_every_year() -> None:
    daily = DailyTime(dt.time(2, 30), NEW_YORK)
    slots = slots_of(daily, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), TEN_YEARS)
    moved = [slot for slot in (each.astimezone(NEW_YORK) for each in slots) if slot.hour != 2]
    assert [slot.year for slot in moved] == list(range(2026, 2036))
    assert {(slot.month, slot.time()) for slot in moved} == {(3, dt.time(3, 30))}


def test_a_time_that_the_clocks_repeat_is_taken_the_first_time_in_every_year() -> None:
    daily = DailyTime(dt.time(1, 30), NEW_YORK)
    slots = slots_of(daily, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), TEN_YEARS)
    hour = dt.timedelta(hours=1)
    local = [slot.astimezone(NEW_YORK) for slot in slots]
    repeated = [
        at
        for at, slot in zip(local, slots, strict=True)
        if (slot + hour).astimezone(NEW_YORK).time() == at.time()
    ]
    assert [at.year for at in repeated] == list(range(2026, 2036))
    assert {at.fold for at in local} == {0}


def test_a_time_that_the_clocks_skip_is_taken_after_the_gap() -> None:
    daily = DailyTime(dt.time(2, 30), NEW_YORK)
    slot = daily.slot_on(dt.date(2026, 3, 8)).astimezone(NEW_YORK)
    assert (slot.hour, slot.minute) == (3, 30)


def test_a_time_that_the_clocks_repeat_is_taken_once_the_first_time() -> None:
    daily = DailyTime(dt.time(1, 30), NEW_YORK)
    day = dt.datetime(2026, 11, 1, tzinfo=NEW_YORK)
    slots = slots_of(daily, day, dt.timedelta(hours=23))
    assert [slot.astimezone(NEW_YORK).utcoffset() for slot in slots] == [dt.timedelta(hours=-4)]


def test_a_day_that_a_zone_skips_altogether_gives_no_second_slot() -> None:
    daily = DailyTime(dt.time(5), ZoneInfo("Pacific/Apia"))
    slots = list(islice(daily.slots_after(dt.datetime(2011, 12, 28, tzinfo=dt.UTC)), 5))
    assert len(set(slots)) == 5
    assert dt.date(2011, 12, 30) not in {slot.astimezone(daily.zone).date() for slot in slots}


def test_around_the_day_that_apia_skipped_each_day_that_was_has_one_slot() -> None:
    daily = DailyTime(dt.time(5), ZoneInfo("Pacific/Apia"))
    slots = slots_of(daily, dt.datetime(2011, 12, 20, tzinfo=dt.UTC), dt.timedelta(days=20))
    days = [slot.astimezone(daily.zone).date() for slot in slots]
    skipped = dt.date(2011, 12, 30)
    first, last = min(days), max(days)
    all_days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    assert days == [day for day in all_days if day != skipped]
    assert all(earlier < later for earlier, later in pairwise(slots))


@given(
    late_hours=st.integers(0, 24 * 40),
    window_hours=st.integers(0, 72),
    minute=st.integers(0, 59),
)
def test_each_slot_that_is_due_is_opened_or_missed_once_and_only_the_newest_is_opened(
    late_hours: int, window_hours: int, minute: int
) -> None:
    daily = DailyTime(dt.time(5, minute), NEW_YORK)
    first = daily.next_after(dt.datetime(2026, 10, 20, tzinfo=dt.UTC))
    now, window = first + dt.timedelta(hours=late_hours), dt.timedelta(hours=window_hours)
    found = settle(daily, first, now, window)
    due = [first, *slots_of(daily, first, now - first)]
    opened = [found.opened] if found.opened else []
    assert [*found.missed, *opened] == due
    assert (found.opened is not None) == (now - due[-1] <= window)
    assert found.next == daily.next_after(now)


def test_a_slot_that_is_not_due_stays_the_next_one() -> None:
    first = FIVE.next_after(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    found = settle(FIVE, first, first - dt.timedelta(seconds=1), dt.timedelta(hours=24))
    assert (found.opened, found.missed, found.next) == (None, (), first)


@pytest.mark.parametrize(
    ("late", "trigger"), [(60, Trigger.SCHEDULE), (61, Trigger.CATCH_UP)], ids=["soon", "late"]
)
def test_a_slot_opened_more_than_a_minute_late_is_caught_up(late: int, trigger: Trigger) -> None:
    first = FIVE.next_after(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    now = first + dt.timedelta(seconds=late)
    assert settle(FIVE, first, now, dt.timedelta(hours=24)).trigger(now) is trigger


@pytest.mark.parametrize(
    ("text", "time"), [("05:00", dt.time(5)), ("5:07", dt.time(5, 7)), (" 23:59 ", dt.time(23, 59))]
)
def test_a_time_of_day_is_read(text: str, time: dt.time) -> None:
    assert parse_wall_time(text) == time


@pytest.mark.parametrize(
    "text", ["", "24:00", "5", "5:0", "05:60", "5:00pm", "-1:00", "٠٥:٠٠", "05:00:00"]
)
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidSchedule):
        parse_wall_time(text)


def test_a_zone_is_read() -> None:
    assert parse_zone("Asia/Tokyo") == TOKYO


@pytest.mark.parametrize("text", ["５:00", "0５:00", "05:0０", "０５：００", "05：00"])
def test_a_time_of_day_in_full_width_is_read(text: str) -> None:
    assert parse_wall_time(text) == dt.time(5)


@pytest.mark.parametrize(
    "text", ["", "JST", "Asia/Toky", "../etc/passwd", "asia/tokyo ", "localtime", "Factory"]
)
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(InvalidSchedule):
        parse_zone(text)
