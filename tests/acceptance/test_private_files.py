"""Nobody but their owner reads the files of the program, whatever the umask says."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.conftest import Shell
from tests.acceptance.serving import serving
from tests.processes import MEIGARA

FILES = {"meigara.db", "meigara.db-wal", "meigara.db-shm", "secret.key"}


def mode_of(file: Path) -> int:
    """Return who may do what with a file."""
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_what_the_program_makes_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    data, place = tmp_path / "data" / "meigara", tmp_path / "backups"
    data.parent.mkdir()
    place.mkdir()

    def meigara(*command: str) -> None:
        env = {**os.environ, "XDG_DATA_HOME": str(data.parent)}
        subprocess.run([MEIGARA, *command], env=env, umask=umask, check=True, timeout=60)

    meigara("db", "upgrade")
    meigara("backup", str(place / "backup.db"))
    assert mode_of(data) == 0o700
    assert mode_of(place / "backup.db") == 0o600
    assert {mode_of(file) for file in data.iterdir()} == {0o600}
    meigara("restore", str(place / "backup.db"))
    assert {mode_of(file) for file in data.iterdir()} == {0o600}


def test_a_server_makes_all_files_for_its_owner_and_closes_those_that_were_open(
    migrated_shell: Shell, tmp_path: Path
) -> None:
    data = tmp_path / "data" / "meigara"
    data.mkdir(parents=True)
    opened = Path(migrated_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///"))
    shutil.copy(opened, data / "meigara.db")
    (data / "meigara.db").chmod(0o644)
    settings = {"XDG_DATA_HOME": str(data.parent)}
    settings["MEIGARA_DATABASE_URL"] = f"sqlite:///{data / 'meigara.db'}"
    with serving(migrated_shell, **settings) as server:
        server.client.put("/api/v1/companies/schedule", json={"execution_time": "04:00"})
        form = {"name": "hook", "url": "json://127.0.0.1:9/x", "events": ["held"]}
        assert server.client.post("/notices", data=form).status_code == 303
        assert {file.name for file in data.iterdir()} == FILES
        assert {mode_of(file) for file in data.iterdir()} == {0o600}
        server.terminate()
    (data / "secret.key").chmod(0o644)
    (data / "meigara.db").chmod(0o640)
    with serving(migrated_shell, **settings) as server:
        server.client.post("/notices/1/trial")
    assert mode_of(data / "secret.key") == 0o600
    assert mode_of(data / "meigara.db") == 0o640, "its group was let in on purpose"
