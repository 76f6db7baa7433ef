"""NUL and halves of a character: refused at the door, whichever database lies behind it."""

import re
from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving
from tests.acceptance.test_access import PASSWORD, ROUTES, add_user, origin

NUL, HALF = "%00", "%ED%A0%80"
READ = (
    *("/issues?q=a{}", "/issues/72{}", "/issues?market={}", "/api/v1/issues?search=a{}"),
    *("/api/v1/issues/72{}", "/api/v1/changes?code=7{}", "/api/v1/runs?status={}"),
    *("/api/v1/exports/issues.csv?search={}", "/jquants/v2/equities/master?code={}"),
    *("/jquants/v2/markets/calendar?hol_div={}", "/sync/task/{}", "/runs/{}", "/sign-in?back=/{}"),
    *("/data-sources/1/schedule/preview?execution_time={}", "/api/v1/changes?cursor={}"),
)
FORMS = {
    "/sign-in": {"name": "a\0", "password": "b"},
    "/account/password": {"old": "a\0", "new": "b" * 20},
    "/account/tokens": {"name": "a\0", "scope": "read"},
    "/notices": {"name": "a\0", "url": "json://127.0.0.1/x"},
    "/setup": {"key": "a\0"},
    "/data-sources/1/schedule": {"execution_time": "05:00", "timezone": "Asia/Tokyo\0"},
}
SCHEDULE = "/api/v1/companies/schedule"
BODIES = {
    SCHEDULE: ['{"execution_time": "05:00\\u0000"}', '{"timezone": "\\ud800"}'],
    "/api/v1/runs": ['{"as_of": "\\u0000"}', '{"as_of": "\\ud800"}', '{"\\u0000": 1}'],
}


@pytest.fixture
def server(shell: Shell) -> Iterator[Serving]:
    """Serve an empty store to an administrator who has signed in."""
    shell("db", "upgrade")
    add_user(shell, "admin", "admin")
    with serving(shell) as server:
        server.client.headers.update(origin(server))
        fields = {"name": "admin", "password": PASSWORD}
        assert server.client.post("/sign-in", data=fields).status_code == 303
        yield server


def test_what_no_text_may_hold_is_refused_wherever_it_comes_in(server: Serving) -> None:
    get, post = server.client.get, server.client.post
    said = {f"GET {path}": get(path.format(NUL)) for path in READ}
    said |= {f"POST {path}": post(path, data=form) for path, form in FORMS.items()}
    files = {"name": (None, "a\0"), "password": (None, "b")}
    said["POST /sign-in, in parts"] = post("/sign-in", files=files)
    as_json = {"content-type": "application/json"}
    for path, bodies in BODIES.items():
        method = "PUT" if path.endswith("schedule") else "POST"
        for body in bodies:
            answer = server.client.request(method, path, content=body, headers=as_json)
            said[f"{method} {path} {body}"] = answer
    assert {name: each.status_code for name, each in said.items() if each.status_code != 422} == {}
    assert "cannot be stored" in get("/api/v1/issues?search=%00", headers=_in_english()).text


def test_half_a_character_and_a_body_that_is_no_json_are_no_defect(server: Serving) -> None:
    ask = server.client.request
    form = {"content-type": "application/x-www-form-urlencoded"}
    as_json = {"content-type": "application/json"}
    fields = f"name={HALF}&timezone={HALF}"
    answers = [ask("GET", path.format(HALF)) for path in READ]
    answers += [ask("POST", path, content=fields, headers=form) for path in FORMS]
    for body in ("[" * 60_000, '{"a":' * 10_000, "\0", "{"):
        for path in ("/api/v1/runs", "/api/v1/runs/1/cancel", "/sign-in"):
            answers.append(ask("POST", path, content=body, headers=as_json))
    assert [str(each.url) for each in answers if each.status_code == 500] == []


def test_a_number_that_no_database_holds_is_refused_wherever_one_may_stand(
    server: Serving,
) -> None:
    routes = [each.split(" ") for each in ROUTES if "_id}" in each]
    said = {}
    for number in (2**63, 2**63 - 1, 2**31, 10**30, 0, -1):
        for method, path in routes:
            filled = re.sub(r"\{\w+_id\}", str(number), path).format(decision="apply")
            said[f"{method} {filled}"] = server.client.request(method, filled, content=b"")
        edit = {"revision": number}
        said[f"revision {number}"] = server.client.put(SCHEDULE, json=edit)
    assert len(routes) > 15
    unclear = {name: each.status_code for name, each in said.items()}
    assert {name: code for name, code in unclear.items() if code not in (404, 409, 422)} == {}


def _in_english() -> dict[str, str]:
    return {"accept-language": "en"}
