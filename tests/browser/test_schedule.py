"""The dialog that sets the time: preview, keyboard, and two people at once."""

from playwright.sync_api import expect

from meigara.simulator.server import RunningSimulator
from tests.acceptance.serving import Serving
from tests.browser.conftest import OpenPage, violations

PATH = "/api/v1/companies/schedule"


def test_the_time_is_changed_in_a_dialog_that_shows_the_next_five_times(
    served: Serving, opened: OpenPage
) -> None:
    page = opened(served)
    page.get_by_role("link", name="変更").click()
    dialog = page.get_by_role("dialog")
    save = dialog.get_by_role("button", name="保存")
    expect(save).to_be_disabled()
    dialog.locator("#execution-time").fill("06:45")
    expect(dialog.locator(".preview li")).to_have_count(5)
    expect(dialog.locator(".preview li").first).to_contain_text("06:45")
    save.click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#card")).to_contain_text("毎日 06:45 (JST)")
    assert served.get(PATH)["execution_time"] == "06:45"


def test_the_whole_flow_goes_by_keyboard(served: Serving, opened: OpenPage) -> None:
    page = opened(served)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#sync-now")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#run-2 .badge-succeeded")).to_be_visible()
    page.locator("#change").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#change")).to_be_focused()


def test_two_people_who_edit_at_once_are_told_and_nothing_typed_is_lost(
    served: Serving, simulator: RunningSimulator, opened: OpenPage
) -> None:
    simulator.set_faults("hang")
    served.start()
    page = opened(served)
    page.locator("#change").click()
    dialog = page.get_by_role("dialog")
    served.client.put(PATH, json={"execution_time": "07:00"}).raise_for_status()
    dialog.locator("#execution-time").fill("08:00")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("07:00")
    expect(dialog.locator("#execution-time")).to_have_value("08:00")
    assert violations(page) == []
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_be_hidden()
    assert served.get(PATH)["execution_time"] == "08:00"


def test_an_unknown_zone_is_told_in_the_dialog(served: Serving, opened: OpenPage) -> None:
    page = opened(served, language="en")
    page.locator("#change").click()
    page.locator("#timezone").fill("Asia/Nowhere")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Asia/Nowhere")


def test_the_schedule_is_paused_and_resumed_without_a_reload(
    served: Serving, opened: OpenPage
) -> None:
    page = opened(served)
    page.evaluate("window.kept = true")
    page.locator("#pause").click()
    expect(page.locator("#head")).to_contain_text("停止中")
    page.locator("#pause").click()
    expect(page.locator("#head")).not_to_contain_text("停止中")
    assert page.evaluate("window.kept")
