"""What a person and a program get from each command."""

import csv
import datetime as dt
import io
import json
import os
import subprocess
from pathlib import Path

import pytest

from meigara.bootstrap import TOKYO
from meigara.simulator.server import RunningSimulator, SimulatorConfig
from tests.acceptance.conftest import KEY, TODAY, Shell
from tests.processes import MEIGARA
from tests.servers import run_meigara

SYNC_FIELDS = [
    "run_id",
    "status",
    "as_of",
    "total",
    "companies",
    "listed",
    "delisted",
    "changed",
    "unchanged",
    "duration_ms",
    "phases",
    "reasons",
    "error",
    "trigger",
    "actor",
    "scheduled_for",
    "missed_reason",
    "attempt",
    "retry_at",
    "started_at",
    "finished_at",
    "warnings",
    "consequence_of",
]
ISSUE_FIELDS = [
    "code",
    "name",
    "name_en",
    "market_code",
    "market_name",
    "sector17_code",
    "sector17_name",
    "sector33_code",
    "sector33_name",
    "scale",
    "margin_code",
    "product_code",
    "is_company",
    "is_listed",
    "valid_from",
    "valid_to",
]


def test_the_json_of_a_sync_has_the_documented_fields(synced_shell: Shell) -> None:
    result = synced_shell.json("sync", "--json")
    assert list(result) == SYNC_FIELDS
    assert list(result["phases"]) == ["fetch", "check", "compare", "publish"]
    assert result["as_of"] == TODAY.isoformat()
    assert result["total"] == result["unchanged"] > 4000


def test_in_a_pipe_the_progress_is_lines_on_standard_error(synced_shell: Shell) -> None:
    result = synced_shell("sync")
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
        "Fetching",
        "Checking",
        "Comparing",
        "Publishing",
    ]
    assert result.stdout.startswith("Synced: ")


def test_a_retry_is_told_while_it_is_waited_for(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    synced_shell.env["MEIGARA_JQUANTS_RETRIES"] = "2"
    simulator.set_faults("503-html:1")
    assert "the server answered 503; try 1 of 2 in" in synced_shell("sync").stderr


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    sqlite_shell("sync", "--as-of", "2026-09-18")
    before = sqlite_shell.content_of_list()
    result = sqlite_shell.json("sync", "--dry-run", "--json")
    assert (result["status"], result["run_id"]) == ("dry_run", None)
    assert result["listed"] > 0
    assert "nothing was written" in sqlite_shell("sync", "--dry-run").stdout
    assert sqlite_shell.content_of_list() == before
    assert len(sqlite_shell.json("runs", "--json")) == 1


def test_the_json_of_issues_has_the_documented_fields(synced_shell: Shell) -> None:
    found = synced_shell.listed("--market", "プライム", "--companies")
    assert len(found) > 1000
    assert all(list(each) == ISSUE_FIELDS for each in found)
    assert {each["market_code"] for each in found} == {"0111"}
    assert [each["code"] for each in found] == sorted(each["code"] for each in found)


def test_csv_holds_the_same_as_json_and_codes_stay_text(synced_shell: Shell) -> None:
    text = synced_shell("issues", "--format", "csv", "--sector33", "銀行業").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    found = synced_shell.listed("--sector33", "7050")
    assert [row["code"] for row in rows] == [each["code"] for each in found]
    assert [row["name"] for row in rows] == [each["name"] for each in found]
    assert {row["is_company"] for row in rows} <= {"true", "false"}
    assert {row["sector33_code"] for row in rows} == {"7050"}


def test_a_table_in_a_pipe_is_not_cut(synced_shell: Shell) -> None:
    longest = max(synced_shell.listed(), key=lambda each: len(each["name"]))
    synced_shell.env["MEIGARA_LANGUAGE"] = "ja"
    shown = synced_shell("issues", longest["code"]).stdout
    assert longest["name"][:12] in shown
    assert "…" not in shown


def test_four_characters_mean_the_ordinary_share(synced_shell: Shell) -> None:
    code = synced_shell.listed("--companies")[0]["code"]
    assert synced_shell.listed(code[:4])[0]["code"] == code


def test_a_search_that_finds_nothing_says_so(synced_shell: Shell) -> None:
    result = synced_shell("issues", "--search", "そんな会社はない")
    assert "0 issues" in result.stderr
    assert synced_shell.listed("--search", "そんな会社はない") == []


def test_an_issue_is_shown_with_its_history(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    sqlite_shell("sync", "--as-of", "2026-09-01")
    sqlite_shell("sync")
    changes = sqlite_shell.json("changes", "--since", "2026-09-01", "--format", "json")
    renamed = next(each for each in changes if each["kind"] == "renamed")
    shown = sqlite_shell("issues", renamed["code"]).stdout
    assert "renamed" in shown
    run = sqlite_shell.json("changes", "--run", "2", "--format", "json")
    assert {(each["code"], each["field"], each["after"]) for each in run} == {
        (each["code"], each["field"], each["after"]) for each in changes
    }
    gone = sqlite_shell.listed("--gone")
    assert {each["code"] for each in gone} == {
        each["code"] for each in changes if each["kind"] == "delisted"
    }


def test_a_held_run_is_shown_applied_discarded_and_retried(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("mass-change")
    held = synced_shell.json("sync", "--json", code=6)
    assert (held["status"], held["reasons"][0]["kind"]) == ("held", "mass_change")
    shown = synced_shell("runs", "show", str(held["run_id"])).stdout
    assert "Market: changed in" in shown
    assert "more." in shown
    assert "Prime" in shown
    none = synced_shell("changes", "--run", str(held["run_id"])).stderr
    assert "published nothing (held)" in none
    for decision in ("apply", "discard"):
        refused = synced_shell("runs", decision, str(held["run_id"]), code=2).stderr
        assert "confirm with --yes" in refused
    assert synced_shell.json("runs", "--json")[0]["status"] == "held"
    synced_shell("runs", "discard", str(held["run_id"]), "--yes")
    second = synced_shell.json("sync", "--json", code=6)["run_id"]
    simulator.set_faults()
    assert "unchanged" in synced_shell("runs", "retry", str(second)).stdout
    simulator.set_faults("mass-change")
    third = synced_shell.json("sync", "--json", code=6)["run_id"]
    assert "Synced" in synced_shell("runs", "apply", str(third), "--yes").stdout
    states = [run["status"] for run in synced_shell.json("runs", "--json")]
    assert states == ["succeeded", "succeeded", "discarded", "discarded", "succeeded"]


def test_a_failed_run_keeps_its_cause_and_what_to_do(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("wrong-key")
    synced_shell("sync", code=5)
    shown = synced_shell("runs", "show", "2").stdout
    assert "Cause: J-Quants refused the API key" in shown
    assert "What to do: Check the key" in shown
    assert "failed" in synced_shell("runs").stdout


def test_check_shows_the_settings_without_the_secrets_and_tests_the_connection(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    shown = synced_shell("check").stdout
    assert f"••••{KEY[-4:]}" in shown
    assert "MEIGARA_JQUANTS_RETRIES" in shown
    assert "✓ Database" in shown
    assert "✓ J-Quants answers" in shown
    simulator.set_faults("wrong-key")
    assert "✗ J-Quants refused the API key" in synced_shell("check", code=5).stdout
    assert "J-Quants answers" not in synced_shell("check", "--offline").stdout


def test_the_key_is_not_in_the_database(synced_shell: Shell, simulator: RunningSimulator) -> None:
    simulator.set_faults("mass-change")
    synced_shell("sync", code=6)
    simulator.set_faults("wrong-key")
    synced_shell("sync", code=5)
    folder = Path(synced_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///")).parent
    assert all(KEY.encode() not in file.read_bytes() for file in folder.iterdir())


def test_a_failed_run_is_tried_again_for_the_same_day(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("500")
    synced_shell("sync", "--as-of", "2026-10-01", "--backfill", code=5)
    simulator.set_faults()
    synced_shell("runs", "retry", "2")
    assert synced_shell.json("runs", "--json")[0]["as_of"] == "2026-10-01"


def test_the_demo_needs_no_key_and_says_that_the_market_is_invented() -> None:
    result = run_meigara("demo")
    assert result.returncode == 0, result.stderr
    assert "INVENTED" in result.stdout
    home = Path(os.environ["HOME"])
    assert [file.name for file in home.rglob("*.db")] == ["demo.db"]
    again = run_meigara("demo")
    assert again.returncode == 0, again.stderr
    url = f"sqlite:///{next(home.rglob('demo.db'))}"
    changes = run_meigara("changes", "--format", "json", env={"MEIGARA_DATABASE_URL": url})
    assert json.loads(changes.stdout)


def test_the_simulator_says_how_to_use_it_and_ends_quietly(sqlite_shell: Shell) -> None:
    faults = sqlite_shell("simulate", "--list-faults").stdout
    assert "missing-page" in faults


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_completion_script(sqlite_shell: Shell, shell_name: str) -> None:
    assert "_MEIGARA_COMPLETE" in sqlite_shell("completion", shell_name).stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("meigara sy", "sync"),
        ("meigara issues --as", "--as-of"),
        ("meigara issues --market プラ", "0111"),
        ("meigara issues --sector33 705", "7050"),
        ("meigara runs ap", "apply"),
    ],
)
def test_the_tab_key_offers_commands_options_markets_and_sectors(words: str, offered: str) -> None:
    number = str(len(words.split()) - 1)
    env = {"_MEIGARA_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": number}
    assert run_meigara(env=env).stdout == f"plain,{offered}\n"


def test_a_closed_pipe_is_no_error(synced_shell: Shell) -> None:
    command = "meigara issues --format csv | head -n 1"
    path = {"PATH": f"{Path(MEIGARA).parent}:{os.environ['PATH']}"}
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env={**os.environ, **synced_shell.env, **path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.startswith("code,name")
    assert result.stderr == ""


def test_a_free_plan_list_is_taken_for_what_it_is(sqlite_shell: Shell) -> None:
    sqlite_shell.connect(SimulatorConfig(plan="free"))
    result = sqlite_shell("sync")
    assert "12 weeks behind" in result.stdout
    (run,) = sqlite_shell.json("runs", "--json")
    age = dt.datetime.now(TOKYO).date() - dt.date.fromisoformat(run["as_of"])
    assert age.days >= 84


def test_messages_are_japanese_where_the_locale_is(synced_shell: Shell) -> None:
    synced_shell.env["LANG"] = "ja_JP.UTF-8"
    assert "件" in synced_shell("sync").stdout
    assert "銘柄コード" in synced_shell("issues", "72", code=2).stderr
