"""The examples of the API guide are run as they stand there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
EXAMPLES = re.findall(r"```(sh|python)\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def served(synced_shell: Shell) -> Iterator[Serving]:
    """Serve a store that holds one list."""
    with serving(synced_shell) as server:
        yield server


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_guide_runs_and_prints_something(
    served: Serving, number: int, tmp_path: Path
) -> None:
    language, example = EXAMPLES[number]
    command = ["sh", "-e"] if language == "sh" else [sys.executable, "-"]
    address = str(served.client.base_url).rstrip("/")
    result = subprocess.run(
        command,
        input=example,
        cwd=tmp_path,
        env={**os.environ, "MEIGARA": address},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout or "changes" in example
    assert '"status":422' not in result.stdout


def test_every_address_of_the_api_is_in_the_guide(served: Serving) -> None:
    document = served.get("/api/openapi.json")
    paths = {path for path in document["paths"] if path.startswith("/api/v1")}
    told = GUIDE.read_text("utf-8")
    verbs = re.compile(r"/(cancel|retry|apply|discard)$")
    assert {path for path in paths if verbs.sub("", path) not in told} == set()
