"""Who is let in, and what they may do: every route with every kind of caller, over real sockets."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi.routing import APIRoute

from meigara.domain.access import Permission
from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig
from meigara.web.access import COOKIE
from meigara.web.app import ROUTERS
from meigara.web.permissions import PERMISSIONS
from tests.acceptance.conftest import TODAY, Shell
from tests.acceptance.serving import Serving, execute, now, serving
from tests.servers import run_meigara
from tests.waiting import until

PASSWORD = "correct horse battery staple"  # noqa: S105 - of accounts that are made here
CALLERS = {
    "nobody": Permission.NOTHING,
    "viewer": Permission.READ,
    "operator": Permission.OPERATE,
    "admin": Permission.ADMINISTER,
    "token read": Permission.READ,
    "token operate": Permission.OPERATE,
    "token admin": Permission.ADMINISTER,
    "token of a viewer": Permission.READ,
}
ROUTES = [
    f"{method} {route.path}"
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - that it is refused, or guarded, is what is tested
_PARTS = {"source_id": "1", "endpoint_id": "1", "code": "72030", "run_id": "999", "format": "csv"}
_PARTS |= {"decision": "apply", "language": "en", "task_id": "999", "token_id": "999"}
_PARTS |= {"target_id": "999", "notice_id": "999", "as_of": "2001-01-01"}
_PARTS |= {"path:path": "v2/other"}


def add_user(shell: Shell, name: str, role: str) -> None:
    """Add an account, as a script does."""
    command = ("user", "add", name, "--role", role, "--password-stdin")
    added = run_meigara(*command, env=shell.env, stdin=PASSWORD + "\n")
    assert added.returncode == 0, added.stderr


def sign_in(server: Serving, name: str, password: str = PASSWORD) -> httpx.Response:
    """Sign in at the page, as a browser does; the client keeps the cookie."""
    fields = {"name": name, "password": password}
    return server.client.post("/sign-in", data=fields, headers=origin(server))


def origin(server: Serving) -> dict[str, str]:
    """Return what a browser says of a form on a page of the server."""
    return {"Origin": str(server.client.base_url).rstrip("/")}


@pytest.fixture(scope="module")
def callers(synced_file: Path, market: Market, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Serve a store with accounts, and give a client of each kind of caller."""
    file = tmp_path_factory.mktemp("access") / "meigara.db"
    file.write_bytes(synced_file.read_bytes())
    shell = Shell(f"sqlite:///{file}")
    shell.connect(SimulatorConfig(market=market, today=TODAY))
    for name in ("viewer", "operator", "admin"):
        add_user(shell, name, name)
    clients: dict[str, httpx.Client] = {}
    with serving(shell) as server:
        base = server.client.base_url
        for name in CALLERS:
            clients[name] = httpx.Client(base_url=base, timeout=20, headers=origin(server))
            if name.startswith("token"):
                scope = name.split()[1] if name.count(" ") == 1 else "admin"
                account = "admin" if name.count(" ") == 1 else "viewer"
                issue = ("token", "issue", name, "--user", account, "--scope", scope)
                token = shell(*issue).stdout.strip()
                clients[name].headers["Authorization"] = f"Bearer {token}"
            elif name != "nobody":
                fields = {"name": name, "password": PASSWORD}
                assert clients[name].post("/sign-in", data=fields).status_code == 303
        yield clients
    for client in clients.values():
        client.close()
    shell.close()


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    assert sorted(ROUTES) == sorted(PERMISSIONS)


def outcome(client: httpx.Client, route: str) -> str:
    """Say what becomes of a request to a route: `let in`, `refused`, or a failure."""
    method, path = route.split(" ")
    address = re.sub(r"\{([^}]+)\}", lambda part: _PARTS[part[1]], path)
    answer = client.request(method, address)
    if "The incoming api key is invalid" in answer.text:
        return "refused"
    if answer.status_code in (401, 403) and "does not exist" not in answer.text:
        expected = {401: "SignInNeeded", 403: "PermissionMissing"}
        assert answer.json()["type"] == expected[answer.status_code]
        return "refused"
    return "let in" if answer.status_code < 500 else f"failure: {answer.text}"


@pytest.mark.parametrize("caller", CALLERS)
def test_each_route_lets_in_whom_its_rule_allows_and_nobody_else(
    callers: dict[str, httpx.Client], caller: str
) -> None:
    ends_the_session = {"POST /sign-out"}  # which the other routes need; another test shows it
    asked = [each for each in ROUTES if each not in ends_the_session]
    found = {route: outcome(callers[caller], route) for route in asked}
    may = CALLERS[caller]
    assert found == {each: "let in" if may >= PERMISSIONS[each] else "refused" for each in asked}


def test_the_files_and_the_document_of_the_api_are_open_and_nothing_else(
    callers: dict[str, httpx.Client],
) -> None:
    nobody = callers["nobody"]
    for path in ("/static/meigara.css", "/api/openapi.json", "/healthz", "/readyz", "/sign-in"):
        assert nobody.get(path).status_code == 200
    page = nobody.get("/issues?q=7203", headers={"Accept": "text/html"})
    assert page.status_code == 303
    assert page.headers["location"] == "/sign-in?back=%2Fissues%3Fq%3D7203"
    fragment = nobody.get("/data-sources/1/schedule", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (401, "/sign-in")


def test_what_a_signed_in_person_sees_is_stored_nowhere_and_the_lists_keep_their_etags(
    callers: dict[str, httpx.Client],
) -> None:
    admin = callers["admin"]
    for path in ("/", "/account", "/audit", "/notices", "/setup", "/issues", "/runs"):
        assert admin.get(path).headers["cache-control"] == "no-store", path
    for path in ("/api/v1/issues?limit=1", "/jquants/v2/equities/master"):
        etag = admin.get(path).headers["etag"]
        assert admin.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert "no-store" not in admin.get("/static/meigara.css").headers.get("cache-control", "")


def test_no_answer_repeats_the_host_that_a_request_names(callers: dict[str, httpx.Client]) -> None:
    named = {"Host": "evil.example", "Accept": "text/html"}
    for route in ROUTES:
        method, path = route.split(" ")
        address = re.sub(r"\{([^}]+)\}", lambda part: _PARTS[part[1]], path)
        for each in (address, f"{address}/") if method == "GET" else ():
            answer = callers["admin"].get(each, headers=named)
            assert "evil" not in f"{answer.headers} {answer.text}", each


def test_a_person_sees_only_the_buttons_that_are_theirs(callers: dict[str, httpx.Client]) -> None:
    buttons = ('id="change"', 'id="pause"', 'href="/audit"')
    seen = {name: callers[name].get("/").text for name in ("viewer", "operator", "admin")}
    found = {name: [text in page for text in buttons] for name, page in seen.items()}
    assert found == {
        "viewer": [False, False, False],
        "operator": [True, True, False],
        "admin": [True, True, True],
    }


@pytest.fixture
def guarded(synced_shell: Shell) -> Iterator[Serving]:
    """Serve a store with an administrator."""
    add_user(synced_shell, "naomi", "admin")
    with serving(synced_shell) as server:
        yield server


def test_a_session_begins_with_the_password_and_ends_by_signing_out(guarded: Serving) -> None:
    wrong = sign_in(guarded, "naomi", "wrong horse battery staple")
    assert wrong.status_code == 401
    assert "名前またはパスワードが違います" in wrong.text
    unknown = sign_in(guarded, "nobody", PASSWORD)
    assert unknown.text.replace("nobody", "naomi") == wrong.text
    right = guarded.client.post(
        "/sign-in",
        data={"name": " Naomi ", "password": PASSWORD, "back": "/issues?q=a"},
        headers=origin(guarded),
    )
    assert (right.status_code, right.headers["location"]) == (303, "/issues?q=a")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert guarded.client.get("/api/v1/status").status_code == 200
    stolen = guarded.client.cookies[COOKIE]
    assert guarded.client.post("/sign-out", headers=origin(guarded)).status_code == 303
    guarded.client.cookies.set(COOKIE, stolen)
    assert guarded.client.get("/api/v1/status").status_code == 401


def test_signing_in_never_leads_to_another_site(guarded: Serving) -> None:
    for back in (
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ):
        fields = {"name": "naomi", "password": PASSWORD, "back": back}
        answer = guarded.client.post("/sign-in", data=fields, headers=origin(guarded))
        assert answer.headers["location"] == "/"


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(
    guarded: Serving, synced_shell: Shell
) -> None:
    for _ in range(5):
        assert sign_in(guarded, "naomi", "wrong").status_code == 401
    late = sign_in(guarded, "naomi")
    assert late.status_code == 429
    assert "試行回数が多すぎます" in late.text
    assert sign_in(guarded, "others").status_code == 401  # somebody else may try
    execute(synced_shell, "UPDATE audit_entry SET at = '2020-01-01 00:00:00.000000'")
    assert sign_in(guarded, "naomi").status_code == 303


def test_a_flood_of_tries_is_slowed_down_like_single_ones(guarded: Serving) -> None:
    def attempt(number: int) -> int:
        fields = {"name": "naomi", "password": f"wrong {number}"}
        return httpx.post(
            f"{guarded.client.base_url}/sign-in", data=fields, headers=origin(guarded), timeout=60
        ).status_code

    with ThreadPoolExecutor(20) as people:
        found = Counter(people.map(attempt, range(40)))
    assert found[401] <= 6  # two are looked at at a time
    assert found[401] + found[429] == 40


def test_a_change_in_the_name_of_a_person_must_come_from_a_page_of_the_server(
    guarded: Serving,
) -> None:
    sign_in(guarded, "naomi")
    path = "/sync-companies-action"
    for headers in (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        refused = guarded.client.post(path, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (403, "CameFromElsewhere")
    assert guarded.get("/api/v1/runs")["runs"][0]["id"] == 1
    assert guarded.client.post(path, headers=origin(guarded)).status_code == 303


def test_a_disabled_account_and_a_revoked_token_open_nothing_within_a_second(
    guarded: Serving, synced_shell: Shell
) -> None:
    add_user(synced_shell, "vera", "viewer")
    token = synced_shell("token", "issue", "nightly", "--user", "vera").stdout.strip()
    second = synced_shell("token", "issue", "second", "--user", "vera").stdout.strip()
    assert sign_in(guarded, "vera").status_code == 303
    program = httpx.Client(
        base_url=guarded.client.base_url, headers={"Authorization": f"Bearer {token}"}
    )
    with closing(program):
        assert program.get("/api/v1/status").status_code == 200
        synced_shell("token", "revoke", "1")
        _until_refused(program)
        program.headers["Authorization"] = f"Bearer {second}"
        assert program.get("/api/v1/status").status_code == 200
        synced_shell("user", "disable", "vera")
        _until_refused(program)
    _until_refused(guarded.client)
    listed = {each["id"]: each for each in synced_shell.json("token", "list", "--format", "json")}
    assert listed[1]["revoked_at"]
    assert listed[2]["last_used_at"]
    stored = repr(execute(synced_shell, "SELECT * FROM api_token"))
    assert token not in stored
    assert second not in stored


def _until_refused(client: httpx.Client) -> None:
    until(lambda: client.get("/api/v1/status").status_code == 401, 3)


def test_a_token_is_issued_shown_once_and_revoked_on_the_page(guarded: Serving) -> None:
    sign_in(guarded, "naomi")
    issued = guarded.client.post(
        "/account/tokens", data={"name": "<b>夜間</b>", "scope": "read"}, headers=origin(guarded)
    )
    token = re.search(r'id="token"[^>]*>(meigara_[\w-]+)<', issued.text)
    assert token is not None
    assert "<b>夜間" not in issued.text
    again = guarded.client.get("/account").text
    assert token[1] not in again
    assert "&lt;b&gt;夜間" in again
    with httpx.Client(base_url=guarded.client.base_url) as program:
        bearer = {"Authorization": f"Bearer {token[1]}"}
        assert program.get("/api/v1/issues", headers=bearer).status_code == 200
        assert program.post("/api/v1/runs", headers=bearer).status_code == 403
        revoke = guarded.client.post("/account/tokens/1/revoke", headers=origin(guarded))
        assert revoke.status_code == 303
        assert program.get("/api/v1/issues", headers=bearer).status_code == 401


def test_a_token_revokes_and_makes_none_that_may_do_more_than_itself(shell: Shell) -> None:
    add_user(shell, "naomi", "admin")
    made = {
        scope: shell("token", "issue", scope, "--user", "naomi", "--scope", scope).stdout.strip()
        for scope in ("admin", "operate", "read")
    }
    number = {scope: place for place, scope in enumerate(made, 1)}
    with serving(shell) as server:

        def post(by: str, path: str, **fields: str) -> httpx.Response:
            bearer = {"Authorization": f"Bearer {made[by]}"}
            return server.client.post(f"/account/tokens{path}", data=fields, headers=bearer)

        for by, other in (("read", "operate"), ("read", "admin"), ("operate", "admin")):
            refused = post(by, f"/{number[other]}/revoke")
            assert (refused.status_code, refused.json()["type"]) == (403, "PermissionMissing")
        assert post("read", "", name="more", scope="admin").status_code == 403
        assert post("operate", f"/{number['read']}/revoke").status_code == 303
        assert post("operate", f"/{number['operate']}/revoke").status_code == 303
    listed = {each["id"]: each for each in shell.json("token", "list", "--format", "json")}
    assert [bool(listed[n]["revoked_at"]) for n in (1, 2, 3)] == [False, True, True]


def test_a_page_that_waits_is_sent_away_soon_after_its_account_is_disabled(
    guarded: Serving, synced_shell: Shell
) -> None:
    add_user(synced_shell, "vera", "viewer")
    sign_in(guarded, "vera")
    seen = guarded.client.get("/").text.partition('data-seen="')[2].partition('"')[0]
    live = f"/data-sources/1/live?seen={seen}"
    cookies = dict(guarded.client.cookies)
    with ThreadPoolExecutor(1) as window:
        asked = {"cookies": cookies, "timeout": 90}
        waiting = window.submit(httpx.get, f"{guarded.client.base_url}{live}", **asked)  # type: ignore[arg-type]
        with pytest.raises(TimeoutError):
            waiting.result(3)
        synced_shell("user", "disable", "vera")
        assert waiting.result(8).status_code == 401


def test_a_session_ends_where_nobody_was_for_a_week_and_a_month_after_it_began(
    guarded: Serving, synced_shell: Shell
) -> None:
    sign_in(guarded, "naomi")
    for column, days in (("used_at", 7), ("created_at", 30)):
        sign_in(guarded, "naomi")
        until(lambda: guarded.client.get("/api/v1/status").status_code == 200)
        _age_session(synced_shell, column, days - 0.1)
        assert guarded.client.get("/runs").status_code == 200
        _age_session(synced_shell, column, days + 0.1)
        _until_refused(guarded.client)


def _age_session(shell: Shell, column: str, days: float) -> None:
    """Let all sessions have begun, or have been used last, so many days ago."""
    at = now() - dt.timedelta(days)
    moments = {column: at}
    if column == "created_at":
        moments["expires_at"] = at + dt.timedelta(30)
    for name, moment in moments.items():
        execute(shell, f"UPDATE web_session SET {name} = ?", f"{moment:%Y-%m-%d %H:%M:%S}.000000")


def test_a_session_is_used_by_a_person_and_not_by_a_window_that_waits(
    guarded: Serving, synced_shell: Shell
) -> None:
    sign_in(guarded, "naomi")
    _age_session(synced_shell, "used_at", 3)
    used = "SELECT used_at FROM web_session"
    long_ago = execute(synced_shell, used)
    assert guarded.client.get("/data-sources/1/live").status_code == 200
    assert execute(synced_shell, used) == long_ago
    assert guarded.client.get("/runs").status_code == 200
    until(lambda: execute(synced_shell, used) > long_ago)


def test_a_token_ends_on_its_day_and_is_listed_as_expired(shell: Shell) -> None:
    add_user(shell, "naomi", "admin")
    issue = ("token", "issue", "--user", "naomi")
    made = [shell(*issue, name, *days).stdout.strip() for name, *days in _LASTING]
    with serving(shell) as server:
        for token in made:
            bearer = {"Authorization": f"Bearer {token}"}
            assert server.client.get("/api/v1/status", headers=bearer).status_code == 200
    listed = shell.json("token", "list", "--format", "json")
    ends = {each["name"]: each["expires_at"] for each in listed}
    assert ends["endless"] is None
    for name, days in (("default", 365), ("short", 30)):
        left = dt.datetime.fromisoformat(ends[name]) - now()
        assert dt.timedelta(days - 1) < left < dt.timedelta(days + 1)
    refused = run_meigara(*issue, "x", "--days", "-1", env=shell.env)
    assert refused.returncode == 2


_LASTING = (("default",), ("short", "--days", "30"), ("endless", "--days", "0"))


def test_an_expired_token_opens_nothing(guarded: Serving, synced_shell: Shell) -> None:
    sign_in(guarded, "naomi")
    fields = {"name": "nightly", "scope": "read", "days": "30"}
    page = guarded.client.post("/account/tokens", data=fields, headers=origin(guarded)).text
    token = re.search(r'id="token"[^>]*>(meigara_[\w-]+)<', page)
    assert token is not None
    bearer = {"Authorization": f"Bearer {token[1]}"}
    with httpx.Client(base_url=guarded.client.base_url, headers=bearer) as program:
        assert program.get("/api/v1/status").status_code == 200
        execute(synced_shell, "UPDATE api_token SET expires_at = '2020-01-01 00:00:00.000000'")
        _until_refused(program)
    assert "期限切れ" in guarded.client.get("/account").text
    (listed,) = synced_shell.json("token", "list", "--format", "json")
    assert (listed["state"], listed["revoked_at"]) == ("expired", None)


@pytest.mark.parametrize("is_kept", [False, True])
def test_another_password_ends_the_tokens_unless_they_are_kept(
    guarded: Serving, synced_shell: Shell, is_kept: bool
) -> None:
    issue = ("token", "issue", "nightly", "--user", "naomi")
    programs = [synced_shell(*issue).stdout.strip() for _ in range(2)]

    def answers() -> list[int]:
        return [
            httpx.get(
                f"{guarded.client.base_url}/api/v1/status",
                headers={"Authorization": f"Bearer {each}"},
            ).status_code
            for each in programs
        ]

    sign_in(guarded, "naomi")
    fields = {"old": PASSWORD, "new": "another long password"}
    fields |= {"keep_tokens": "true"} if is_kept else {}
    guarded.client.post("/account/password", data=fields, headers=origin(guarded))
    assert answers() == [200 if is_kept else 401] * 2
    programs[:] = [synced_shell(*issue).stdout.strip()]
    keep = ("--keep-tokens",) if is_kept else ()
    command = ("user", "password", "naomi", "--password-stdin", *keep)
    assert run_meigara(*command, env=synced_shell.env, stdin=PASSWORD + "\n").returncode == 0
    until(lambda: answers() == [200 if is_kept else 401], 3)


@pytest.mark.parametrize("password", [" " * 12, "a" * 20, " short      ", "ababababababab"])
def test_a_password_of_spaces_or_of_the_same_few_characters_is_refused(
    migrated_shell: Shell, password: str
) -> None:
    command = ("user", "add", "naomi", "--password-stdin")
    refused = run_meigara(*command, env=migrated_shell.env, stdin=password + "\n")
    assert refused.returncode == 2
    assert "12" in refused.stderr


def test_a_hash_of_other_costs_is_made_anew_when_its_password_is_seen(
    guarded: Serving, synced_shell: Shell
) -> None:
    dear = PasswordHasher().hash(PASSWORD)
    execute(synced_shell, "UPDATE account SET password_hash = ?", dear)
    assert sign_in(guarded, "naomi").status_code == 303
    ((anew,),) = execute(synced_shell, "SELECT password_hash FROM account")
    assert "m=19456,t=2,p=1" in anew
    assert sign_in(guarded, "naomi").status_code == 303


def test_a_new_password_signs_everybody_out_and_a_short_one_is_refused(guarded: Serving) -> None:
    sign_in(guarded, "naomi")
    fields = {"old": PASSWORD, "new": "short"}
    short = guarded.client.post("/account/password", data=fields, headers=origin(guarded))
    assert short.status_code == 422
    assert "12" in short.text
    fields = {"old": "not the old one", "new": "another long password"}
    wrong = guarded.client.post("/account/password", data=fields, headers=origin(guarded))
    assert wrong.status_code == 401
    fields["old"] = PASSWORD
    changed = guarded.client.post("/account/password", data=fields, headers=origin(guarded))
    assert (changed.status_code, changed.headers["location"]) == (303, "/sign-in")
    assert guarded.client.get("/api/v1/status").status_code == 401
    assert sign_in(guarded, "naomi").status_code == 401
    assert sign_in(guarded, "naomi", "another long password").status_code == 303


def test_the_trail_says_who_changed_what(guarded: Serving, synced_shell: Shell) -> None:
    sign_in(guarded, "naomi", "wrong")
    sign_in(guarded, "naomi")
    edit = {"execution_time": "06:15"}
    headers = origin(guarded)
    assert guarded.client.put("/api/v1/companies/schedule", json=edit, headers=headers).is_success
    run_id = guarded.client.post("/api/v1/runs", headers=headers).json()["id"]
    guarded.await_status(run_id, "succeeded")
    assert guarded.run(run_id)["actor"] == "naomi"
    synced_shell("schedule", "pause")
    entries = synced_shell.json("audit", "--format", "json")
    told = [(each["actor"], each["action"]) for each in reversed(entries)]
    shell = told[0][0]
    assert shell.startswith("shell:")
    assert told[-6:] == [
        (shell, "account added"),
        (None, "sign-in refused"),
        ("naomi", "signed in"),
        ("naomi", "schedule changed"),
        ("naomi", "sync started"),
        (shell, "schedule changed"),
    ]
    assert entries[2]["detail"] == {"execution_time": "05:00:00 → 06:15:00"}
    page = guarded.client.get("/audit").text
    assert "定期実行を変更" in page
    assert "05:00:00 → 06:15:00" in page


def test_a_name_with_orders_to_a_terminal_is_shown_and_not_obeyed(shell: Shell) -> None:
    add_user(shell, "naomi", "admin")
    with serving(shell) as server:
        for name in ("\x1b[2J\x1b[31mroot", "a\nb\r\x07", "\x9b31m\u202eoot"):
            assert sign_in(server, name).status_code == 401
        assert sign_in(server, "n\x00ul").status_code == 422
    for format_ in ("table", "csv", "json"):
        told = shell("audit", "--format", format_).stdout
        assert "[31mroot" in told
        assert all(each.isprintable() for each in told.split("\n"))
    assert len(shell("audit", "--format", "csv").stdout.splitlines()) == 5
    refused = run_meigara("user", "add", "\x1b[2Jeve", "--password-stdin", env=shell.env, stdin="x")
    assert refused.returncode == 2
    assert "\x1b" not in refused.stderr


def test_no_password_and_no_token_is_kept_as_it_is(guarded: Serving, synced_shell: Shell) -> None:
    sign_in(guarded, "naomi")
    token = synced_shell("token", "issue", "nightly", "--user", "naomi").stdout.strip()
    backup = Path(synced_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///") + ".backup")
    synced_shell("backup", str(backup))
    kept = b"".join(file.read_bytes() for file in backup.parent.iterdir() if file.is_file())
    cookie = guarded.client.cookies[COOKIE]
    for secret in (PASSWORD, token, cookie):
        assert secret.encode() not in kept
    hashes = execute(synced_shell, "SELECT password_hash FROM account")
    assert hashes[0][0].startswith("$argon2id$")


def test_an_open_server_answers_to_this_machine_by_its_own_name_only(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    with serving(synced_shell) as server:
        port = server.client.base_url.port
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
            assert server.client.get("/api/v1/status", headers={"Host": host}).status_code == 200
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "[::1"):
            refused = server.client.get("/api/v1/status", headers={"Host": host})
            assert (refused.status_code, refused.json()["type"]) == (421, "HostUnknown")
            assert "evil" not in refused.text
        for mark in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "CF-Connecting-IP"):
            through_a_proxy = {mark: "203.0.113.7"}
            assert server.client.get("/", headers=through_a_proxy).status_code == 421, mark
        assert server.client.get("/sign-in").headers["location"] == "/"
        assert "アカウントは不要です" in server.client.get("/account").text
        add_user(synced_shell, "naomi", "admin")
        _until_refused(server.client)


def test_a_demo_ends_and_everybody_signs_in_as_soon_as_there_is_an_account(shell: Shell) -> None:
    shell("db", "upgrade")
    with serving(shell, MEIGARA_JQUANTS_API_KEY="") as server:
        assert server.client.post("/setup/demo", headers=origin(server)).status_code == 303
        assert server.get("/api/v1/issues?limit=1")["total"] > 4_000
        add_user(shell, "naomi", "admin")
        _until_refused(server.client)
        assert server.client.post("/api/v1/runs").status_code == 401
        assert sign_in(server, "naomi").status_code == 303
        assert server.client.get("/api/v1/issues").status_code == 404  # of the invented ones none
        demo = server.client.post("/setup/demo", headers=origin(server))
        assert demo.json()["type"] == "DemoUnavailable"


def test_without_an_account_the_server_does_not_listen_for_others(synced_shell: Shell) -> None:
    synced_shell.env["MEIGARA_LANGUAGE"] = "en"
    refused = run_meigara("serve", "--host", _EVERYWHERE, "--port", "0", env=synced_shell.env)
    assert refused.returncode == 2
    assert "meigara user add" in refused.stderr
    add_user(synced_shell, "naomi", "admin")
    with serving(synced_shell, "--host", _EVERYWHERE) as server:
        assert server.client.get("/api/v1/status").status_code == 401
        assert sign_in(server, "naomi").status_code == 303
        assert server.client.get("/api/v1/status").status_code == 200
        demo = server.client.post("/setup/demo", headers=origin(server))
        assert (demo.status_code, demo.json()["type"]) == (409, "DemoUnavailable")


def test_behind_https_the_cookie_is_kept_to_it(synced_shell: Shell) -> None:
    add_user(synced_shell, "naomi", "admin")
    public = "https://meigara.example.jp"
    with serving(synced_shell, MEIGARA_PUBLIC_URL=public) as server:
        answer = server.client.post(
            "/sign-in",
            data={"name": "naomi", "password": PASSWORD},
            headers={"Host": "meigara.example.jp", "Origin": public},
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert answer.headers["strict-transport-security"]
        other = server.client.get("/api/v1/status", headers={"Host": "evil.example"})
        assert other.status_code == 421


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("user", "add", "vera"), 2, "--password-stdin"),
        (("user", "add", "Vera Lynn", "--password-stdin"), 2, "cannot be a name"),
        (("user", "add", "naomi", "--password-stdin"), 4, "already"),
        (("user", "disable", "naomi"), 4, "only administrator"),
        (("user", "role", "naomi", "viewer"), 4, "only administrator"),
        (("user", "role", "naomi", "king"), 2, "viewer"),
        (("user", "disable", "vera"), 3, "no account vera"),
        (("token", "issue", "x", "--user", "vera"), 3, "no account vera"),
        (("token", "issue", "x"), 2, "--user"),
        (("token", "revoke", "7"), 3, "no token 7"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(
    migrated_shell: Shell, args: tuple[str, ...], code: int, said: str
) -> None:
    migrated_shell.env["MEIGARA_LANGUAGE"] = "en"
    add_user(migrated_shell, "naomi", "admin")
    stdin = PASSWORD + "\n" if "--password-stdin" in args else ""
    result = run_meigara(*args, env=migrated_shell.env, stdin=stdin)
    assert result.returncode == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr
