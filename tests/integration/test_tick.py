"""The schedule at work on a real store: what opens, what is missed, what is tried again."""

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.models import Schedule, SyncRun
from meigara.db.url import database_url as parsed
from meigara.domain.retrying import DAILY_RETRIES
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import (
    JQuantsUnavailable,
    KeyRefused,
    MeigaraError,
    RunAlreadyActive,
    ScheduleChanged,
)
from meigara.services import queue, runs, schedules
from meigara.services.queue import RunRequest
from meigara.services.tick import Ticked, tick

TOKYO = ZoneInfo("Asia/Tokyo")
EVENING = dt.datetime(2026, 11, 20, 21, 0, tzinfo=TOKYO)
FIVE = dt.datetime(2026, 11, 21, 5, 0, tzinfo=TOKYO)
SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)
BEFORE_THE_LONG_DAY = dt.datetime(2026, 10, 30, 12, 0, tzinfo=dt.UTC)
AWAY = JQuantsUnavailable(reason="503", base_url="-")


class Offers:
    """Notes which runs are offered."""

    def __init__(self) -> None:
        self.made: list[int] = []

    async def dispatch(self, run_id: int) -> bool:
        """Note an offer."""
        self.made.append(run_id)
        return True


@pytest.fixture
def offers() -> Offers:
    """Give a place for offers."""
    return Offers()


@pytest.fixture
async def ticked(database: Database, offers: Offers) -> Database:
    """Give a store whose schedule has begun on the evening before."""
    await tick(database, offers, EVENING)
    return database


async def slots(database: Database) -> list[tuple[dt.datetime | None, str]]:
    """Return the rows of the schedule in the order of their slots, and how each stands."""
    query = sa.select(SyncRun).where(SyncRun.schedule_id.is_not(None))
    async with database.reading() as session:
        found = await session.scalars(query.order_by(SyncRun.scheduled_for))
        return [(run.scheduled_for, str(run.missed_reason or run.status)) for run in found]


async def get(database: Database, run_id: int) -> SyncRun:
    """Return a run."""
    async with database.reading() as session:
        return await runs.get_run(session, run_id)


async def claim(database: Database, run_id: int, now: dt.datetime) -> None:
    """Claim a run for "me"."""
    async with database.writing() as session:
        await runs.claim(session, run_id, "me", now)


async def finish(database: Database, run_id: int, now: dt.datetime) -> None:
    """End a run of "me" well."""
    async with database.writing() as session:
        await runs.finish(session, run_id, "me", RunStatus.SUCCEEDED, now)


async def fail(database: Database, run_id: int, error: MeigaraError, now: dt.datetime) -> SyncRun:
    """End a run of "me" badly; return it."""
    await runs.fail(database, run_id, "me", error, now, policy=DAILY_RETRIES)
    return await get(database, run_id)


async def open_slot(database: Database, offers: Offers, now: dt.datetime = FIVE) -> int:
    """Let the slot open, and claim its run."""
    found = await tick(database, offers, now)
    assert found.opened is not None
    await claim(database, found.opened, now)
    return found.opened


async def shorten_window(database: Database, minutes: int) -> None:
    """Let a slot be caught up for so long and no longer."""
    async with database.writing() as session:
        await session.execute(sa.update(Schedule).values(catch_up_minutes=minutes))


async def test_before_its_time_a_slot_stays_closed_and_at_its_time_it_opens_once(
    ticked: Database, offers: Offers
) -> None:
    assert await tick(ticked, offers, FIVE - SECOND) == Ticked()
    first = await tick(ticked, offers, FIVE)
    assert await tick(ticked, offers, FIVE + SECOND) == Ticked()
    assert first.opened is not None
    assert offers.made == [first.opened]
    assert (await get(ticked, first.opened)).trigger is Trigger.SCHEDULE


@pytest.mark.parametrize(
    ("late", "trigger"), [(60 * SECOND, Trigger.SCHEDULE), (61 * SECOND, Trigger.CATCH_UP)]
)
async def test_a_slot_opened_more_than_a_minute_late_is_caught_up(
    ticked: Database, offers: Offers, late: dt.timedelta, trigger: Trigger
) -> None:
    found = await tick(ticked, offers, FIVE + late)
    assert found.opened is not None
    assert (await get(ticked, found.opened)).trigger is trigger


async def test_after_an_outage_over_one_slot_that_slot_is_run_once(
    ticked: Database, offers: Offers
) -> None:
    run_id = await open_slot(ticked, offers, FIVE + 20 * HOUR)
    await finish(ticked, run_id, FIVE + 20 * HOUR)
    assert await tick(ticked, offers, FIVE + 21 * HOUR) == Ticked()
    assert await slots(ticked) == [(FIVE, "succeeded")]


async def test_slots_older_than_the_window_are_all_missed_and_the_next_one_opens(
    ticked: Database, offers: Offers
) -> None:
    await shorten_window(ticked, minutes=60)
    found = await tick(ticked, offers, FIVE + 2 * DAY + HOUR + SECOND)
    assert (found.opened, found.missed, offers.made) == (None, 3, [])
    assert {state for _slot, state in await slots(ticked)} == {"nobody_ran"}
    await tick(ticked, offers, FIVE + 3 * DAY)
    assert (await slots(ticked))[3:] == [(FIVE + 3 * DAY, "queued")]


@pytest.mark.parametrize(("late", "state"), [(DAY, "queued"), (DAY + SECOND, "nobody_ran")])
async def test_on_a_day_of_25_hours_a_slot_is_caught_up_for_24_of_them(
    database: Database, offers: Offers, late: dt.timedelta, state: str
) -> None:
    wanted = schedules.ScheduleEdit("02:30", "America/New_York")
    await schedules.edit(database, wanted, None, BEFORE_THE_LONG_DAY)
    shown = (await schedules.view(database, BEFORE_THE_LONG_DAY)).next_slots
    slot, following = (each.astimezone(dt.UTC) for each in shown[:2])
    assert following - slot == 25 * HOUR
    await tick(database, offers, slot + late)
    assert await slots(database) == [(slot, state)]


async def test_after_an_outage_the_newest_slot_is_caught_up_and_the_older_ones_are_missed(
    ticked: Database, offers: Offers
) -> None:
    found = await tick(ticked, offers, FIVE + 2 * DAY + HOUR)
    assert found.opened is not None
    assert (await get(ticked, found.opened)).trigger is Trigger.CATCH_UP
    assert await slots(ticked) == [
        (FIVE, "nobody_ran"),
        (FIVE + DAY, "nobody_ran"),
        (FIVE + 2 * DAY, "queued"),
    ]


async def test_a_clock_that_jumps_back_doubles_no_slot(ticked: Database, offers: Offers) -> None:
    await finish(ticked, await open_slot(ticked, offers), FIVE)
    await schedules.edit(
        ticked, schedules.ScheduleEdit(execution_time="06:00"), None, FIVE - 3 * HOUR
    )
    await schedules.edit(
        ticked, schedules.ScheduleEdit(execution_time="05:00"), None, FIVE - 2 * HOUR
    )
    await tick(ticked, offers, FIVE)
    assert await slots(ticked) == [(FIVE, "succeeded")]


async def test_eight_tickers_at_once_open_one_run(ticked: Database, migrated_url: str) -> None:
    stores = [Database(parsed(migrated_url)) for _ in range(8)]
    everyone = [Offers() for _ in stores]
    await asyncio.gather(*(tick(s, o, FIVE) for s, o in zip(stores, everyone, strict=True)))
    for store in stores:
        await store.close()
    assert await slots(ticked) == [(FIVE, "queued")]
    assert sum(len(each.made) for each in everyone) == 1


async def test_a_slot_that_falls_due_while_a_run_is_active_opens_when_that_has_ended(
    ticked: Database, offers: Offers
) -> None:
    request = RunRequest(Trigger.WEB)
    active = await queue.begin_run(ticked, request, "me", FIVE - SECOND)
    await tick(ticked, offers, FIVE)
    assert await slots(ticked) == []
    await finish(ticked, active, FIVE + 5 * SECOND)
    await tick(ticked, offers, FIVE + 6 * SECOND)
    assert await slots(ticked) == [(FIVE, "queued")]


async def test_an_edit_never_fires_a_slot_of_the_past_and_the_new_time_fires(
    ticked: Database, offers: Offers
) -> None:
    noon = FIVE + 7 * HOUR
    await schedules.edit(ticked, schedules.ScheduleEdit(execution_time="06:30"), None, noon)
    await tick(ticked, offers, noon + SECOND)
    assert await slots(ticked) == [(FIVE, "schedule_changed")]
    await tick(ticked, offers, FIVE + DAY + 1.5 * HOUR)
    assert (await slots(ticked))[1:] == [(FIVE + DAY + 1.5 * HOUR, "queued")]


async def test_resuming_never_fires_a_slot_of_the_pause(ticked: Database, offers: Offers) -> None:
    await schedules.edit(ticked, schedules.ScheduleEdit(is_enabled=False), None, EVENING)
    await tick(ticked, offers, FIVE + HOUR)
    resumed_at = FIVE + 2 * HOUR
    await schedules.edit(ticked, schedules.ScheduleEdit(is_enabled=True), None, resumed_at)
    await tick(ticked, offers, resumed_at + SECOND)
    assert await slots(ticked) == []
    await tick(ticked, offers, FIVE + DAY)
    assert await slots(ticked) == [(FIVE + DAY, "queued")]


async def test_pausing_leaves_no_silent_slot(ticked: Database, offers: Offers) -> None:
    await schedules.edit(ticked, schedules.ScheduleEdit(is_enabled=False), None, FIVE + HOUR)
    assert await tick(ticked, offers, FIVE + 2 * HOUR) == Ticked()
    assert await slots(ticked) == [(FIVE, "schedule_changed")]


async def test_an_edit_in_the_minute_of_a_slot_still_runs_it_once(
    ticked: Database, offers: Offers
) -> None:
    wanted = schedules.ScheduleEdit(execution_time="06:00")
    await schedules.edit(ticked, wanted, None, FIVE + 30 * SECOND)
    await tick(ticked, offers, FIVE + 31 * SECOND)
    assert await slots(ticked) == [(FIVE, "queued")]
    assert len(offers.made) == 1


async def test_an_edit_of_a_schedule_that_somebody_else_changed_is_refused(
    database: Database,
) -> None:
    wanted = schedules.ScheduleEdit(execution_time="06:00", revision=1)
    await schedules.edit(database, wanted, "one", EVENING)
    with pytest.raises(ScheduleChanged):
        await schedules.edit(
            database, schedules.ScheduleEdit(is_enabled=False, revision=1), "two", EVENING
        )


async def test_an_edit_that_changes_nothing_is_no_edit(database: Database) -> None:
    await schedules.edit(database, schedules.ScheduleEdit(execution_time="05:00"), "me", EVENING)
    assert (await schedules.view(database, EVENING)).schedule.revision == 1


async def test_a_run_whose_worker_died_is_taken_over_at_once_three_times_and_no_more(
    ticked: Database, offers: Offers
) -> None:
    now = FIVE
    run_id = await open_slot(ticked, offers, now)
    for attempt in (2, 3, 4):
        now += runs.LEASE + SECOND
        await tick(ticked, offers, now)
        run = await get(ticked, run_id)
        assert (run.status, run.attempt) == (RunStatus.QUEUED, attempt)
        await claim(ticked, run_id, now)
    await tick(ticked, offers, now + runs.LEASE + SECOND)
    assert await slots(ticked) == [(FIVE, "abandoned")]


async def test_a_run_of_a_command_line_that_died_is_not_taken_over(
    ticked: Database, offers: Offers
) -> None:
    run_id = await queue.begin_run(ticked, RunRequest(Trigger.CLI), "me", EVENING)
    await tick(ticked, offers, EVENING + runs.LEASE + SECOND)
    run = await get(ticked, run_id)
    assert (run.status, run.retry_at) == (RunStatus.ABANDONED, None)


async def test_a_run_that_was_to_be_cancelled_is_not_taken_over(
    ticked: Database, offers: Offers
) -> None:
    run_id = await open_slot(ticked, offers)
    await runs.request_cancel(ticked, run_id, None, FIVE)
    await tick(ticked, offers, FIVE + runs.LEASE + SECOND)
    run = await get(ticked, run_id)
    assert (run.status, run.retry_at) == (RunStatus.ABANDONED, None)


async def test_a_run_whose_lease_was_renewed_is_not_taken_over(
    ticked: Database, offers: Offers
) -> None:
    run_id = await open_slot(ticked, offers)
    async with ticked.writing() as session:
        await runs.renew(session, run_id, "me", FIVE + 20 * SECOND)
    assert await tick(ticked, offers, FIVE + runs.LEASE + SECOND) == Ticked()
    assert await slots(ticked) == [(FIVE, "running")]


async def test_a_scheduled_run_that_failed_for_a_passing_reason_is_tried_again_on_the_same_row(
    ticked: Database, offers: Offers
) -> None:
    run_id = await open_slot(ticked, offers)
    failed = await fail(ticked, run_id, AWAY, FIVE)
    assert failed.retry_at == FIVE + dt.timedelta(minutes=5)
    await tick(ticked, offers, FIVE + dt.timedelta(minutes=4))
    assert await slots(ticked) == [(FIVE, "failed")]
    await tick(ticked, offers, FIVE + dt.timedelta(minutes=5))
    again = await get(ticked, run_id)
    assert (again.status, again.attempt) == (RunStatus.QUEUED, 2)


async def test_a_refused_key_is_final(ticked: Database, offers: Offers) -> None:
    run_id = await open_slot(ticked, offers)
    assert (await fail(ticked, run_id, KeyRefused(reason="-"), FIVE)).retry_at is None


async def test_a_run_that_a_person_started_is_not_tried_again(ticked: Database) -> None:
    run_id = await queue.begin_run(ticked, RunRequest(Trigger.WEB), "me", EVENING)
    assert (await fail(ticked, run_id, AWAY, EVENING)).retry_at is None


async def test_a_try_that_a_later_success_made_needless_is_dropped(
    ticked: Database, offers: Offers
) -> None:
    failed = await open_slot(ticked, offers)
    await fail(ticked, failed, AWAY, FIVE)
    by_hand = await queue.begin_run(ticked, RunRequest(Trigger.WEB), "me", FIVE + SECOND)
    await finish(ticked, by_hand, FIVE + 2 * SECOND)
    await tick(ticked, offers, FIVE + HOUR)
    run = await get(ticked, failed)
    assert (run.status, run.retry_at) == (RunStatus.FAILED, None)


async def test_a_run_whose_offer_was_lost_is_offered_again_and_not_before_its_time(
    ticked: Database, offers: Offers
) -> None:
    await tick(ticked, offers, FIVE)
    await tick(ticked, offers, FIVE + queue.PATIENCE)
    assert len(offers.made) == 1
    await tick(ticked, offers, FIVE + queue.PATIENCE + SECOND)
    assert len(offers.made) == 2


async def test_fifty_starts_at_once_are_one_run(database: Database) -> None:
    request = RunRequest(Trigger.API)
    started = await asyncio.gather(
        *(queue.start_run(database, request, EVENING) for _ in range(50))
    )
    assert len({run.id for run, _ in started}) == 1
    assert sum(is_new for _, is_new in started) == 1
    await assert_no_number_was_wasted(database)


async def test_fifty_who_begin_and_fifty_who_start_at_once_use_one_number(
    ticked: Database, offers: Offers
) -> None:
    request = RunRequest(Trigger.API)
    beginnings = [queue.begin_run(ticked, request, f"me {n}", FIVE) for n in range(50)]
    starts = [queue.start_run(ticked, request, FIVE) for _ in range(50)]
    ticks = [tick(ticked, offers, FIVE) for _ in range(5)]
    found = await asyncio.gather(*beginnings, *starts, *ticks, return_exceptions=True)
    allowed = (int, tuple, Ticked, RunAlreadyActive)
    assert [each for each in found if not isinstance(each, allowed)] == []
    async with ticked.reading() as session:
        active = await queue.active_run(session)
    assert active is not None
    await assert_no_number_was_wasted(ticked)


async def assert_no_number_was_wasted(database: Database) -> None:
    """End the run that is active, and see that the next one has the next number."""
    async with database.writing() as session:
        active = await queue.active_run(session)
        assert active is not None
        active.status, active.finished_at, active.retry_at = RunStatus.CANCELLED, EVENING, None
    new, is_new = await queue.start_run(database, RunRequest(Trigger.WEB), EVENING)
    assert is_new
    assert new.id == active.id + 1


async def test_the_command_line_takes_a_queued_run_and_no_running_one(database: Database) -> None:
    queued, _ = await queue.start_run(database, RunRequest(Trigger.API), EVENING)
    request = RunRequest(Trigger.CLI)
    assert await queue.begin_run(database, request, "me", EVENING) == queued.id
    with pytest.raises(RunAlreadyActive):
        await queue.begin_run(database, request, "other", EVENING)


async def test_a_run_that_is_given_back_is_queued_and_one_to_be_cancelled_ends(
    database: Database,
) -> None:
    run_id = await queue.begin_run(database, RunRequest(Trigger.WEB), "me", EVENING)
    await runs.give_back(database, run_id, "me", EVENING)
    assert (await get(database, run_id)).status is RunStatus.QUEUED
    await claim(database, run_id, EVENING)
    await runs.request_cancel(database, run_id, None, EVENING)
    await runs.give_back(database, run_id, "me", EVENING)
    assert (await get(database, run_id)).status is RunStatus.CANCELLED
