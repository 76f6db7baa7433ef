"""Ctrl-C, a cancel, and what the next sync meets."""

import signal
import time

import pytest

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.servers import run_meigara, spawned_meigara
from tests.waiting import until


@pytest.mark.parametrize("moment", [0.15, 0.25, 0.4, 0.5, 0.6, 0.9])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sync_stopped_at_any_moment_leaves_a_list_and_a_next_sync_that_work(
    sqlite_shell: Shell, simulator: RunningSimulator, moment: float, number: signal.Signals
) -> None:
    with spawned_meigara("sync", env=sqlite_shell.env) as process:
        time.sleep(moment)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert process.returncode in (0, 130, -number)
    assert "Traceback" not in errors
    result = sqlite_shell.json("sync", "--json")
    assert result["status"] == "succeeded"
    sqlite_shell("db", "check")


def test_ctrl_c_while_the_source_is_silent_ends_the_run_at_once(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("hang")
    with spawned_meigara("sync", env=sqlite_shell.env) as process:
        until(lambda: bool(simulator.requests))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "The list is whole" in errors
    assert sqlite_shell.json("runs", "--json")[0]["status"] == "cancelled"
    simulator.set_faults()
    assert sqlite_shell.json("sync", "--json")["status"] == "succeeded"


def test_a_run_is_cancelled_from_another_shell_within_ten_seconds(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("hang")
    with spawned_meigara("sync", env=sqlite_shell.env) as process:
        until(lambda: bool(simulator.requests))
        sqlite_shell("runs", "cancel", "1")
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Run 1 was cancelled" in errors
    sqlite_shell("runs", "cancel", "1", code=4)


def test_a_second_sync_beside_a_running_one_is_refused_and_names_it(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("hang")
    with spawned_meigara("sync", env=sqlite_shell.env):
        until(lambda: bool(simulator.requests))
        second = sqlite_shell("sync", code=4)
    assert "Run 1 is already active" in second.stderr


@pytest.mark.waits(31)
def test_after_a_kill_the_next_sync_works_once_the_lease_has_lapsed(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("hang")
    with spawned_meigara("sync", env=sqlite_shell.env) as process:
        until(lambda: bool(simulator.requests))
        process.kill()
    simulator.set_faults()
    sqlite_shell("sync", code=4)
    until(lambda: _succeeds(sqlite_shell), seconds=45)
    assert [run["status"] for run in sqlite_shell.json("runs", "--json")] == [
        "succeeded",
        "abandoned",
    ]


def _succeeds(shell: Shell) -> bool:
    time.sleep(2)
    return run_meigara("sync", env=shell.env).returncode == 0
