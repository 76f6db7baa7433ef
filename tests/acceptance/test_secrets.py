"""A key is used everywhere and seen nowhere."""

import os
import subprocess
from pathlib import Path

import pytest

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import KEY, Shell
from tests.acceptance.serving import serving
from tests.servers import run_meigara

LONG_TEXT = "a-secret-of-the-settings-0123456789abcdef"
PLACES = (
    *("/", "/setup", "/runs", "/runs/2", "/issues", "/nowhere", "/runs/abc", "/metrics"),
    *("/api/v1/status", "/api/v1/runs", "/api/v1/runs/2", "/api/v1/changes", "/readyz"),
    *("/api/v1/exports/issues.csv", "/api/openapi.json", "/jquants/v2/equities/master"),
)


@pytest.mark.parametrize("secret", [None, LONG_TEXT])
def test_a_key_that_is_entered_on_the_page_is_found_nowhere_in_clear(
    migrated_shell: Shell, simulator: RunningSimulator, tmp_path: Path, secret: str | None
) -> None:
    del migrated_shell.env["MEIGARA_JQUANTS_API_KEY"]
    migrated_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"  # no wait for the limit of calls
    settings = {} if secret is None else {"MEIGARA_SECRET_KEY": secret}
    with serving(migrated_shell, **settings) as server:
        answer = server.client.post("/setup", data={"key": KEY})
        assert answer.status_code == 200
        assert KEY not in answer.text
        server.await_status(server.start(), "succeeded")
        simulator.set_faults("wrong-key")
        server.await_status(server.start(), "failed")
        said = [server.client.get(path).text for path in PLACES]
        server.terminate()
        said += [server.process.stdout.read()]
        said += [server.process.stderr.read()]
    simulator.set_faults()
    for key, value in settings.items():
        migrated_shell.env[key] = value
    said += [migrated_shell("check").stdout, migrated_shell("runs", "show", "2").stdout]
    migrated_shell("backup", str(tmp_path / "backup.db"))
    assert migrated_shell.json("sync", "--json")["unchanged"] == 4_444
    assert not any(KEY in text for text in said)
    database = Path(migrated_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///")).parent
    kept = [file for place in (Path(os.environ["HOME"]), database) for file in place.rglob("*")]
    files = [file for file in (*kept, tmp_path / "backup.db") if file.is_file()]
    assert len(files) >= 3
    assert not any(KEY.encode() in file.read_bytes() for file in files)
    assert KEY[-4:] in migrated_shell("check").stdout


def test_a_key_is_sealed_anew_and_a_lost_secret_is_told(
    migrated_shell: Shell, simulator: RunningSimulator
) -> None:
    del migrated_shell.env["MEIGARA_JQUANTS_API_KEY"]
    migrated_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"  # no wait for the limit of calls
    assert "Nothing was entered" in migrated_shell("secrets", "rotate").stderr
    with serving(migrated_shell) as server:
        server.client.post("/setup", data={"key": KEY})
    migrated_shell("secrets", "rotate")
    assert migrated_shell.json("sync", "--json")["total"] == 4_444
    lost: subprocess.CompletedProcess[str] = run_meigara(
        "sync", env={**migrated_shell.env, "MEIGARA_SECRET_KEY": LONG_TEXT}
    )
    assert lost.returncode == 2
    assert "MEIGARA_SECRET_KEY" in lost.stderr
    short = run_meigara("check", env={**migrated_shell.env, "MEIGARA_SECRET_KEY": "short"})
    assert short.returncode == 2
    assert "32 characters or more" in short.stderr
