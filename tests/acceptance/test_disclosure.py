"""What does anybody learn who asks a server whose database is away? That it does not answer."""

from pathlib import Path

import httpx
import pytest

from meigara.web.language import COOKIE
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import serving
from tests.acceptance.test_access import PASSWORD, add_user, origin
from tests.acceptance.test_lost import first_line_of_log
from tests.servers import postgresql_server
from tests.waiting import until

SECRETS = ("canary-5e1b", "canary-77aa", "canary-file")
QUERY = f"password={SECRETS[0]}&sslpassword={SECRETS[1]}&passfile=%2F{SECRETS[2]}"
DAMAGED = "What lies in the place of the database cannot be read."
PATHS = ("/healthz", "/readyz", "/", "/issues", "/api/v1/runs", "/jquants/v2/equities/master")


def test_strangers_learn_only_that_the_database_does_not_answer() -> None:
    with postgresql_server() as (server, url):
        shell = Shell(f"{url}?{QUERY}")
        shell("db", "upgrade")
        add_user(shell, "admin", "admin")
        with serving(shell) as web:
            assert web.get("/readyz")["ready"]
            server.stop()
            until(lambda: web.client.get("/healthz").status_code == 503)
            name = {"name": "admin", "password": PASSWORD}
            web.client.cookies[COOKIE] = "en"
            web.client.headers["accept-language"] = "en"
            answers = [web.client.get(path, headers={"accept": "text/html"}) for path in PATHS]
            answers += [web.client.get(path) for path in PATHS]
            answers.append(web.client.post("/sign-in", data=name, headers=origin(web)))
            log = first_line_of_log(web)
            web.terminate()
            log += web.process.stderr.read() if web.process.stderr else ""
    assert {answer.status_code for answer in answers} == {503}
    assert all("The database does not answer" in answer.text for answer in answers)
    place = httpx.URL(url)
    known = (*SECRETS, str(place.port), str(place.host), "postgres", "Connection refused")
    assert not [word for word in known for answer in answers if word in answer.text]
    assert str(place.port) in log, "who runs the server finds the address in the log"
    assert not [secret for secret in SECRETS if secret in log]


def test_a_damaged_file_is_called_so_without_its_place(synced_shell: Shell) -> None:
    file = Path(synced_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///"))
    with serving(synced_shell) as web:
        with file.open("r+b") as opened:
            opened.seek(100)
            opened.write(b"x" * (file.stat().st_size - 100))
        until(lambda: web.client.get("/api/v1/issues").status_code == 503)
        web.client.headers["accept-language"] = "en"
        for path in ("/api/v1/runs", "/api/v1/changes"):
            answer = web.client.get(path)
            assert answer.status_code == 503
            assert answer.json()["detail"] == DAMAGED
            assert str(file) not in answer.text


@pytest.mark.parametrize("command", ["check", "sync", "db check"])
def test_no_command_shows_a_secret_in_the_address_of_the_database(
    sqlite_shell: Shell, command: str
) -> None:
    sqlite_shell.env["MEIGARA_DATABASE_URL"] = f"postgresql://u:{SECRETS[0]}@127.0.0.1:9/x?{QUERY}"
    told = sqlite_shell(*command.split(), *(["--offline"] if command == "check" else []), code=7)
    said = told.stdout + told.stderr
    assert "postgresql://u:***@127.0.0.1:9/x?passfile=***&password=***&sslpassword=***" in said
    assert not [secret for secret in SECRETS if secret in said]
