"""The lines of the log, for people and for programs."""

import json
import logging
from collections.abc import Iterator

import pytest

from meigara.logs import start_logging


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.getLogger("meigara").setLevel(logging.NOTSET)


def test_a_line_for_programs_is_json_and_names_its_run(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("json")
    log = logging.getLogger("meigara.test")
    log.info("run.%s", "失敗", extra={"run_id": 7})
    try:
        raise ValueError("line\none")
    except ValueError:
        log.exception("tick.failed")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["message"], first["run_id"], first["level"]) == ("run.失敗", 7, "info")
    assert first["time"].endswith("+00:00")
    assert "run_id" not in second
    assert "ValueError: line" in second["error"]


def test_a_line_for_people_names_its_run_too(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("text")
    logging.getLogger("meigara.test").info("run.started", extra={"run_id": 7})
    logging.getLogger("elsewhere").warning("odd")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].endswith("INFO    run.started run=7")
    assert lines[1].endswith("odd run=-")
