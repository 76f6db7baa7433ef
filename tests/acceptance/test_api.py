"""The JSON API as a program uses it: parts, cursors, tags, and what cannot be read."""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving


@pytest.fixture
def served(synced_shell: Shell) -> Iterator[Serving]:
    """Serve a store that holds one list."""
    with serving(synced_shell) as server:
        yield server


def followed(server: Serving, path: str, key: str, **asked: Any) -> list[Any]:
    """Return everything that a list gives, part by part."""
    found: list[Any] = []
    while True:
        answer = server.client.get(path, params=asked).raise_for_status().json()
        found += answer[key]
        if not answer.get("has_more", answer["next_cursor"]):
            return found
        asked["cursor"] = answer["next_cursor"]


def test_the_parts_of_a_list_make_the_whole_list_once_each(
    served: Serving, synced_shell: Shell
) -> None:
    parts = followed(served, "/api/v1/issues", "issues", limit=999)
    whole = served.get("/api/v1/issues?limit=10000")
    assert parts == whole["issues"] == synced_shell.listed()
    assert whole["total"] == len(parts)
    assert whole["next_cursor"] is None


def test_filters_fields_and_days_are_those_of_the_command_line(
    served: Serving, synced_shell: Shell
) -> None:
    found = served.get("/api/v1/issues?market=プライム&companies=true&q=電機&limit=10000")
    wanted = synced_shell.listed("--market", "0111", "--companies", "--search", "電機")
    assert found["issues"] == wanted
    assert wanted
    names = served.get("/api/v1/issues?fields=code,name&limit=1")["issues"]
    assert [*names[0]] == ["code", "name"]


def test_a_list_that_is_known_is_not_sent_again_until_another_one_is_published(
    served: Serving, simulator: RunningSimulator
) -> None:
    for path in ("/api/v1/issues?limit=5", "/api/v1/issues/13010", "/api/v1/changes"):
        first = served.client.get(path)
        known = {"If-None-Match": first.headers["etag"]}
        assert served.client.get(path, headers=known).status_code == 304
    served.await_status(served.start(), "succeeded")
    assert served.client.get(path, headers=known).status_code == 200


def test_whoever_follows_the_changes_gets_each_one_once_over_several_syncs(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    with serving(migrated_shell) as server:
        cursor, followed_changes = "", []
        for day in ("2026-11-09", "2026-11-11", "2026-11-13", "2026-11-18"):
            simulator.set_today(dt.date.fromisoformat(day))
            server.await_status(server.start(), "succeeded")
            answer = server.get(f"/api/v1/changes?limit=10000&cursor={cursor}")
            followed_changes += answer["changes"]
            cursor = answer["next_cursor"]
        assert server.get(f"/api/v1/changes?cursor={cursor}")["changes"] == []
        assert followed(server, "/api/v1/changes", "changes", limit=3) == followed_changes
    ids = [each["id"] for each in followed_changes]
    assert ids == sorted(set(ids))
    assert len(ids) > 5
    told = migrated_shell.json("changes", "--run", "3", "--format", "json")
    of_run = [each for each in followed_changes if each["run_id"] == 3]
    assert sorted(map(shared, of_run)) == sorted(map(shared, told))


def shared(change: dict[str, Any]) -> list[str]:
    """Return what the API and the command line both say of a change."""
    return [str(change[name]) for name in ("as_of", "code", "name", "kind", "before", "after")]


def test_runs_and_rosters_are_listed_in_parts(served: Serving) -> None:
    for _ in range(3):
        served.await_status(served.start(), "succeeded")
    assert [each["id"] for each in followed(served, "/api/v1/runs", "runs", limit=1)] == [
        4,
        3,
        2,
        1,
    ]
    rosters = followed(served, "/api/v1/rosters", "rosters", limit=1)
    assert [each["run_id"] for each in rosters] == [4, 3, 2, 1]
    assert len({each["digest"] for each in rosters}) == 1


def test_a_held_list_is_decided_on_over_the_api(
    served: Serving, simulator: RunningSimulator
) -> None:
    simulator.set_faults("mass-change")
    for decision, result in (("discard", "discarded"), ("apply", "succeeded")):
        run_id = served.start()
        served.await_status(run_id, "held")
        assert served.get("/api/v1/status")["held_runs"] == [run_id]
        answer = served.client.post(f"/api/v1/runs/{run_id}/{decision}")
        assert answer.json()["status"] == result
        assert served.client.post(f"/api/v1/runs/{run_id}/{decision}").status_code == 409


def forged(**values: object) -> str:
    """Return a cursor that this server never gave."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/issues?cursor=zz", "cursor"),
        ("/api/v1/issues?cursor=%E3%81%82", "cursor"),
        (f"/api/v1/issues?cursor={forged(after=1)}", "cursor"),
        (f"/api/v1/issues?cursor={forged(after='1', as_of='2026-11-20', asked='x')}", "cursor"),
        (f"/api/v1/changes?cursor={forged(after=-1, asked='x')}", "cursor"),
        (f"/api/v1/runs?cursor={forged(before=10**30)}", "cursor"),
        (f"/api/v1/rosters?cursor={forged(as_of='x', run_id=1)}", "cursor"),
        ("/api/v1/issues?cursor=" + "a" * 5_000, "cursor"),
        ("/api/v1/issues?as_of=2026-13-01", "as_of"),
        ("/api/v1/issues?market=nothing", "market"),
        ("/api/v1/issues?q=" + "a" * 5_000, "q"),
        ("/api/v1/issues?limit=0", "limit"),
        ("/api/v1/issues?limit=many", "limit"),
        ("/api/v1/issues?fields=code,price", "fields"),
        ("/api/v1/issues?price=1", "price"),
        ("/api/v1/issues/72", "code"),
        ("/api/v1/changes?code=72", "code"),
        ("/api/v1/changes?since=yesterday", "since"),
        ("/api/v1/changes?kind=dividend", "kind"),
        ("/api/v1/runs?status=lost", "status"),
        ("/api/v1/runs/abc", "run_id"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_field_and_a_reason(
    served: Serving, path: str, field: str
) -> None:
    answer = served.client.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert all(each["reason"] for each in answer.json()["errors"])


def test_the_list_of_a_demo_and_the_real_one_are_never_taken_for_each_other(
    served: Serving,
) -> None:
    path = "/api/v1/issues?limit=5"
    real = served.client.get(path)
    served.client.post("/setup/demo")
    demo = served.client.get(path)
    served.client.post("/setup/leave-demo")
    again = served.client.get(path)
    assert (again.content, again.headers["etag"]) == (real.content, real.headers["etag"])
    assert demo.headers["etag"] != real.headers["etag"]
    assert demo.content != real.content


@pytest.mark.parametrize(
    "path",
    [
        "status",
        "runs",
        "runs/1",
        "rosters",
        "companies/schedule",
        "issues/13010",
        "../../sync/task/1",
    ],
)
def test_every_read_that_is_known_is_answered_without_a_body(served: Serving, path: str) -> None:
    first = served.client.get(f"/api/v1/{path}")
    known = {"If-None-Match": f'"other", {first.headers["etag"]}'}
    again = served.client.get(f"/api/v1/{path}", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(served: Serving, chunked: bool) -> None:
    body = b"[" + b"1," * 200_000 + b"1]"
    content = iter([body]) if chunked else body
    answer = served.client.post(
        "/api/v1/runs", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert answer.json()["type"]
