"""What somebody sees who watches a server: its numbers, and which part is not ready."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import KEY, Shell
from tests.acceptance.serving import Serving, execute, serving
from tests.servers import free_port
from tests.waiting import until

OPS = Path(__file__).parents[2] / "ops"


@pytest.fixture
def served(synced_shell: Shell) -> Iterator[Serving]:
    """Serve a store that holds one list."""
    with serving(synced_shell) as server:
        yield server


PANELS = json.loads((OPS / "grafana-dashboard.json").read_text("utf-8"))["panels"]
ALERTS = (OPS / "prometheus-alerts.yml").read_text("utf-8")
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]
QUERIES += re.findall(r"expr: (.+)", ALERTS)


def numbers(server: Serving) -> dict[str, float]:
    """Return all numbers, by name and label."""
    text = server.client.get("/metrics").raise_for_status().text
    assert KEY not in text
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_numbers_are_those_of_the_list_and_of_the_runs(
    served: Serving, simulator: RunningSimulator
) -> None:
    simulator.set_faults("mass-change")
    served.await_status(served.start(), "held")
    simulator.set_faults("wrong-key")
    served.await_status(served.start(), "failed")
    found = numbers(served)
    run = served.run(1)
    assert found["meigara_issues issue"] == run["total"] == 4_444
    assert found["meigara_issues company"] == run["companies"]
    states = {name: value for name, value in found.items() if name.startswith("meigara_runs ")}
    assert {name for name, value in states.items() if value == 1} == {
        *("meigara_runs succeeded", "meigara_runs held", "meigara_runs failed")
    }
    until(lambda: numbers(served)["meigara_runs_ended_total failed"] == 1)
    synced = dt.datetime.fromisoformat(run["finished_at"]).timestamp()
    assert found["meigara_list_synced_seconds"] == pytest.approx(synced, abs=1e-3)
    assert found["meigara_list_age_seconds"] >= 0
    assert {"meigara_phase_seconds fetch", "meigara_phase_seconds publish"} <= found.keys()
    assert found["meigara_overdue_seconds"] == found["meigara_queue_seconds"] == 0
    assert 0 <= found["meigara_calls_left"] < 5


def test_an_empty_store_has_numbers_too(migrated_shell: Shell) -> None:
    with serving(migrated_shell) as server:
        found = numbers(server)
    assert found["meigara_runs succeeded"] == 0
    assert "meigara_list_age_seconds" not in found


def test_every_number_that_the_dashboard_and_the_alerts_use_is_given(served: Serving) -> None:
    given = {name.split(" ")[0] for name in numbers(served)}
    names = set(re.findall(r"meigara_[a-z_]+", " ".join(QUERIES)))
    assert len(names) > 8
    assert names <= given


def test_only_counters_are_asked_how_much_they_grew_and_each_query_gives_all_it_names() -> None:
    growing = re.findall(r"(?:increase|rate)\((\w+)", " ".join(QUERIES))
    assert len(growing) == 3
    assert [name for name in growing if not name.endswith("_total")] == []
    # Between two numbers with the same labels, `or` gives the first one only.
    assert [query for query in QUERIES if re.search(r"\bor\b", query)] == []


def test_a_server_that_is_ready_says_so_of_each_part(served: Serving) -> None:
    told = served.get("/readyz")
    assert told == {"ready": True, "parts": {"database": "ok", "schedule": "ok"}}


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_slot_that_nobody_opens_and_a_broker_that_is_away_make_a_server_unready(
    shell: Shell,
) -> None:
    # While a run waits for the broker no other one is opened, whoever ticks.
    shell("db", "upgrade")
    url = shell.env["MEIGARA_DATABASE_URL"]
    settings = {
        "MEIGARA_MODE": "distributed",
        "MEIGARA_REDIS_URL": f"redis://127.0.0.1:{free_port()}",
    }
    with serving(shell, **settings) as server, psycopg.connect(url, autocommit=True) as connection:
        assert server.run(server.start())["waiting"] == {"for": "broker"}
        connection.execute("UPDATE schedule SET next_run_at = '2026-01-01 00:00:00+00'")
        answer = server.client.get("/readyz")
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert parts["database"] == "ok"
    assert "nobody began it" in parts["schedule"]
    for part in ("broker", "worker", "beat"):
        assert parts[part] == "The broker does not answer."


def test_a_database_with_another_schema_is_not_ready(
    synced_shell: Shell,
) -> None:
    with serving(synced_shell) as server:
        execute(synced_shell, "UPDATE alembic_version SET version_num = '9999'")
        answer = server.client.get("/readyz")
    assert answer.status_code == 503
    assert "9999" in answer.json()["parts"]["database"]
