"""The rules for everything around the code: locks, versions, files."""

import re
import subprocess
import tomllib
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import meigara

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
NOT_TEXT = (".lock", ".mo", ".png", ".woff2", ".ico")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda file: file.name)
def test_a_lock_gives_each_package_a_hash_and_names_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    starts = [found.start() for found in re.finditer(r"^[a-z0-9]\S*==", text, flags=re.M)]
    entries = [text[start:end] for start, end in pairwise([*starts, len(text)])]
    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "--index" not in text


def test_the_lock_for_development_holds_everything_of_the_lock_for_running() -> None:
    assert locked("run") - locked("dev") == set()


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_a_lock_fits_the_dependencies_that_the_project_declares(lock: str) -> None:
    declared = list(PROJECT["project"]["dependencies"])
    if lock == "dev":
        declared += PROJECT["dependency-groups"]["dev"]
    assert [text for text in declared if not is_met(Requirement(text), locked(lock))] == []


def locked(lock: str) -> set[tuple[str, str]]:
    """Return the names and versions in a lock file."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    return set(re.findall(r"^([a-z0-9][^\s=\[]*)\S*?==([^\s;]+)", text, flags=re.M))


def is_met(requirement: Requirement, found: set[tuple[str, str]]) -> bool:
    """Tell whether one of the locked packages is the one that is required."""
    wanted = canonicalize_name(requirement.name)
    return any(name == wanted and version in requirement.specifier for name, version in found)


def test_no_path_of_one_machine_is_in_the_tree() -> None:
    personal = re.compile(r"(?<![\w.}])/(?:home/[a-z]+|root|work)/")
    assert [name for name in texts() if personal.search(read(name))] == []


def test_neither_the_program_nor_its_documents_count_on_a_folder_for_temporary_files() -> None:
    told = [name for name in texts() if name.startswith(("src/", "docs/", "README"))]
    assert [name for name in told if "/tmp/" in read(name)] == []  # noqa: S108 - sought, not used


def texts() -> list[str]:
    """Return the text files of the project, those included that are not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is not a checkout, so nothing says which files are the project's")
    names = sorted(set(listed.stdout.splitlines()))
    return [name for name in names if (ROOT / name).is_file() and not name.endswith(NOT_TEXT)]


def read(name: str) -> str:
    """Return the text of a file of the project."""
    return (ROOT / name).read_text("utf-8")


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["project"]["version"] == meigara.__version__


def test_the_project_has_its_licence() -> None:
    assert "MIT License" in read("LICENSE")


@pytest.mark.parametrize("folder", ["src/meigara/web/static", "tests/browser"])
def test_a_vendored_file_is_the_one_whose_checksum_is_written_beside_it(folder: str) -> None:
    place = ROOT / folder
    text = (place / "VENDORED.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\S+)` \|.*\| `([0-9a-f]{64})` \|$", text, flags=re.M))
    found = {file.name: sha256(file.read_bytes()).hexdigest() for file in place.glob("*.min.js")}
    assert told == found != {}
