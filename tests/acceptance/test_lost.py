"""The file of the database is deleted, replaced or written over under a running program."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from meigara.simulator.server import RunningSimulator
from meigara.web.language import COOKIE
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving
from tests.servers import spawned_meigara
from tests.waiting import until

WITHIN_A_TICK = 3


def file_of(shell: Shell) -> Path:
    return Path(shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///"))


def write_over(file: Path, content: bytes) -> None:
    """Write into the file that is there, as `cp` does."""
    with file.open("r+b") as opened:
        opened.truncate()
        opened.write(content)


def delete(file: Path, _other: Path) -> None:
    file.unlink()


def move_away(file: Path, _other: Path) -> None:
    file.rename(file.with_suffix(".old"))


def replace(file: Path, other: Path) -> None:
    shutil.copy(other, file.with_suffix(".new"))
    file.with_suffix(".new").rename(file)


def copy_another_over(file: Path, other: Path) -> None:
    write_over(file, other.read_bytes())


def copy_an_older_one_over(file: Path, _other: Path) -> None:
    write_over(file, file.with_suffix(".before").read_bytes())


def truncate(file: Path, _other: Path) -> None:
    os.truncate(file, 0)


def fill_with_garbage(file: Path, _other: Path) -> None:
    write_over(file, b"no database" * 10_000)


LOSSES = [
    (delete, "was deleted"),
    (move_away, "was deleted"),
    (replace, "was replaced"),
    (copy_another_over, "was overwritten"),
    (copy_an_older_one_over, "was overwritten"),
    (truncate, "was overwritten"),
    (fill_with_garbage, "was overwritten"),
]
Lose = Callable[[Path, Path], None]


@pytest.mark.parametrize(("lose", "words"), LOSSES)
def test_a_server_that_lost_its_file_says_so_within_a_tick_and_works_again_after_a_restart(
    synced_shell: Shell, migrated_file: Path, lose: Lose, words: str
) -> None:
    file = file_of(synced_shell)
    backup = file.with_suffix(".backup")
    shutil.copy(file, file.with_suffix(".before"))
    synced_shell("sync")
    shutil.copy(file, backup)
    with serving(synced_shell) as server:
        assert server.get("/readyz")["ready"]
        lose(file, migrated_file)
        until(lambda: server.client.get("/healthz").status_code == 503, WITHIN_A_TICK)
        assert_told(server, words)
        run_refused = server.client.post("/api/v1/runs")
        assert (run_refused.status_code, run_refused.json()["type"]) == (503, "StoreLost")
        log = first_line_of_log(server)
        assert server.terminate() == 0
        log += server.process.stderr.read()
    assert log.count("store.lost") == 1
    assert words in log
    assert "Traceback" not in log
    assert file.exists() == (lose not in (delete, move_away)), "no file was made in its place"
    shutil.copy(backup, file)
    with serving(synced_shell) as server:
        assert server.get("/readyz")["ready"]
        assert server.await_status(server.start(), "succeeded")
    synced_shell("db", "check")


def first_line_of_log(server: Serving) -> str:
    """Return the first line that comes within a tick."""
    told: list[str] = []

    def is_there() -> bool:
        told.append(server.process.stderr.readline())
        return "\n" in told[-1]

    until(is_there, WITHIN_A_TICK)
    return "".join(told)


def assert_told(server: Serving, words: str) -> None:
    server.client.headers["accept-language"] = "en"
    server.client.cookies[COOKIE] = "en"
    health = server.client.get("/healthz").json()
    assert health["type"] == "StoreLost"
    assert words in health["detail"]
    assert words in server.client.get("/readyz").json()["parts"]["database"]
    for path in ("/", "/issues"):
        page = server.client.get(path, headers={"accept": "text/html"})
        assert page.status_code == 503
        assert words in page.text
        assert "Nothing was lost" not in page.text
    assert server.client.get("/api/v1/issues").status_code == 503


def test_a_sync_whose_file_is_lost_while_it_fetches_fails_and_makes_no_other(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    file = file_of(synced_shell)
    simulator.set_faults("hang")
    with spawned_meigara("sync", env=synced_shell.env) as process:
        until(lambda: bool(simulator.requests))
        file.unlink()
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 7
    assert "was deleted" in errors
    assert "Traceback" not in errors
    assert not file.exists()


def test_what_other_programs_do_to_the_file_in_its_place_is_no_loss(
    synced_shell: Shell, tmp_path: Path
) -> None:
    """A sync, a purge with its VACUUM, a restore, a killed write and an upgrade from beside."""
    synced_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"  # a slower pace is no part of it
    file, backup = file_of(synced_shell), tmp_path / "backup.db"
    synced_shell("backup", str(backup))
    with serving(synced_shell) as server:
        for command in (
            ("sync",),
            ("purge", "--yes"),
            ("restore", str(backup), "--replace", "--yes"),
            ("db", "upgrade"),
            ("sync",),
        ):
            synced_shell(*command)
            assert server.get("/healthz")["status"] == "ok"
            assert server.get("/readyz")["ready"]
        for _ in range(5):
            with spawned_meigara("sync", env=synced_shell.env) as process:
                until(
                    lambda: (
                        process.poll() is not None
                        or file.with_name(f"{file.name}-journal").exists()
                    )
                )
                process.send_signal(signal.SIGKILL)
            assert server.get("/healthz")["status"] == "ok"
        assert server.terminate() == 0
        log = server.process.stderr.read()
    assert "store.lost" not in log


def test_a_file_that_is_no_database_at_the_start_is_called_damaged(sqlite_shell: Shell) -> None:
    file_of(sqlite_shell).write_bytes(b"no database" * 10_000)
    told = sqlite_shell("issues", code=7).stderr
    assert "damaged" in told
    assert "Nothing was lost" not in told


def test_a_store_is_known_by_a_number_of_its_own(sqlite_shell: Shell, tmp_path: Path) -> None:
    numbers = set()
    for name in ("a.db", "b.db"):
        sqlite_shell.env["MEIGARA_DATABASE_URL"] = f"sqlite:///{tmp_path / name}"
        for _ in range(2):
            sqlite_shell("db", "upgrade")
            with closing(sqlite3.connect(tmp_path / name)) as connection:
                numbers.add(connection.execute("PRAGMA user_version").fetchone())
    assert len(numbers) == 2
    assert (0,) not in numbers
