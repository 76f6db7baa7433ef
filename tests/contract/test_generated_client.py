"""A client that was generated from the OpenAPI document calls every operation, and it works."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig
from tests.acceptance.conftest import (  # noqa: F401 - fixtures that the tests here ask for
    TODAY,
    Shell,
    market,
    synced_file,
)
from tests.acceptance.serving import Serving, serving

PACKAGE = "generated_for_meigara"


class Calls:
    """The operations of a generated client, and which of them were called."""

    def __init__(self, document: dict[str, Any], base_url: str) -> None:
        operations = [each for path in document["paths"].values() for each in path.values()]
        self._tags = {each["operationId"]: each["tags"][0] for each in operations}
        client: Any = _module("client").Client(base_url=base_url, timeout=20)
        self._client = client
        self.left = set(self._tags)

    def __call__(self, operation: str, *args: object, **asked: object) -> Any:
        """Call an operation that must go well; return what the client makes of the answer."""
        module: Any = _module(f"api.{self._tags[operation]}.{operation}")
        answer = module.sync_detailed(*args, client=self._client, **asked)
        assert answer.status_code < 300, answer.content
        assert answer.parsed is not None
        self.left.discard(operation)
        return answer.parsed

    def close(self) -> None:
        """Close the connections."""
        self._client.get_httpx_client().close()


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{name}")


@pytest.fixture
def served(tmp_path: Path, synced_file: Path, market: Market) -> Iterator[tuple[Serving, Any]]:  # noqa: F811 - the fixtures
    """Serve a store with one list; give the server and its source."""
    file = tmp_path / "meigara.db"
    file.write_bytes(synced_file.read_bytes())
    shell = Shell(f"sqlite:///{file}")
    simulator = shell.connect(SimulatorConfig(market=market, today=TODAY))
    with serving(shell) as server:
        yield server, simulator
    shell.close()


@pytest.fixture
def calls(
    served: tuple[Serving, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Calls]:
    """Generate a client from the document that the server gives."""
    server, _ = served
    document = server.get("/api/openapi.json")
    (tmp_path / "openapi.json").write_text(json.dumps(document), "utf-8")
    (tmp_path / "settings.yaml").write_text("post_hooks: []\n", "utf-8")
    generator = Path(sys.executable).with_name("openapi-python-client")
    command = [str(generator), "generate", "--path", "openapi.json", "--config", "settings.yaml"]
    command += ["--meta", "none", "--output-path", PACKAGE]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "WARNING" in done.stdout) == (0, False), done.stdout + done.stderr
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Calls(document, str(server.client.base_url).rstrip("/"))
    yield made
    made.close()
    for name in [each for each in sys.modules if each.startswith(PACKAGE)]:
        del sys.modules[name]


def test_every_operation_is_called_by_a_generated_client_and_works(
    calls: Calls, served: tuple[Serving, Any]
) -> None:
    server, simulator = served
    read_everything(calls)
    again = calls("runs_retry", held_run(calls, server, simulator)).id
    server.await_status(again, "held")
    calls("runs_discard", again)
    calls("runs_apply", held_run(calls, server, simulator))
    simulator.set_faults("hang")
    cancelled = calls("runs_cancel", calls("runs_start").id).id
    server.await_status(cancelled, "cancelled")
    body = _module("models").ScheduleChange(execution_time="06:30")
    assert calls("schedule_change", body=body).execution_time == "06:30"
    assert calls("rosters_retract", TODAY).issues > 4_000
    assert calls.left == set()


def read_everything(calls: Calls) -> None:
    """Call what changes nothing."""
    found = calls("issues_find", market=["0111", "0112"], limit=2)
    assert {each.market_code for each in found.issues} <= {"0111", "0112"}
    assert calls("issues_show", "1301").issue.code == "13010"
    assert calls("changes_follow", kind=[_module("models").ChangeKind.LISTED]).changes == []
    for file in ("exports_issues", "exports_changes"):
        assert "code,name" in calls(file, _module("models").ExportFormat.CSV)
    assert calls("rosters_find").rosters[0].as_of == TODAY
    assert calls("runs_find").runs[0].id == 1
    assert calls("runs_show", 1).status == "succeeded"
    assert calls("runs_task", "1").state == "SUCCESS"
    assert calls("schedule_show").execution_time == "05:00"
    assert calls("status_show").as_of == TODAY
    assert calls("health_healthz").status == "ok"
    assert calls("health_readyz").ready
    assert calls("mirror_master", code="1301").data[0].code == "13010"
    assert calls("mirror_calendar", from_="20261120", to="20261120").data[0].hol_div == "1"


def held_run(calls: Calls, server: Serving, simulator: RunningSimulator) -> int:
    """Start a run that is held."""
    simulator.set_faults("mass-change")
    run_id = int(calls("runs_start").id)
    server.await_status(run_id, "held")
    return run_id
