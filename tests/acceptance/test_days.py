"""The days of `meigara serve`: each slot is run once, in time, or told as missed."""

import datetime as dt

import pytest

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import (
    assert_an_edit_fires_in_time,
    execute,
    now,
    serving,
    set_next_slot,
)
from tests.waiting import until


def test_a_slot_fires_within_two_seconds_and_once(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    with serving(migrated_shell) as server:
        slot = now() + dt.timedelta(seconds=2)
        set_next_slot(migrated_shell, slot)
        until(lambda: server.get("/api/v1/companies/schedule")["last_run"] is not None)
        run = server.await_status(1, "succeeded")
        schedule = server.get("/api/v1/companies/schedule")
    assert run["trigger"] == "schedule"
    assert dt.datetime.fromisoformat(run["scheduled_for"]) == slot
    late = dt.datetime.fromisoformat(run["queued_at"]) - slot
    assert dt.timedelta() <= late <= dt.timedelta(seconds=2)
    following = dt.datetime.fromisoformat(schedule["next_run_at"])
    assert following == slot + dt.timedelta(days=1)


@pytest.mark.waits(40)
def test_an_edited_time_fires_within_five_seconds_of_being_due_and_a_past_one_never(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    with serving(migrated_shell) as server:
        assert_an_edit_fires_in_time(server.client)
    assert [status for _, status, _, _ in synced_runs(migrated_shell)] == ["succeeded"]


@pytest.mark.parametrize("slots_missed", [1, 3])
def test_after_an_outage_the_newest_slot_is_caught_up_once_and_the_others_are_told_as_missed(
    migrated_shell: Shell, simulator: RunningSimulator, slots_missed: int
) -> None:
    newest = now() - dt.timedelta(hours=2)
    set_next_slot(migrated_shell, newest - dt.timedelta(days=slots_missed - 1))
    with serving(migrated_shell):
        until(lambda: bool(execute(migrated_shell, "SELECT 1 FROM roster")))
    runs = synced_runs(migrated_shell)
    assert runs.pop() == ("catch_up", "succeeded", None, newest)
    assert runs == [
        ("schedule", "missed", "nobody_ran", newest - dt.timedelta(days=days))
        for days in range(slots_missed - 1, 0, -1)
    ]


def synced_runs(shell: Shell) -> list[tuple[str, str, str | None, dt.datetime]]:
    """Return the runs of the schedule in the order of their slots."""
    rows = execute(
        shell,
        "SELECT trigger, status, missed_reason, scheduled_for FROM sync_run"
        " WHERE schedule_id IS NOT NULL ORDER BY scheduled_for",
    )
    return [
        (trigger, status, reason, dt.datetime.fromisoformat(slot).replace(tzinfo=dt.UTC))
        for trigger, status, reason, slot in rows
    ]
