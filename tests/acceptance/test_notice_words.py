"""What arrives of a notice: at a webhook that reads fields, and at a mailbox, both on sockets."""

import datetime as dt
import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from meigara.messages import Message
from meigara.notices import masked, receiver_of, send
from meigara.simulator.server import RunningSimulator
from tests.acceptance import test_delivery
from tests.acceptance.conftest import TODAY, Shell
from tests.acceptance.serving import execute, serving
from tests.acceptance.test_delivery import SECRET, Receiver, add_target
from tests.servers import free_port
from tests.waiting import until

pytestmark = pytest.mark.filterwarnings("ignore:.imghdr.:DeprecationWarning")  # a plugin of Apprise
receiver, told_shell = test_delivery.receiver, test_delivery.told_shell
EARLIER = TODAY - dt.timedelta(days=35)
ODD = "10000 <b>A&B</b> “C”"
PUBLIC = "http://127.0.0.1:8000"


class Mailbox(socketserver.ThreadingTCPServer):
    """A server of mail that keeps what it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.taken: list[EmailMessage] = []
        address = f"mailto://127.0.0.1:{self.server_address[1]}"
        self.url = f"{address}?from=a@example.jp&to=b@example.jp&mode=insecure"


class _Session(socketserver.StreamRequestHandler):
    """The least that a client of SMTP needs."""

    server: Mailbox

    def handle(self) -> None:
        self._say("220 ready")
        for line in self.rfile:
            command = line[:4].upper()
            if command == b"DATA":
                self._say("354 go on")
                self._take()
            self._say("221 bye" if command == b"QUIT" else "250 ok")
            if command == b"QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _take(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        content = b"".join(line.removeprefix(b".") for line in lines)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.server.taken.append(message)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Listen on a free port."""
    with Mailbox() as mailbox:
        threading.Thread(target=mailbox.serve_forever, daemon=True).start()
        yield mailbox
        mailbox.shutdown()


def test_listings_and_delistings_are_told_in_english_with_counts_and_as_fields(
    migrated_shell: Shell, simulator: RunningSimulator, receiver: Receiver, mailbox: Mailbox
) -> None:
    settings = {"MEIGARA_LANGUAGE": "en", "MEIGARA_PUBLIC_URL": PUBLIC}
    migrated_shell.env |= {**settings, "MEIGARA_JQUANTS_PLAN": "premium"}
    simulator.set_today(EARLIER)
    migrated_shell("sync")
    with serving(migrated_shell) as server:
        add_target(server, receiver.url, events=["changes"], kinds=["listed", "delisted"])
        add_target(server, mailbox.url, name="mail", events=["changes"], kinds=["delisted"])
        simulator.set_today(TODAY)
        run = server.await_status(server.start(), "succeeded")
        until(lambda: len(receiver.taken) == 1 and len(mailbox.taken) == 1)
    assert run["listed"] > 0 < run["delisted"]
    [notice], [mail] = receiver.taken, mailbox.taken
    lines = notice["message"].splitlines()
    assert lines[1].startswith(f"+{run['listed']} listed, −{run['delisted']} delisted, ~")
    assert sum(line.endswith(" listed") for line in lines) == run["listed"]
    assert sum(line.endswith(" delisted") for line in lines) == run["delisted"]
    assert (notice["type"], notice["event"], notice["status"]) == ("info", "changes", "succeeded")
    assert (notice["run_id"], notice["link"]) == (run["id"], f"{PUBLIC}/runs/{run['id']}")
    counts = ("total", "companies", "listed", "delisted", "changed", "unchanged")
    assert notice["counts"] == {name: run[name] for name in counts}
    assert len(notice["changes"]) == run["listed"] + run["delisted"]
    assert set(notice["changes"][0]) == {
        *("as_of", "code", "name", "kind", "field", "before", "after")
    }
    told = mail.get_content().splitlines()
    assert mail.get_content_type() == "text/plain"
    assert sum(line.endswith(" delisted") for line in told) == run["delisted"]
    assert f"{PUBLIC}/runs/{run['id']}" in told


def test_each_event_has_its_weight_and_its_state(
    told_shell: Shell, simulator: RunningSimulator, receiver: Receiver
) -> None:
    with serving(told_shell) as server:
        events = ["failed", "held", "recovered", "missed"]
        add_target(server, receiver.url, events=events)
        for number, fault in enumerate(("wrong-key", "mass-change", ""), 1):
            simulator.set_faults(*filter(None, [fault]))
            server.await_status(server.start(), "failed", "held", "succeeded")
            until(lambda count=number: len(receiver.taken) == count)  # type: ignore[misc]
        missed = (
            "UPDATE sync_run SET status = 'missed', told_at = NULL, missed_reason = 'nobody_ran'"
        )
        execute(told_shell, f"{missed} WHERE id = 2")
        execute(told_shell, "DELETE FROM notice")
        until(lambda: len(receiver.taken) == 4)
    assert [(each["event"], each["type"], each["status"]) for each in receiver.taken] == [
        ("failed", "failure", "failed"),
        ("held", "warning", "held"),
        ("recovered", "success", "succeeded"),
        ("missed", "warning", "missed"),
    ]
    assert receiver.taken[0]["counts"]["listed"] is None
    assert receiver.taken[0]["link"] is None


@pytest.mark.parametrize(("form", "kind"), [("", "plain"), ("&format=html", "html")])
async def test_mail_keeps_its_lines_and_shows_names_as_they_are(
    mailbox: Mailbox, form: str, kind: str
) -> None:
    outcome = await send(receiver_of(mailbox.url + form), Message("Trial", f"{ODD}\nsecond\nthird"))
    assert outcome.status == "sent"
    [mail] = mailbox.taken
    part = mail.get_body((kind,))
    assert part is not None
    content = part.get_content()
    if kind == "plain":
        assert content.splitlines()[:3] == [ODD, "second", "third"]
    else:
        assert "<b>" not in content
        assert "&lt;b&gt;A&amp;B&lt;/b&gt;" in content
        assert content.count("<br") >= 2


async def test_a_trial_that_fails_says_why_and_repeats_nothing_secret(
    told_shell: Shell, receiver: Receiver
) -> None:
    path = "canary-path-51f0/canary%20two"
    receiver.refusals = 1
    mute = free_port()
    with serving(told_shell) as server:
        for name, port in (("hook", receiver.server_port), ("mute", mute)):
            url = f"json://user:{SECRET}@127.0.0.1:{port}/{path}?+X-Key={SECRET}"
            add_target(server, url, name=name)
        refused = server.client.post("/notices/1/trial").text
        assert "error=503" in refused
        away = server.client.post("/notices/2/trial").text
        assert "A Connection error occurred sending JSON notification to 127.0.0.1." in away
        said = [refused, away, server.client.get("/audit").text, told_shell("audit").stdout]
        assert f"json://127.0.0.1:{receiver.server_port}" in refused
        assert all(f"json://127.0.0.1:{mute}" in text for text in said)
        execute(told_shell, "UPDATE notice_target SET shown_url = 'json://h.jp/canary-old'")
        execute(
            told_shell,
            "UPDATE audit_entry SET detail = json_set(detail, '$.to', 'json://u:pw@h.jp/canary-old')"
            " WHERE detail IS NOT NULL",
        )
        said += [server.client.get("/notices").text, server.client.get("/audit").text]
        said.append(told_shell("audit", "--format", "json").stdout)
    assert not [text for text in said if SECRET in text or "canary" in text]
    assert "json://h.jp" in said[-1]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("json://user:pw@127.0.0.1:80/hook/x?a=b", "json://127.0.0.1"),
        ("jsons://hooks:8443/secret", "jsons://hooks:8443"),
        ("mailtos://user:pass@gmail.com", "mailtos://gmail.com"),
        ("slack://TTTTTTTTT/BBBBBBBBB/cccccccccccccccccccccccc", "slack://***"),
        ("discord://1234567890/abcdefgh", "discord://***"),
        ("ntfy://secret-topic", "ntfys://***"),
        (f"line://{'a' * 30}/Uabcdef", "line://***"),
    ],
)
def test_of_an_address_scheme_and_host_are_shown(address: str, shown: str) -> None:
    assert masked(receiver_of(address)) == shown
