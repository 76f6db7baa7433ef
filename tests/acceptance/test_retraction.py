"""A wrong list is taken back: by the command, on the page of its run, and over the API."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as xml

import pytest

from meigara.services.freshness import TOKYO
from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import TODAY, Shell
from tests.acceptance.serving import Serving, execute, serving
from tests.acceptance.test_access import add_user, origin, sign_in
from tests.servers import run_meigara

ATOM = "{http://www.w3.org/2005/Atom}"
LATER = TODAY.replace(day=27)


@pytest.fixture
def poisoned(synced_shell: Shell, simulator: RunningSimulator) -> Shell:
    """Give a store that holds a list of a week later, which is to be taken back."""
    synced_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"
    simulator.set_today(LATER)
    synced_shell("sync")
    return synced_shell


@pytest.fixture
def served(poisoned: Shell) -> Iterator[Serving]:
    """Serve that store."""
    with serving(poisoned) as server:
        yield server


def changes_of(server: Serving) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get("/api/v1/changes?limit=10000")["changes"]
    return found


def test_the_command_shows_the_stored_days_and_takes_one_back(
    poisoned: Shell, synced_file: Any
) -> None:
    stored = poisoned.json("rosters", "--json")
    assert [(each["as_of"], each["run_id"]) for each in stored] == [
        (str(LATER), 2),
        (str(TODAY), 1),
    ]
    assert str(LATER) in poisoned("rosters", "--limit", "1").stdout
    asked = poisoned("rosters", "retract", str(LATER), code=2)
    assert f"The list of {TODAY} is the newest one again." in asked.stdout
    assert f"{stored[0]['issues']:,} issues" in asked.stdout
    told = poisoned("rosters", "retract", str(LATER), "--yes").stdout
    assert f"meigara sync --as-of {LATER} --backfill" in told
    assert poisoned.json("rosters", "--json")[0]["retracted_at"] is not None
    assert {each["as_of"] for each in poisoned.json("runs", "--json")} == {str(LATER), str(TODAY)}
    assert "retracted" in poisoned("runs", "show", "2").stdout
    trail = json.loads(poisoned("audit", "--format", "json").stdout)[0]
    assert (trail["action"], trail["subject"]) == ("list taken back", str(LATER))
    poisoned("rosters", "retract", str(LATER), "--yes", code=3)
    poisoned("rosters", "retract", "yesterday", code=2)
    poisoned("db", "check")
    untouched = Shell(f"sqlite:///{synced_file}")
    assert poisoned.listed() == untouched.listed()


def test_the_tab_key_offers_the_stored_days(poisoned: Shell) -> None:
    words = f"meigara rosters retract {LATER:%Y-%m}"
    env = {"_MEIGARA_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "3"}
    offered = run_meigara(env=poisoned.env | env).stdout.splitlines()
    assert offered == [f"plain,{LATER}", f"plain,{TODAY}"]
    assert run_meigara(env=env).stdout.strip() == ""


def test_a_follower_of_the_api_is_told_what_did_not_happen(served: Serving) -> None:
    before = changes_of(served)
    answer = served.client.post(f"/api/v1/rosters/{LATER}/retract").raise_for_status().json()
    assert (answer["run_ids"], answer["changes"]) == ([2], len(before))
    assert (answer["previous"], answer["following"]) == (str(TODAY), None)
    after = changes_of(served)[len(before) :]
    assert [each["retracts"] for each in after] == [each["id"] for each in before][::-1]
    assert served.get("/api/v1/runs/2")["status"] == "retracted"
    assert [each["run_id"] for each in served.get("/api/v1/rosters")["rosters"]] == [1]
    exported = served.client.get("/api/v1/exports/changes.jsonl").text.splitlines()
    assert json.loads(exported[-1])["retracts"] == before[0]["id"]
    feed = xml.fromstring(served.client.get("/changes.atom").content)  # noqa: S314 - our own
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title", "").startswith("取り消し: ")
    ended = served.get("/api/v1/runs/2")["finished_at"].removesuffix("Z")
    assert entry.findtext(f"{ATOM}updated", "") > ended
    assert feed.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}updated")
    gone = served.client.post(f"/api/v1/rosters/{LATER}/retract")
    assert (gone.status_code, gone.json()["type"]) == (404, "RosterNotFound")


def test_a_list_is_taken_back_on_the_page_of_its_run(served: Serving) -> None:
    assert 'href="/runs/2/retract"' in served.client.get("/runs/2").text
    asked = served.client.get("/runs/2/retract").text
    assert f"{TODAY} の一覧が再び最新になります。" in asked
    done = served.client.post("/runs/2/retract", headers=origin(served))
    assert (done.status_code, done.headers["location"]) == (303, "/runs/2")
    page = served.client.get("/runs/2").text
    assert 'badge-retracted">取り消し<' in page
    assert 'href="/runs/2/retract"' not in page
    assert served.client.get("/runs/2/retract").headers["location"] == "/runs/2"
    assert served.client.post("/runs/2/retract", headers=origin(served)).status_code == 404
    assert served.get("/api/v1/status")["as_of"] == str(TODAY)


def test_a_run_whose_list_was_taken_back_says_by_whom_and_when(
    served: Serving, poisoned: Shell
) -> None:
    poisoned.env["MEIGARA_LANGUAGE"] = "en"
    poisoned("rosters", "retract", str(LATER), "--yes")
    (deed,) = execute(poisoned, "SELECT at, actor FROM audit_entry WHERE subject = ?", str(LATER))
    at, actor = dt.datetime.fromisoformat(deed[0]).replace(tzinfo=dt.UTC), deed[1]
    assert actor
    told = poisoned("runs", "show", "2").stdout
    assert re.search(rf"Taken back +{at.astimezone():%F %T} {actor}", told)
    page = served.client.get("/runs/2").text
    assert re.search(
        rf"<dt>取り消し</dt><dd><time [^>]+>{at.astimezone(TOKYO):%F %T}</time> {actor}", page
    )
    assert "Taken back" not in poisoned("runs", "show", "1").stdout


def test_the_lists_of_runs_mark_those_that_are_held_because_of_another(
    served: Serving, poisoned: Shell
) -> None:
    poisoned.env["MEIGARA_LANGUAGE"] = "en"
    execute(poisoned, "UPDATE sync_run SET consequence_of = 1 WHERE id = 2")
    assert poisoned("runs").stdout.count("because of run 1") == 1
    assert re.search(r"Held because of +Run 1", poisoned("runs", "show", "2").stdout)
    for path in ("/", "/runs"):
        assert served.client.get(path).text.count('href="/runs/1">実行 1 による') == 1
    assert (
        '<dt>保留の原因</dt><dd><a href="/runs/1">実行 1</a>' in served.client.get("/runs/2").text
    )


def test_a_reader_is_not_offered_to_take_a_list_back(served: Serving, poisoned: Shell) -> None:
    for name, role in (("naomi", "viewer"), ("otto", "operator")):
        add_user(poisoned, name, role)
        sign_in(served, name)
        is_offered = 'href="/runs/2/retract"' in served.client.get("/runs/2").text
        assert is_offered is (role == "operator")
        served.client.cookies.clear()
