"""The feed of changes, as a reader of feeds sees it."""

from collections.abc import Iterator
from xml.etree import ElementTree as xml

import httpx
import pytest

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import TODAY, Shell
from tests.acceptance.serving import Serving, serving
from tests.acceptance.test_access import add_user

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def followed(synced_shell: Shell, simulator: RunningSimulator) -> Iterator[Serving]:
    """Serve a store whose list has changed since the first one."""
    synced_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"
    simulator.set_today(TODAY.replace(day=27))
    synced_shell("sync")
    with serving(synced_shell) as server:
        yield server


def test_each_change_is_an_entry_that_stays_the_same(followed: Serving) -> None:
    answer = followed.client.get("/changes.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = xml.fromstring(answer.content)  # noqa: S314 - our own answer
    entries = feed.findall(f"{ATOM}entry")
    changes = followed.get("/api/v1/changes")["changes"][::-1][:200]
    told = [each.findtext(f"{ATOM}title", "") for each in entries]
    assert [title.split()[0] for title in told] == [each["code"] for each in changes]
    identities = [each.findtext(f"{ATOM}id", "") for each in entries]
    assert len(set(identities)) == len(identities) > 0
    needed = ("id", "title", "updated", "author")
    assert all(feed.find(f"{ATOM}{name}") is not None for name in needed)
    etag = answer.headers["etag"]
    again = followed.client.get("/changes.atom", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_feed_can_be_of_one_kind_or_one_issue(followed: Serving) -> None:
    change = followed.get("/api/v1/changes?kind=listed")["changes"][0]
    for query in ("kind=listed", f"code={change['code']}"):
        feed = xml.fromstring(followed.client.get(f"/changes.atom?{query}").content)  # noqa: S314 - our own
        titles = [each.text or "" for each in feed.iterfind(f"{ATOM}entry/{ATOM}title")]
        assert f"{change['code']} {change['name']} 上場" in titles
    assert followed.client.get("/changes.atom?kind=nonsense").status_code == 422


def test_a_reader_of_feeds_shows_its_token_as_a_password(
    followed: Serving, synced_shell: Shell
) -> None:
    add_user(synced_shell, "naomi", "admin")
    token = synced_shell("token", "issue", "reader", "--user", "naomi").stdout.strip()
    with httpx.Client(base_url=followed.client.base_url) as reader:
        assert reader.get("/changes.atom", auth=("naomi", token)).status_code == 200
        assert reader.get("/changes.atom", auth=("naomi", "wrong")).status_code == 401
        malformed = {"Authorization": "Basic ?"}
        assert reader.get("/changes.atom", headers=malformed).status_code == 401
