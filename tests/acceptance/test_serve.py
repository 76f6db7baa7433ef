"""`meigara serve`: one process that keeps the day, and what becomes of it when it dies."""

import datetime as dt
import json
import os
import re
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig
from meigara.web.promptness import LONGEST_START_SECONDS
from tests.acceptance.conftest import TODAY, Shell
from tests.acceptance.serving import (
    Serving,
    execute,
    now,
    serving,
    set_next_slot,
)
from tests.servers import spawned_meigara
from tests.waiting import until


def test_an_empty_list_is_filled_at_once_when_asked_and_a_full_one_is_left_alone(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    for _ in range(2):
        with serving(sqlite_shell, "--fill") as server:
            run = server.await_status(1, "succeeded")
            assert server.terminate() == 0
        assert run["trigger"] == "cli"
    assert execute(sqlite_shell, "SELECT count(*) FROM sync_run") == [(1,)]


def test_without_a_key_an_invented_market_fills_the_list_and_every_page_says_so(
    sqlite_shell: Shell,
) -> None:
    del sqlite_shell.env["MEIGARA_JQUANTS_API_KEY"]
    with serving(sqlite_shell, "--fill") as server:
        run = server.await_status(2, "succeeded")
        pages = [server.client.get(path).text for path in ("/", "/issues", "/runs", "/runs/2")]
        assert server.terminate() == 0
    assert run["listed"]
    assert run["changed"]
    assert all("この市場は架空" in page for page in pages)
    assert [file.name for file in Path(os.environ["HOME"]).rglob("*.db")] == ["demo.db"]


def test_where_the_data_is_is_said_and_an_invented_list_of_today_is_not_fetched_again(
    sqlite_shell: Shell, tmp_path: Path
) -> None:
    del sqlite_shell.env["MEIGARA_JQUANTS_API_KEY"]
    sqlite_shell.env |= {"HOME": str(tmp_path), "XDG_DATA_HOME": "", "MEIGARA_LANGUAGE": "en"}
    for _ in range(2):
        with serving(sqlite_shell, "--fill") as server:
            server.await_status(2, "succeeded")
            assert len(server.get("/api/v1/runs")["runs"]) == 2
            assert server.terminate() == 0
            assert server.process.stdout
            said = server.process.stdout.read()
        assert f"Data: {next(tmp_path.rglob('demo.db'))}\n" in said


def test_a_demo_that_an_earlier_version_left_begins_anew(
    sqlite_shell: Shell, tmp_path: Path
) -> None:
    del sqlite_shell.env["MEIGARA_JQUANTS_API_KEY"]
    sqlite_shell.env |= {"HOME": str(tmp_path), "XDG_DATA_HOME": ""}
    with serving(sqlite_shell, "--fill") as server:
        server.await_status(2, "succeeded")
        assert server.terminate() == 0
    with closing(sqlite3.connect(next(tmp_path.rglob("demo.db")))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0006'")
    with serving(sqlite_shell, "--fill") as server:
        server.await_status(2, "succeeded")


def test_a_run_that_is_started_is_carried_out_and_told_as_a_task(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    with serving(migrated_shell) as server:
        answer = server.client.post("/api/v1/runs")
        assert answer.status_code == 202
        assert answer.headers["location"] == "/api/v1/runs/1"
        run = server.await_status(1, "succeeded")
        task = server.get("/sync/task/1")
        assert server.terminate() == 0
    assert run["total"] == run["listed"] > 4000
    assert task["state"] == "SUCCESS"
    assert (task["current"], task["total"]) == (100, 100)
    assert task["result"]["total"] == run["total"]
    assert re.match(r"同期しました: [\d,]+ 件", task["status"])


def test_whoever_sends_a_start_slowly_is_not_told_that_the_database_is_slow(
    migrated_shell: Shell,
) -> None:
    body = json.dumps({"as_of": "2025-07-10"}).encode()
    head = (
        "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with serving(migrated_shell) as server:
        port = server.client.base_url.port
        with socket.create_connection(("127.0.0.1", port or 0), timeout=20) as connection:
            connection.sendall(head.encode() + body[:1])
            time.sleep(LONGEST_START_SECONDS + 0.5)  # the wait is the subject
            connection.sendall(body[1:])
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 202")


def test_a_failed_run_is_tried_again_over_http_and_one_that_published_is_not(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("500")
    with serving(migrated_shell) as server:
        server.await_status(server.start(), "failed")
        simulator.set_faults()
        answer = server.client.post("/api/v1/runs/1/retry")
        assert (answer.status_code, answer.headers["location"]) == (202, "/api/v1/runs/2")
        server.await_status(2, "succeeded")
        assert_is_problem(server.client.post("/api/v1/runs/2/retry"), 409, "RunNotHeld")


def test_fifty_people_who_press_at_once_get_the_same_run(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("hang")
    with serving(migrated_shell) as server, ThreadPoolExecutor(50) as people:
        answers = list(people.map(lambda _: server.client.post("/api/v1/runs"), range(50)))
        assert {answer.json()["id"] for answer in answers} == {1}
        assert sorted(answer.status_code for answer in answers) == [200] * 49 + [202]
    assert execute(migrated_shell, "SELECT count(*) FROM sync_run") == [(1,)]


def test_fifty_people_at_two_servers_get_the_same_run_and_use_one_number(
    shell: Shell, market: Market
) -> None:
    simulator = shell.connect(SimulatorConfig(market=market, today=TODAY))
    simulator.set_faults("hang")
    with serving(shell) as one, serving(shell) as other, ThreadPoolExecutor(50) as people:
        servers = [one, other] * 25
        answers = list(people.map(lambda server: server.client.post("/api/v1/runs"), servers))
        assert {answer.json()["id"] for answer in answers} == {1}
        assert sorted(answer.status_code for answer in answers) == [200] * 49 + [202]
        one.client.post("/api/v1/runs/1/cancel").raise_for_status()
        one.await_status(1, "cancelled")
        assert other.start() == 2


def test_a_running_sync_is_cancelled_within_ten_seconds_and_the_list_is_unchanged(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    before = synced_shell.content_of_list()
    simulator.set_faults("hang")
    with serving(synced_shell) as server:
        run_id = server.start()
        server.await_status(run_id, "running")
        answer = server.client.post(f"/api/v1/runs/{run_id}/cancel")
        assert answer.status_code == 200
        assert answer.elapsed < dt.timedelta(seconds=2)
        server.await_status(run_id, "cancelled", seconds=10)
        task = server.get(f"/sync/task/{run_id}")
        again = server.client.post(f"/api/v1/runs/{run_id}/cancel")
    assert task["state"] == "FAILURE"
    assert task["error"]
    assert again.status_code == 409
    assert synced_shell.content_of_list() == before


def test_a_server_that_is_asked_to_end_gives_its_run_back_to_the_next_one(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("hang")
    with serving(synced_shell) as server:
        run_id = server.start()
        until(lambda: bool(simulator.requests))
        assert server.terminate() == 0
        assert "Traceback" not in server.process.stderr.read()
    assert execute(synced_shell, "SELECT status FROM sync_run WHERE id = ?", run_id) == [
        ("queued",)
    ]
    simulator.set_faults()
    with serving(synced_shell) as server:
        assert server.await_status(run_id, "succeeded")["attempt"] == 1


@pytest.mark.waits(31)
def test_a_run_whose_server_was_killed_is_taken_over_within_45_seconds(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    before = synced_shell.content_of_list()
    simulator.set_faults("hang")
    with serving(synced_shell) as server:
        run_id = server.start()
        until(lambda: bool(simulator.requests))
        server.process.kill()
        server.process.wait()
    assert synced_shell.content_of_list() == before
    simulator.set_faults()
    with serving(synced_shell) as server:
        assert server.await_status(run_id, "succeeded", seconds=45)["attempt"] == 2
    assert synced_shell.content_of_list() == before


def test_a_scheduled_run_that_fails_for_a_passing_reason_is_tried_again_and_says_when(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("503-html")
    pause = {"MEIGARA_SCHEDULE_RETRY_PAUSE": "2"}
    with serving(migrated_shell, **pause) as server:
        set_next_slot(migrated_shell, now())
        until(lambda: bool(execute(migrated_shell, "SELECT 1 FROM sync_run")))
        failed = server.await_status(1, "failed")
        task = server.get("/sync/task/1")
        simulator.set_faults()
        done = server.await_status(1, "succeeded")
    assert failed["attempt"] == 1
    assert failed["retry_at"] is not None
    assert re.search(r"再試行 1/3、\d\d:\d\d", task["error"])
    assert "503" in task["error"]
    assert (done["attempt"], done["retry_at"], done["error"]) == (2, None, None)


def test_a_refused_key_fails_a_scheduled_run_for_good(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("wrong-key")
    with serving(migrated_shell) as server:
        set_next_slot(migrated_shell, now())
        until(lambda: bool(execute(migrated_shell, "SELECT 1 FROM sync_run")))
        run = server.await_status(1, "failed")
    assert run["retry_at"] is None
    assert run["error"]["kind"] == "KeyRefused"


def test_without_a_key_the_server_runs_and_the_run_says_what_is_missing(
    migrated_shell: Shell,
) -> None:
    with serving(migrated_shell, MEIGARA_JQUANTS_API_KEY="") as server:
        run = server.await_status(server.start(), "failed")
    assert run["error"]["kind"] == "MissingKey"


def test_a_schedule_is_changed_by_body_or_by_query_and_answers_with_its_next_slots(
    migrated_shell: Shell,
) -> None:
    with serving(migrated_shell) as server:
        path = "/api/v1/companies/schedule"
        by_query = server.client.put(path, params={"execution_time": "06:30"}).json()
        by_body = server.client.put(
            path, json={"execution_time": "17:45", "timezone": "America/New_York"}
        ).json()
        paused = server.client.put(path, json={"is_enabled": False}).json()
        outdated = server.client.put(path, json={"is_enabled": True, "revision": 1})
        wrong = server.client.put(path, json={"execution_time": "25:00"})
        empty = server.client.put(path, json={"execution_time": ""})
        unknown = server.client.put(path, json={"time": "05:00"})
    assert (by_query["status"], by_query["execution_time"]) == ("enabled", "06:30")
    assert len(by_query["next_slots"]) == 5
    assert all("T06:30:00+09:00" in slot for slot in by_query["next_slots"])
    assert (by_body["execution_time"], by_body["timezone"]) == ("17:45", "America/New_York")
    assert (paused["status"], paused["next_slots"]) == ("paused", [])
    assert_is_problem(outdated, 409, "ScheduleChanged")
    assert_is_problem(wrong, 422, "InvalidSchedule")
    assert_is_problem(empty, 422, "InvalidSchedule")
    assert_is_problem(unknown, 422, "InvalidInput")


def assert_is_problem(answer: httpx.Response, status: int, kind: str) -> None:
    """Insist on an answer that says what happened."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == kind
    assert answer.json()["detail"]


@pytest.mark.parametrize("task_id", ["99", "x", "9" * 30, "-1"])
def test_an_unknown_task_is_not_pending_for_ever_but_unknown(
    migrated_shell: Shell, task_id: str
) -> None:
    with serving(migrated_shell) as server:
        assert_is_problem(server.client.get(f"/sync/task/{task_id}"), 404, "RunNotFound")


def test_the_command_line_starts_and_cancels_runs_of_the_server(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("hang")
    with serving(migrated_shell) as server:
        migrated_shell("runs", "start")
        server.await_status(1, "running")
        assert migrated_shell.json("runs", "start", "--json")["run_id"] == 1
        migrated_shell("sync", code=4)
        migrated_shell("runs", "cancel", "1")
        server.await_status(1, "cancelled", seconds=10)


def test_a_server_is_well_and_small_while_it_is_idle(migrated_shell: Shell) -> None:
    with serving(migrated_shell) as server:
        assert server.get("/healthz")["status"] == "ok"
        assert resident_megabytes(server) < 150


def resident_megabytes(server: Serving) -> float:
    """Return the memory of the process that is in use."""
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def test_a_port_in_use_ends_the_second_server_with_a_sentence(migrated_shell: Shell) -> None:
    with serving(migrated_shell) as server:
        port = str(server.client.base_url.port)
        result = migrated_shell("serve", "--port", port, code=2)
    assert f"port {port}" in result.stderr


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"MEIGARA_MODE": "distributed"}, "MEIGARA_REDIS_URL"),
        (
            {"MEIGARA_MODE": "distributed", "MEIGARA_REDIS_URL": "redis://127.0.0.1:1/0"},
            "MEIGARA_DATABASE_URL",
        ),
        ({"MEIGARA_MODE": "cluster"}, "MEIGARA_MODE"),
    ],
)
def test_a_mode_that_lacks_something_ends_the_server_with_a_sentence(
    migrated_shell: Shell, settings: dict[str, str], named: str
) -> None:
    with spawned_meigara("serve", "--port", "0", env=migrated_shell.env | settings) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert named in errors
    assert "Traceback" not in errors


def test_a_list_that_has_not_changed_for_days_is_told_in_the_head_line(synced_shell: Shell) -> None:
    unchanged = '[{"kind": "unchanged", "details": {"days": 7}}]'
    execute(synced_shell, "UPDATE sync_run SET warnings = ?", unchanged)
    with serving(synced_shell) as server:
        page = server.client.get("/").text
    head = page.partition('id="head-line"')[2].partition("</p>")[0]
    assert "7 営業日" in head
    assert page.count("7 営業日") == 1
