"""Notices on their way to a receiver on a socket, with retries and a server that is killed."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, execute, serving
from tests.waiting import until

SECRET = "canary-hook-9d41c7"  # noqa: S105 - made up, to be looked for
LATE = "2020-01-01 00:00:00.000000"


class Receiver(ThreadingHTTPServer):
    """A webhook that keeps what it is sent; it may refuse, or be slow to answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.taken: list[dict[str, Any]] = []
        self.tries = 0
        self.refusals = 0
        self.delay = 0.0
        self.url = f"json://user:{SECRET}@127.0.0.1:{self.server_port}/hook"

    def was_tried(self, times: int) -> bool:
        """Say whether so many messages came, refused or not."""
        return self.tries == times

    def titles(self) -> list[str]:
        """Return what the messages were headed."""
        return [message["title"] for message in self.taken]


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        receiver = self.server
        receiver.tries += 1
        if receiver.refusals:
            receiver.refusals -= 1
            self.send_response(503)
        else:
            receiver.taken.append(message)
            time.sleep(receiver.delay)
            self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listen on a free port."""
    with Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        yield receiver
        receiver.shutdown()


@pytest.fixture
def told_shell(synced_shell: Shell, simulator: RunningSimulator) -> Shell:
    """Give a shell on a store with a list, beside a source without a limit of calls."""
    synced_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"
    return synced_shell


def add_target(server: Serving, url: str, **fields: Any) -> None:
    """Add a target at the page."""
    form = {"name": "hook", "url": url, "events": ["failed", "held", "recovered", "changes"]}
    answer = server.client.post("/notices", data=form | fields)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/notices"), answer.text


@contextmanager
def killed_after(shell: Shell) -> Iterator[Serving]:
    """Serve, and kill the server at the end."""
    with serving(shell) as server:
        yield server
        server.process.kill()
        server.process.wait()


def test_a_trial_arrives_and_the_address_is_shown_nowhere(
    told_shell: Shell, receiver: Receiver, tmp_path: Path
) -> None:
    with serving(told_shell) as server:
        add_target(server, receiver.url)
        page = server.client.post("/notices/1/trial").text
        assert "hook へのテスト通知を送りました" in page
        assert receiver.titles() == ["Meigara: テスト"]
        receiver.refusals = 1
        assert "受け付けられませんでした" in server.client.post("/notices/1/trial").text
        said = [page, server.client.get("/notices").text, server.client.get("/audit").text]
        server.terminate()
        said += [server.process.stderr.read()]
    told_shell("backup", str(tmp_path / "backup.db"))
    assert not any(SECRET in text for text in said)
    database = Path(told_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///"))
    for file in (*database.parent.iterdir(), tmp_path / "backup.db"):
        assert SECRET.encode() not in file.read_bytes()
    told_shell("secrets", "rotate")
    with serving(told_shell) as server:
        server.client.post("/notices/1/trial")
    assert len(receiver.taken) == 2


def test_a_failure_and_the_recovery_are_told_once_each(
    told_shell: Shell, receiver: Receiver, simulator: RunningSimulator
) -> None:
    with serving(told_shell) as server:
        add_target(server, receiver.url)
        simulator.set_faults("wrong-key")
        server.await_status(server.start(), "failed")
        until(lambda: len(receiver.taken) == 1)
        simulator.set_faults()
        server.await_status(server.start(), "succeeded")
        until(lambda: len(receiver.taken) == 2)
        server.await_status(server.start(), "succeeded")
        time.sleep(2)
        assert receiver.titles() == [
            "Meigara: 同期に失敗しました (実行 2)",
            "Meigara: 同期が回復しました (実行 3)",
        ]
        assert "送信済み" in server.client.get("/notices").text


def test_the_command_line_tells_as_well(
    told_shell: Shell, receiver: Receiver, simulator: RunningSimulator
) -> None:
    with serving(told_shell) as server:
        add_target(server, receiver.url)
    simulator.set_faults("wrong-key")
    told_shell("sync", code=5)
    assert len(receiver.taken) == 1


def test_a_message_that_is_refused_is_tried_again_and_told_once(
    told_shell: Shell, receiver: Receiver, simulator: RunningSimulator
) -> None:
    receiver.refusals = 2
    with serving(told_shell) as server:
        add_target(server, receiver.url)
        simulator.set_faults("wrong-key")
        server.start()
        for tries in (1, 2):
            until(partial(receiver.was_tried, tries))
            until(lambda: execute(told_shell, "SELECT status FROM notice")[0][0] == "waiting")
            assert "次の試行" in server.client.get("/notices").text
            execute(told_shell, "UPDATE notice SET next_try_at = ?", LATE)
        until(lambda: len(receiver.taken) == 1)
        time.sleep(2)
    assert (receiver.tries, len(receiver.taken)) == (3, 1)


def test_a_message_on_its_way_when_the_server_is_killed_is_not_sent_twice(
    told_shell: Shell, receiver: Receiver, simulator: RunningSimulator
) -> None:
    receiver.delay = 30
    simulator.set_faults("wrong-key")
    with killed_after(told_shell) as server:
        add_target(server, receiver.url)
        server.start()
        until(lambda: len(receiver.taken) == 1)
    receiver.delay = 0
    execute(told_shell, "UPDATE notice SET sending_since = ?", LATE)
    with serving(told_shell) as server:
        until(lambda: "届いたか不明" in server.client.get("/notices").text)
        time.sleep(2)
        assert len(receiver.taken) == 1
        server.client.post("/notices/messages/1/again")  # a person may decide otherwise
        until(lambda: len(receiver.taken) == 2)


def test_each_event_is_told_once_however_often_the_server_is_killed(
    told_shell: Shell, receiver: Receiver, simulator: RunningSimulator
) -> None:
    simulator.set_faults("wrong-key")
    receiver.refusals = 3
    rounds = 8
    for number in range(rounds):
        with killed_after(told_shell) as server:
            if number == 0:
                add_target(server, receiver.url)
            server.start()
            time.sleep(random.uniform(0, 1.6))
    execute(told_shell, "UPDATE sync_run SET lease_expires_at = ? WHERE status = 'running'", LATE)
    with serving(told_shell) as server:
        until(lambda: not server.get("/api/v1/status")["active_run"], 60)
        until(lambda: not execute(told_shell, "SELECT 1 FROM sync_run WHERE told_at IS NULL"))
        execute(told_shell, "UPDATE notice SET next_try_at = ? WHERE status = 'waiting'", LATE)
        late = "UPDATE notice SET sending_since = ? WHERE status = 'sending'"
        execute(told_shell, late, LATE)
        open_ = "SELECT 1 FROM notice WHERE status IN ('waiting', 'sending')"
        until(lambda: not execute(told_shell, open_), 60)
    counts = Counter(receiver.titles())
    assert set(counts.values()) == {1}
    states = dict(execute(told_shell, "SELECT status, count(*) FROM notice GROUP BY status"))
    events = sum(states.values())
    assert (
        events == execute(told_shell, "SELECT count(*) FROM sync_run WHERE error IS NOT NULL")[0][0]
    )
    assert events - states.get("uncertain", 0) <= len(receiver.taken) <= events


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "hello"}, "この宛先には通知を送れません"),
        ({"codes": "7203 toyota"}, "toyota"),
        ({"name": " "}, "名前に使えません"),
    ],
)
def test_a_target_that_cannot_be_one_is_refused_and_what_was_typed_is_kept(
    told_shell: Shell, receiver: Receiver, fields: dict[str, str], said: str
) -> None:
    with serving(told_shell) as server:
        form: dict[str, Any] = {
            "name": "夜勤",
            "url": receiver.url,
            "events": ["held"],
            "codes": "72030",
        } | fields
        answer = server.client.post("/notices", data=form)
        assert answer.status_code == 422
        assert said in answer.text
        assert form["name"] in answer.text
        assert SECRET not in answer.text
        add_target(server, receiver.url)
        doubled = server.client.post(
            "/notices", data=form | {"name": "hook", "url": receiver.url, "codes": ""}
        )
        assert doubled.status_code == 409
        assert server.client.get("/notices/1/remove").status_code == 200
        assert server.client.post("/notices/1/remove").status_code == 303
        assert server.client.post("/notices/1/trial").status_code == 404
