"""Where the keyboard stands after a button was pressed, and after what was typed is refused."""

import pytest
from playwright.sync_api import Locator, expect

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving
from tests.browser.conftest import OpenPage
from tests.browser.test_signed_in import guarded, sign_in  # noqa: F401 - a fixture for the tests here


def press(button: Locator) -> None:
    """Press a button with the keyboard."""
    button.focus()
    button.page.keyboard.press("Enter")


def test_the_button_that_comes_in_place_of_the_one_that_was_pressed_has_the_focus(
    served: Serving, simulator: RunningSimulator, opened: OpenPage
) -> None:
    page = opened(served)
    simulator.set_faults("hang")
    press(page.locator("#sync-now"))
    expect(page.locator("#cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#sync-now")).to_be_focused()
    simulator.set_faults("mass-change")
    page.keyboard.press("Enter")
    expect(page.locator("#review")).to_be_focused(timeout=20_000)


def test_a_focus_elsewhere_stays_where_it_is_while_a_sync_begins_and_ends(
    synced_shell: Shell, served: Serving, opened: OpenPage
) -> None:
    page = opened(served)
    page.locator("#pause").focus()
    synced_shell("sync")
    expect(page.locator("#run-2 .badge-succeeded")).to_be_visible()
    expect(page.locator("#pause")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".standing-paused")).to_be_visible()
    expect(page.locator("#pause")).to_be_focused()


@pytest.mark.parametrize(
    ("field", "typed"), [("#execution-time", "25:99"), ("#timezone", "Asia/Nowhere")]
)
def test_a_schedule_that_is_refused_puts_the_keyboard_into_the_wrong_field(
    served: Serving, opened: OpenPage, field: str, typed: str
) -> None:
    page = opened(served)
    for path, place in (("/", page.get_by_role("dialog")), ("/data-sources/1/schedule", page)):
        page.goto(path)
        if path == "/":
            press(page.locator("#change"))
        page.locator("#execution-time").evaluate("field => { field.type = 'text'; }")
        page.locator(field).fill(typed)
        press(place.get_by_role("button", name="保存"))
        expect_wrong(page.locator(field), typed)


def expect_wrong(field: Locator, told: str) -> None:
    """Wait until a field has the focus and is marked as wrong, with the message that says why."""
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    message = (field.get_attribute("aria-describedby") or "").split()[0]
    expect(field.page.locator(f"#{message}")).to_contain_text(told)


def test_a_schedule_that_somebody_else_changed_meanwhile_leaves_the_keyboard_on_save(
    served: Serving, opened: OpenPage
) -> None:
    page = opened(served)
    page.locator("#change").click()
    served.client.put("/api/v1/companies/schedule", json={"execution_time": "07:00"})
    page.locator("#execution-time").fill("08:00")
    save = page.get_by_role("dialog").get_by_role("button", name="保存")
    press(save)
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("07:00")
    expect(save).to_be_focused()


def test_what_is_refused_on_the_other_pages_has_the_focus_as_well(
    guarded: Serving,  # noqa: F811 - the fixture
    simulator: RunningSimulator,
    opened: OpenPage,
) -> None:
    page = opened(guarded, "/setup")
    sign_in(page, "naomi")
    simulator.set_faults("wrong-key")
    page.locator("#key").fill("not-the-key")
    page.keyboard.press("Enter")
    expect_wrong(page.locator("#key"), "API")
    page.goto("/account")
    page.locator("[name=old]").fill("not the password")
    page.locator("[name=new]").fill("a password of some length")
    page.keyboard.press("Enter")
    expect_wrong(page.locator("[name=old]"), "パスワード")
    page.goto("/notices")
    page.locator("main [name=name]").fill("夜間の担当")
    page.locator("[name=url]").fill("no address")
    page.keyboard.press("Enter")
    expect_wrong(page.locator("[name=url]"), "送れません")
    page.goto("/issues?as_of=1900-01-01")
    expect_wrong(page.locator("[name=as_of]"), "1900-01-01")


def test_a_message_that_is_closed_gives_the_focus_back(served: Serving, opened: OpenPage) -> None:
    page = opened(served)
    page.route("**/sync-companies-action", lambda route: route.fulfill(status=503))
    press(page.locator("#sync-now"))
    expect(page.locator("#told")).to_be_visible()
    press(page.locator("#told button"))
    expect(page.locator("#sync-now")).to_be_focused()
