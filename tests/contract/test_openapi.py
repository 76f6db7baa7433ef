"""The OpenAPI document tells the truth: whatever is asked, the answer is one that it announces."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from meigara.config import Settings
from meigara.simulator.market import Market
from meigara.simulator.server import SimulatorConfig
from meigara.web.app import create_app
from meigara.web.stage import Stage
from tests.acceptance.conftest import (  # noqa: F401 - fixtures that the tests here ask for
    TODAY,
    Shell,
    market,
    synced_file,
)
from tests.acceptance.serving import Serving, serving

CASES = 100
"""Well-formed ones and as many malformed ones for each operation; 2,500 and more in all."""
DOCUMENT = schemathesis.openapi.from_dict(
    create_app(Stage(Settings(database_url="sqlite://"))).openapi()
)
OPERATIONS = [each.ok() for each in DOCUMENT.get_all_operations() if isinstance(each, Ok)]
TRUTHS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
Operation = APIOperation[Any, Any, Any, Any]


@pytest.fixture(scope="module")
def server(synced_file: Path, market: Market) -> Iterator[Serving]:  # noqa: F811 - the fixtures
    """Serve a store that holds one list."""
    shell = Shell(f"sqlite:///{synced_file}")
    shell.connect(SimulatorConfig(market=market, today=TODAY))
    with serving(shell) as server:
        yield server
    shell.close()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_every_answer_is_one_that_the_document_announces(
    server: Serving, operation: Operation, mode: GenerationMode
) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(base_url=str(server.client.base_url), checks=TRUTHS)

    try:
        holds()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
        pytest.skip("nothing can be malformed in a request that says nothing, or any text")


def test_the_server_gives_the_document_that_is_checked(server: Serving) -> None:
    assert server.get("/api/openapi.json") == DOCUMENT.raw_schema


def test_the_document_names_a_server_its_tags_and_short_operations_the_mirror_included() -> None:
    document = DOCUMENT.raw_schema
    operations = [each for path in document["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]
    assert document["servers"] == [{"url": "/"}]
    assert {tag for each in operations for tag in each["tags"]} == {
        tag["name"] for tag in document["tags"]
    }
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= len("exports_changes")
    assert {"mirror_master", "mirror_calendar"} <= set(names)


def test_the_document_gives_the_schema_of_every_answer_that_tells_of_an_error() -> None:
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for path in DOCUMENT.raw_schema["paths"].values():
        for operation in path.values():
            for status in ("4XX", "5XX"):
                content = operation["responses"][status]["content"]
                assert content["application/problem+json"] == problem
