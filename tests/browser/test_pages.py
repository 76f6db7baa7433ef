"""Every page for everybody: both languages, light and dark, and addresses nobody should write."""

import re

import pytest
from playwright.sync_api import expect

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving
from tests.browser.conftest import OpenPage, violations

PAGES = (
    "/",
    "/issues",
    "/issues?q=zzzz",
    "/issues?as_of=x",
    "/issues/13010",
    "/runs",
    "/runs/1",
    "/runs/19",
    "/runs?status=missed",
    "/runs/999",
    "/setup",
    "/data-sources/1/schedule",
    "/nowhere",
)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility_or_is_wider_than_a_phone(
    sampled: Serving, opened: OpenPage, language: str, scheme: str
) -> None:
    page = opened(
        sampled, language=language, color_scheme=scheme, viewport={"width": 360, "height": 740}
    )
    found = {}
    for path in PAGES:
        page.goto(path)
        wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found[path] = violations(page) + (["wider than the window"] if wider else [])
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_state_breaks_a_rule_of_accessibility(
    synced_shell: Shell, simulator: RunningSimulator, opened: OpenPage, language: str, scheme: str
) -> None:
    with serving(synced_shell) as server:
        page = opened(server, language=language, color_scheme=scheme)
        found = {}
        for state, fault, *clicks in (
            ("syncing", "hang", "#sync-now", "#cancel:enabled"),
            ("cancelled", "hang", "#cancel", "#sync-now"),
            ("failed", "reset", "#sync-now", "#run-3 summary", "#run-3 [data-copy]"),
            ("held", "mass-change", "#sync-now", "#review"),
            ("proposed", "", "#review", ".notice a.danger"),
            ("asked", "", ".notice a.danger", "main button.danger"),
            ("discarded", "", "main button.danger", ".badge-discarded"),
            ("dialog", "", ".brand", "#change", "dialog #timezone"),
            ("paused", "", "dialog [data-close]", "#pause", ".standing-paused"),
            ("refused", "wrong-key", "#sync-now", "#setup"),
        ):
            simulator.set_faults(*filter(None, [fault]))
            *steps, seen = clicks
            for step in steps:
                page.locator(step).first.click()
            expect(page.locator(seen).first).to_be_visible()
            found[state] = violations(page)
    expect(page.locator("#disconnected")).to_be_visible()
    found["offline"] = violations(page)
    assert {state: faults for state, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("language", "words"),
    [("ja", r"\d{4}年\d\d月\d\d日 05:00: \S+"), ("en", r"\d{4}-\d\d-\d\d at 05:00: [a-z]+")],
)
def test_each_slot_is_told_by_its_date_time_and_result_to_the_eye_and_to_the_ear(
    sampled: Serving, opened: OpenPage, language: str, words: str
) -> None:
    slots = opened(sampled, language=language).locator("a.slot")
    expect(slots).to_have_count(60)
    for slot in slots.all():
        title = slot.get_attribute("title") or ""
        assert re.fullmatch(words, title)
        expect(slot).to_have_accessible_name(title)


def test_an_empty_store_without_a_key_leads_to_the_set_up_and_to_a_demo(
    migrated_shell: Shell, opened: OpenPage
) -> None:
    del migrated_shell.env["MEIGARA_JQUANTS_API_KEY"]
    with serving(migrated_shell) as server:
        page = opened(server)
        assert violations(page) == []
        page.locator("#setup").click()
        assert violations(page) == []
        page.locator("#demo").click()
        expect(page.locator(".banner.demo")).to_contain_text("架空")
        expect(page.locator("#run-2 .badge-succeeded")).to_be_visible(timeout=20_000)
        assert violations(page) == []
        page.locator(".banner.demo button").click()
        expect(page.locator("#key")).to_be_visible()


def test_a_key_is_tested_and_taken_on_the_page(
    migrated_shell: Shell, simulator: RunningSimulator, opened: OpenPage
) -> None:
    del migrated_shell.env["MEIGARA_JQUANTS_API_KEY"]
    simulator.set_faults("wrong-key")
    with serving(migrated_shell) as server:
        page = opened(server, "/setup")
        page.locator("#key").fill("not-the-key")
        page.locator("main button.primary").click()
        expect(page.get_by_role("alert").first).to_be_visible()
        simulator.set_faults()
        page.locator("#key").fill("a-new-key")
        page.locator("main button.primary").click()
        expect(page.locator("main")).to_contain_text("キーを確認しました")
        page.get_by_role("button", name="今すぐ同期").click()
        expect(page.locator("#run-1 .badge-succeeded")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/issues?q=" + "あ" * 3_000, 200),
        ("/issues?q=" + "a+" * 5_000, 200),
        ("/issues?q=%00%00", 422),
        ("/issues?q=<script>alert(1)</script>", 200),
        ("/issues?market=<b>&as_of=2026-13-45", 200),
        ("/issues?as_of=1900-01-01", 200),
        ("/issues?order=nothing", 422),
        ("/issues?page=99999999999999999999", 422),
        ("/issues?market=nothing", 200),
        ("/issues/%00", 422),
        ("/runs?status=<b>&trigger=x", 200),
        ("/runs?before=abc", 422),
        ("/runs?before=99999999999999999999", 422),
        ("/runs/99999999999999999999", 404),
        ("/runs/abc", 422),
        ("/data-sources/9", 404),
        ("/data-sources/9/schedule", 404),
        ("/data-sources/9/endpoints/1/execution-history", 404),
        ("/data-sources/1/endpoints/9/execution-history", 404),
        ("/language/xx", 404),
    ],
)
def test_whatever_stands_in_an_address_is_answered_with_a_page_and_escaped(
    served: Serving, path: str, status: int
) -> None:
    answer = served.client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert "<main" in answer.text
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize("path", ["/", "/issues", "/runs", "/runs/63", "/issues/13010"])
def test_a_page_weighs_less_than_100_kilobytes_as_it_is_sent_with_all_it_needs(
    sampled: Serving, opened: OpenPage, path: str
) -> None:
    page = opened(sampled, "/nowhere")
    traffic = page.context.new_cdp_session(page)
    traffic.send("Network.enable")
    traffic.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    traffic.on("Network.loadingFinished", lambda end: sizes.append(end["encodedDataLength"]))
    page.goto(path)
    page.wait_for_timeout(300)
    assert len(sizes) >= 5
    assert sum(sizes) <= 100_000
