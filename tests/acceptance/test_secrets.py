"""A key is used everywhere and seen nowhere."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import KEY, TODAY, Shell
from tests.acceptance.serving import serving
from tests.servers import run_meigara
from tests.wrong_answers.serving import answering

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


@pytest.mark.parametrize("field", ["Date", "Code", "CoName", "MktNm"])
@pytest.mark.parametrize("count", [1, 4_000])
def test_a_key_that_the_source_repeats_in_a_value_is_neither_told_nor_kept(
    migrated_shell: Shell, market: Market, field: str, count: int
) -> None:
    rows = [dict(row) for row in market.roster(TODAY)]
    for row in rows[:count]:
        row[field] = f"{KEY}, {row[field]}"
    body = json.dumps({"data": rows}, ensure_ascii=False).encode()
    file = Path(migrated_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///"))
    with answering((body,)) as source:
        migrated_shell.env["MEIGARA_JQUANTS_BASE_URL"] = source.base_url
        ended = run_meigara("sync", env=migrated_shell.env)
    said = ended.stdout + ended.stderr + migrated_shell("runs", "show", "1").stdout
    assert ended.returncode in (0, 5, 6)
    assert KEY not in said
    assert not any(KEY.encode() in each.read_bytes() for each in file.parent.iterdir())


@pytest.mark.parametrize(
    ("key", "shown"),
    [("12345678", None), ("12345678901", None), ("123456789012", "9012"), (KEY, KEY[-4:])],
)
def test_of_a_key_its_end_is_shown_if_it_is_long_and_nothing_else(
    migrated_shell: Shell, key: str, shown: str | None
) -> None:
    migrated_shell.env["MEIGARA_JQUANTS_API_KEY"] = key
    said = [migrated_shell("check", "--offline").stdout]
    with serving(migrated_shell) as server:
        said.append(server.client.get("/setup").text)
    for text in said:
        assert not any(key[at : at + 5] in text for at in range(len(key) - 4))
        assert shown is None or shown in text
        assert shown is not None or key[-4:] not in text


def test_a_check_shows_no_secret_in_any_address(sqlite_shell: Shell) -> None:
    secrets = {
        "MEIGARA_TRACES_URL": "http://u:canary-1@127.0.0.1:9/v1?key=canary-2",
        "MEIGARA_PUBLIC_URL": "https://canary-3@meigara.example.jp/?token=canary-4",
        "MEIGARA_JQUANTS_BASE_URL": "https://u:canary-5@api.example.jp/v2?k=canary-6",
        "MEIGARA_REDIS_URL": "redis://:canary-7@127.0.0.1:9/0?password=canary-8",
    }
    sqlite_shell.env |= secrets
    told = sqlite_shell("check", code=2)
    assert "canary" not in told.stdout + told.stderr
    assert "https://***@meigara.example.jp/?token=***" in told.stdout


@pytest.mark.parametrize("command", ["check", "sync", "serve", "db upgrade", "issues"])
@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:canary-1@h:port/x",
        "postgresql://127.0.0.1/x?port=canary-2",
        "sqlite:///x?timeout=canary-3",
        "canary-4",
    ],
)
def test_a_malformed_address_of_the_database_is_refused_with_code_2_and_not_repeated(
    sqlite_shell: Shell, command: str, address: str
) -> None:
    sqlite_shell.env["MEIGARA_DATABASE_URL"] = address
    told = sqlite_shell(*command.split(), *(["--offline"] if command == "check" else []), code=2)
    assert "MEIGARA_DATABASE_URL has a value that cannot be used" in told.stdout + told.stderr
    assert "canary" not in told.stdout + told.stderr
