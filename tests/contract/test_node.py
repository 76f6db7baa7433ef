"""What programs of Node make of the OpenAPI document; `make test-node` fetches and runs them."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import (  # noqa: F401 - fixtures that the tests here ask for
    Shell,
    market,
    synced_file,
)
from tests.acceptance.serving import Serving, serving

NODE = Path(__file__).parent / "node"
PERSONS = dict(os.environ)
"""What says whether npm may fetch anything, and where it keeps what it has fetched before."""
STRICT = ("--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the programs of `node/package.json`."""
    if "TESTS_NODE" not in PERSONS:
        pytest.skip("`make test-node` runs this: it fetches programs by npm")
    folder = tmp_path_factory.mktemp("node") / "node"
    shutil.copytree(NODE, folder)
    run(folder, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund")
    return folder


@pytest.fixture(scope="module")
def server(synced_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:  # noqa: F811 - the fixture
    """Serve a store with one list."""
    file = tmp_path_factory.mktemp("served") / "meigara.db"
    shutil.copy(synced_file, file)
    with serving(Shell(f"sqlite:///{file}")) as server:
        yield server


@pytest.fixture(scope="module")
def document(place: Path, server: Serving) -> Path:
    """Give the document as a file among the programs."""
    file = place / "openapi.json"
    file.write_text(json.dumps(server.get("/api/openapi.json")), "utf-8")
    return file


def run(place: Path, *command: str, **env: str) -> str:
    """Run a program, which must end well; return what it printed."""
    program = place / "node_modules" / ".bin" / command[0]
    done = subprocess.run(
        [str(program) if program.exists() else command[0], *command[1:]],
        cwd=place,
        env={**PERSONS, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_spectral_finds_neither_errors_nor_warnings(place: Path, document: Path) -> None:
    run(place, "spectral", "lint", "-r", "spectral.yaml", "--fail-severity", "hint", document.name)


def test_calls_in_typescript_fit_the_generated_types_and_are_answered(
    place: Path, document: Path, server: Serving
) -> None:
    run(place, "openapi-typescript", document.name, "-o", "schema.d.ts")
    run(place, "tsc", *STRICT, "--types", "node", "calls.mts")
    address = str(server.client.base_url).rstrip("/")
    statuses = run(place, "node", "calls.mjs", MEIGARA=address).split()
    assert set(statuses) == {"200"}
    calls = (place / "calls.mts").read_text("utf-8")
    paths = json.loads(document.read_text("utf-8"))["paths"]
    read = [path for path, each in paths.items() if "get" in each]
    assert [path for path in read if f'GET("{path}"' not in calls] == []
