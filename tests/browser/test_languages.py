"""Every flow from its button to its end, in the words of each language."""

import pytest
from playwright.sync_api import Page, expect

from meigara.i18n import Translate, translator
from meigara.simulator.server import RunningSimulator
from tests.acceptance.serving import Serving
from tests.browser.conftest import OpenPage


class Person:
    """Somebody who finds buttons by the words on them."""

    def __init__(self, page: Page, translate: Translate) -> None:
        self.page = page
        self.t = translate

    def presses(self, words: str) -> None:
        """Press the button, or follow the link, of these words."""
        named = {"name": self.t(words), "exact": True}
        button = self.page.get_by_role("button", **named)  # type: ignore[arg-type]  # from a dict
        link = self.page.get_by_role("link", **named)  # type: ignore[arg-type]  # from a dict
        button.or_(link).first.click()

    def reads(self, words: str, place: str = "main") -> None:
        """Wait until a part of the page says something."""
        text = self.t(words)
        expect(self.page.locator(place)).to_contain_text(text, timeout=20_000)


@pytest.fixture(params=["ja", "en"])
def person(request: pytest.FixtureRequest, served: Serving, opened: OpenPage) -> Person:
    """Give somebody in front of the first page, in each language."""
    return Person(opened(served, language=request.param), translator(request.param))


def test_a_sync_is_done_stopped_and_refused(person: Person, simulator: RunningSimulator) -> None:
    person.presses("Sync now")
    person.reads("succeeded", "#run-2")
    person.reads("The sync is complete.", "#progress")
    simulator.set_faults("hang")
    person.presses("Sync now")
    person.reads("Syncing", "#head")
    person.presses("Stop")
    person.reads("Cancelled; the list is unchanged.", "#progress")
    simulator.set_faults("reset")
    person.presses("Sync now")
    person.reads("Failed", "#head")
    person.page.locator("#run-4 summary").click()
    person.reads("What to do", "#run-4")


def test_a_held_list_is_discarded_fetched_again_and_applied(
    person: Person, simulator: RunningSimulator
) -> None:
    simulator.set_faults("mass-change")
    for decision, button, result in (
        ("Discard …", "Discard", "discarded"),
        ("Fetch again …", "Fetch again", "Waiting for your decision"),
        ("Apply …", "Apply", "succeeded"),
    ):
        if decision != "Apply …":
            person.presses("Sync now")
        person.presses("Review")
        person.reads("What it would change")
        person.presses(decision)
        person.presses(button)
        if decision == "Fetch again …":
            expect(person.page.locator("#run-4 .badge-held")).to_be_visible()
        else:
            person.reads(result, "h1")
        if decision == "Discard …":
            person.presses("Data source")


def test_the_schedule_is_changed_paused_and_resumed(person: Person) -> None:
    person.presses("Change")
    dialog = person.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=person.t("Save"))).to_be_disabled()
    dialog.locator("#execution-time").fill("06:45")
    expect(dialog.locator(".preview li").first).to_contain_text("06:45")
    person.presses("Save")
    expect(person.page.locator("#card")).to_contain_text("06:45")
    person.presses("Pause")
    person.reads("Paused", "#head")
    person.presses("Resume")
    person.reads("Pause", "#card")


def test_the_list_is_searched_filtered_and_followed_to_an_issue(person: Person) -> None:
    person.presses("All issues")
    person.page.get_by_label(person.t("Search")).fill("電機")
    person.page.get_by_label(person.t("companies only")).check()
    person.presses("Search")
    expect(person.page.locator("main")).to_contain_text(person.t("Show all"))
    first = person.page.locator("tbody a.code").first
    code = first.inner_text()
    first.click()
    expect(person.page.locator("h1")).to_contain_text(code)
    person.reads("What happened to it")


@pytest.mark.parametrize(
    "path", ["/issues?q=電機&companies=true&order=name&desc=true&page=2", "/runs?status=succeeded"]
)
def test_a_switch_of_the_language_keeps_the_whole_address(
    sampled: Serving, opened: OpenPage, path: str
) -> None:
    page = opened(sampled, path)
    before = page.url
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == before


def test_a_switch_after_a_refused_form_leads_back_to_the_page_with_the_form(
    served: Serving, opened: OpenPage
) -> None:
    page = opened(served, "/data-sources/1/schedule")
    page.locator("#timezone").fill("Asia/Nowhere")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set the time of the daily sync")


def test_the_setup_and_the_account_are_found_at_the_top_with_the_keyboard(person: Person) -> None:
    for words, heading in (("Setup", "Set up J-Quants"), ("Account", "Account")):
        link = person.page.get_by_role("banner").get_by_role("link", name=person.t(words))
        link.focus()
        person.page.keyboard.press("Enter")
        person.reads(heading, "h1")
        expect(link).to_have_attribute("aria-current", "page")
