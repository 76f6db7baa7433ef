"""A person who keeps, moves and deletes what the database holds."""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import execute, now, serving, set_next_slot
from tests.acceptance.test_access import add_user
from tests.processes import Started
from tests.servers import spawned_meigara
from tests.waiting import until


def test_a_store_is_moved_through_a_file_to_a_database_of_either_kind(
    synced_shell: Shell, shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "backup.db"
    assert "4,444" in synced_shell("backup", str(file)).stdout
    shell("restore", str(file))
    shell.env["MEIGARA_JQUANTS_BASE_URL"] = synced_shell.env["MEIGARA_JQUANTS_BASE_URL"]
    assert shell.listed() == synced_shell.listed()
    assert shell.json("sync", "--json")["unchanged"] == 4_444
    shell("db", "check")


def test_nothing_is_written_over_replaced_or_deleted_without_being_asked_for(
    synced_shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "backup.db"
    synced_shell("backup", str(file))
    before = synced_shell.content_of_list()
    assert "--force" in synced_shell("backup", str(file), code=2).stderr
    assert "--replace" in synced_shell("restore", str(file), code=4).stderr
    assert "--yes" in synced_shell("restore", str(file), "--replace", code=2).stderr
    assert "--yes" in synced_shell("purge", code=2).stderr
    assert synced_shell.content_of_list() == before
    synced_shell("backup", str(file), "--force")
    synced_shell("restore", str(file), "--replace", "--yes")
    assert synced_shell.content_of_list() == before


def test_a_purge_leaves_nothing_of_the_list_in_the_file(synced_shell: Shell) -> None:
    name = synced_shell.listed()[0]["name"].encode()
    file = Path(synced_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///"))
    assert name in file.read_bytes()
    synced_shell("purge", "--yes")
    assert not any(name in each.read_bytes() for each in file.parent.iterdir())
    synced_shell("issues", code=3)
    assert synced_shell.json("sync", "--json")["listed"] == 4_444


@pytest.mark.parametrize("place", ["no/such/folder/x.db", "."])
def test_a_place_that_cannot_be_written_is_told(
    synced_shell: Shell, tmp_path: Path, place: str
) -> None:
    result = synced_shell("backup", str(tmp_path / place), code=2 if place == "." else 1)
    assert str(tmp_path) in result.stderr


def test_a_file_that_is_no_backup_is_told(synced_shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "photo.db"
    file.write_bytes(b"no database" * 1_000)
    assert str(file) in synced_shell("restore", str(file), "--replace", "--yes", code=2).stderr


def test_a_restore_says_whom_it_lets_in(synced_shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    add_user(synced_shell, "admin", "admin")
    synced_shell("token", "issue", "notebook", "--user", "admin", "--scope", "read")
    assert "1 account, 1 token, 0 targets" in synced_shell("backup", str(file)).stdout
    told = synced_shell("restore", str(file), "--replace", "--yes").stdout
    assert "1 account, 1 token, 0 targets" in told
    assert "whoever had one is let in" in told


def test_runs_that_published_nothing_are_deleted_when_they_are_old_enough(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    simulator.set_faults("wrong-key")
    for _ in range(2):
        synced_shell("sync", code=5)
    simulator.set_faults()
    assert "--yes" in synced_shell("purge", "--runs-before", "2020-01-01", code=2).stderr
    both = ("--before", "2020-01-01", "--runs-before", "2020-01-01")
    synced_shell("purge", *both, "--yes", code=2)
    synced_shell("purge", "--runs-before", "2020-01-01", "--yes")
    execute(synced_shell, "UPDATE sync_run SET finished_at = '2020-01-01 00:00:00' WHERE id < 3")
    with serving(synced_shell, MEIGARA_RUNS_KEPT_DAYS="30") as server:
        set_next_slot(synced_shell, now())
        until(lambda: not server.client.get("/api/v1/runs/2").is_success)
        assert server.run(1)["status"] == "succeeded"
        assert server.run(3)["status"] == "failed"


@pytest.fixture
def places(synced_shell: Shell, tmp_path: Path) -> Sequence[Path]:
    """Give the folder of backups and the system's folder for temporary files."""
    folders = [tmp_path / "backups", tmp_path / "temporary"]
    for folder in folders:
        folder.mkdir()
    synced_shell.env["TMPDIR"] = str(folders[1])
    return folders


def names_in(places: Sequence[Path]) -> list[str]:
    return [each.name for folder in places for each in folder.iterdir()]


def stopped_within(process: Started, places: Sequence[Path]) -> None:
    """Freeze a process once it has begun a copy."""

    def is_copying() -> bool:
        return any(str(process.pid) in name for name in names_in(places))

    until(lambda: process.poll() is not None or is_copying())
    process.send_signal(signal.SIGSTOP)
    assert is_copying()


@pytest.mark.parametrize("killed", ["backup", "restore"])
@pytest.mark.parametrize("following", ["backup", "restore"])
def test_what_a_killed_process_left_of_a_copy_is_gone_after_the_next_one(
    synced_shell: Shell, places: Sequence[Path], killed: str, following: str
) -> None:
    file = places[0] / "all.db"
    synced_shell("backup", str(file))
    commands = {
        "backup": ("backup", str(file), "--force"),
        "restore": ("restore", str(file), "--replace", "--yes"),
    }
    with spawned_meigara(*commands[killed], env=synced_shell.env) as process:
        stopped_within(process, places)
    assert len(names_in(places)) == 2
    synced_shell(*commands[following])
    assert names_in(places) == ["all.db"]
    synced_shell("db", "check")


def test_a_copy_that_is_being_made_is_left_alone_by_another_process(
    synced_shell: Shell, places: Sequence[Path]
) -> None:
    file = places[0] / "all.db"
    with spawned_meigara("backup", str(file), env=synced_shell.env) as process:
        stopped_within(process, places)
        synced_shell("backup", str(file))
        assert len(names_in(places)) == 2
        process.send_signal(signal.SIGCONT)
        assert process.wait(20) == 0
    assert names_in(places) == ["all.db"]


def test_a_backup_is_readable_by_its_owner_only(synced_shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "all.db"
    synced_shell("backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_link_in_the_place_of_a_left_copy_leads_nowhere(
    synced_shell: Shell, places: Sequence[Path]
) -> None:
    kept = places[0] / "kept"
    kept.mkdir()
    (kept / "file").touch()
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    (places[1] / f"meigara-restore-{gone.pid}-x").symlink_to(kept)
    synced_shell("backup", str(places[0] / "all.db"))
    assert (kept / "file").exists()
