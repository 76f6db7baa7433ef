"""What any client of HTTP may count on: HEAD, Allow, ranges, ETags, nothing that goes unheard."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from meigara.web.permissions import PERMISSIONS
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import serving

FORMATS = ("csv", "xlsx", "parquet", "jsonl")
_PARTS = {"source_id": "1", "endpoint_id": "1", "code": "72030", "run_id": "1", "format": "csv"}
_PARTS |= {"decision": "apply", "language": "en", "task_id": "1", "target_id": "1"}
_PARTS |= {"path:path": "v2/other"}
_TOLD = (
    "content-type",
    "content-length",
    "etag",
    "location",
    "content-encoding",
    "x-frame-options",
)
READ = [
    re.sub(r"\{([^}]+)\}", lambda part: _PARTS[part[1]], rule.removeprefix("GET "))
    for rule in sorted(PERMISSIONS)
    if rule.startswith("GET ") and not rule.endswith(("/live", "/metrics"))
]
"""What can be read, but for the address that waits for news, and for numbers of the moment."""


@pytest.fixture
def client(shared_client: httpx.Client) -> httpx.Client:
    """Give a client that has no cookie yet."""
    shared_client.cookies.clear()
    return shared_client


@pytest.fixture(scope="module")
def shared_client(
    synced_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """Give a client of a server with one list."""
    file = tmp_path_factory.mktemp("http") / "meigara.db"
    shutil.copy(synced_file, file)
    with serving(Shell(f"sqlite:///{file}")) as server:
        yield server.client


@pytest.mark.parametrize("path", [*READ, "/static/meigara.css", "/api/openapi.json", "/no/page"])
def test_head_is_answered_as_get_is_without_the_body(client: httpx.Client, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert told(head) == told(whole)


def told(answer: httpx.Response) -> dict[str, str]:
    """Return the headers that HEAD is asked for."""
    return {name: answer.headers[name] for name in _TOLD if name in answer.headers}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/runs", "GET, HEAD, POST"),
        ("POST", "/api/v1/companies/schedule", "GET, HEAD, PUT"),
        ("OPTIONS", "/api/v1/issues", "GET, HEAD"),
        ("GET", "/api/v1/runs/1/cancel", "POST"),
        ("PUT", "/setup", "GET, HEAD, POST"),
        ("POST", "/static/meigara.css", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_a_method_that_is_not_allowed_is_refused_with_those_that_are(
    client: httpx.Client, method: str, path: str, allowed: str, accept: str
) -> None:
    answer = client.request(method, path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_ranges_of_an_export_make_the_file(client: httpx.Client, format_: str) -> None:
    path = f"/api/v1/exports/issues.{format_}"
    whole = client.get(path, headers={"Accept-Encoding": "identity"})
    size, etag = len(whole.content), whole.headers["etag"]
    assert whole.headers["accept-ranges"] == "bytes"
    parts = []
    for asked in ("0-99", f"100-{size - 51}", "-50"):
        part = client.get(path, headers={"Range": f"bytes={asked}", "If-Range": etag})
        assert part.status_code == 206
        assert part.headers["etag"] == etag
        parts.append(part.content)
        begin = sum(map(len, parts[:-1]))
        assert (
            part.headers["content-range"] == f"bytes {begin}-{begin + len(part.content) - 1}/{size}"
        )
    assert b"".join(parts) == whole.content
    assert client.get(path, headers={"Range": f"bytes={size - 9}-"}).content == whole.content[-9:]


@pytest.mark.parametrize("asked", ["bytes=10000000-", "bytes=-0"])
def test_a_range_that_the_file_does_not_have_is_refused_with_its_size(
    client: httpx.Client, asked: str
) -> None:
    path = "/api/v1/exports/issues.parquet"
    answer = client.get(path, headers={"Range": asked})
    size = client.head(path).headers["content-length"]
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-9", "If-Range": '"another"'},
        {"Range": "bytes=0-9,20-29"},
        {"Range": "bytes=9-0"},
        {"Range": "lines=0-9"},
        {"Range": "bytes=-"},
    ],
)
def test_where_no_range_of_this_file_is_asked_for_the_whole_file_is_sent(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    path = "/api/v1/exports/issues.parquet"
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    assert answer.content == client.get(path).content


@pytest.mark.parametrize("path", ["issues.csv", "issues.xlsx", "changes.parquet", "changes.jsonl"])
def test_an_export_that_is_known_is_not_sent_again(client: httpx.Client, path: str) -> None:
    address = f"/api/v1/exports/{path}"
    first = client.get(address)
    for known in (first.headers["etag"], f'"other", W/{first.headers["etag"]}'):
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    other = client.get(f"{address}?code=9999" if "changes" in path else f"{address}?companies=true")
    assert other.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("market", "0111", "スタンダード"),
        ("sector17", "9", "5"),
        ("sector33", "3650", "3250"),
        ("scale", "TOPIX Core30", "TOPIX Large70"),
        ("margin", "1", "2"),
        ("product", "013", "ETF"),
    ],
)
def test_a_filter_that_is_given_twice_finds_what_fits_either(
    client: httpx.Client, name: str, first: str, second: str
) -> None:
    counts = [total(client, {name: [each]}) for each in (first, second)]
    both = {name: [first, second, ""]}
    assert total(client, both) == sum(counts)
    assert min(counts) > 0
    file = client.get("/api/v1/exports/issues.jsonl", params=both)
    assert len(file.text.splitlines()) == sum(counts)
    page = client.get("/issues", params=both).text
    assert f"{sum(counts):,} 件" in page
    assert page.count(" selected>") == (2 if second.isascii() and second != "ETF" else 1)


def total(client: httpx.Client, asked: dict[str, list[str]]) -> int:
    """Return how many issues fit."""
    answer = client.get("/api/v1/issues", params=asked | {"limit": ["1"]})
    return int(answer.raise_for_status().json()["total"])


def test_states_kinds_and_codes_are_given_several_times_as_well(client: httpx.Client) -> None:
    runs = client.get("/api/v1/runs?status=failed&status=succeeded").json()["runs"]
    assert [each["status"] for each in runs] == ["succeeded"]
    assert 'href="/runs/1"' in client.get("/runs?status=failed&status=succeeded").text
    asked = "code=1301&code=7203&kind=listed&kind=renamed"
    assert client.get(f"/api/v1/changes?{asked}").json()["changes"] == []
    assert client.get(f"/changes.atom?{asked}").is_success


@pytest.mark.parametrize(
    ("path", "field", "allowed"),
    [
        ("/api/v1/status?verbose=1", "verbose", "-"),
        ("/api/v1/issues?sector=3650", "sector", "sector33"),
        ("/api/v1/issues?market=72030", "market", "0111 プライム"),
        ("/api/v1/issues?market=0111&market=Amsterdam", "market", "0112 スタンダード"),
        ("/api/v1/issues?limit=1&limit=2", "limit", "Give it once"),
        ("/api/v1/issues/7203?market=0111", "market", "as_of"),
        ("/api/v1/exports/issues.csv?as_of=2026-11-20&as_of=2026-11-21", "as_of", "Give it once"),
        ("/api/v1/exports/changes.csv?market=0111", "market", "kind"),
        ("/api/v1/changes?kind=listed&kind=dividend", "kind", "'delisted'"),
        ("/api/v1/runs?status=done", "status", "'succeeded'"),
        ("/changes.atom?codes=7203", "codes", "code"),
        ("/healthz?deep=1", "deep", "-"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_is_allowed(
    client: httpx.Client, path: str, field: str, allowed: str
) -> None:
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    problem = answer.json()
    assert [each["field"] for each in problem["errors"]] == [field]
    assert allowed in problem["hint"] + problem["detail"]


def test_what_is_said_in_the_address_of_a_start_in_place_of_its_body_starts_nothing(
    client: httpx.Client,
) -> None:
    answer = client.post("/api/v1/runs?as_of=2026-11-01")
    assert answer.status_code == 422
    assert len(client.get("/api/v1/runs").json()["runs"]) == 1
