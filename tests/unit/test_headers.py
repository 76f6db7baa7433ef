"""Every answer carries the headers that keep it to itself, whatever went wrong."""

from collections.abc import AsyncIterator

import httpx
import pytest

from meigara.config import Settings
from meigara.web.app import create_app
from meigara.web.guarding import LARGEST_BODY
from meigara.web.marking import _HEADERS
from meigara.web.stage import Stage

TOO_MUCH = b"x" * (LARGEST_BODY + 1)


@pytest.fixture
def client() -> httpx.AsyncClient:
    """Give a client of an application with a route that nobody may use, which is a defect."""
    settings = Settings(database_url="sqlite://", public_url="https://meigara.example.jp")
    app = create_app(Stage(settings))
    app.add_api_route("/defect", lambda: None)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/defect", b"", 500),
        ("POST", "/sign-in", TOO_MUCH, 413),
        ("GET", "/nowhere", b"", 404),
        ("DELETE", "/healthz", b"", 405),
        ("GET", "/static/nothing", b"", 404),
    ],
)
async def test_a_refusal_and_a_failure_have_the_headers_of_every_answer(
    client: httpx.AsyncClient, method: str, path: str, content: bytes, status: int
) -> None:
    answer = await client.request(method, path, content=content)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in _HEADERS} == _HEADERS
    assert answer.headers["strict-transport-security"]


async def test_a_body_of_unknown_length_that_is_too_large_has_them_as_well(
    client: httpx.AsyncClient,
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post("/sign-in", content=_in_parts(), headers=form)
    assert answer.status_code == 413
    assert {name: answer.headers.get(name) for name in _HEADERS} == _HEADERS


async def _in_parts() -> AsyncIterator[bytes]:
    yield TOO_MUCH
