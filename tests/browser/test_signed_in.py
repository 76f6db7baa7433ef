"""Signing in, the account, the notices and the trail, as a person uses them in a browser."""

import contextlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Error, Page, expect

from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving
from tests.acceptance.test_access import PASSWORD, add_user
from tests.acceptance.test_delivery import Receiver, receiver  # noqa: F401 - a fixture for the tests here
from tests.browser.conftest import OpenPage, violations

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def guarded(synced_shell: Shell) -> Iterator[Serving]:
    """Serve a store with an administrator and a viewer."""
    add_user(synced_shell, "naomi", "admin")
    add_user(synced_shell, "vera", "viewer")
    with serving(synced_shell) as server:
        yield server


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Type name and password, with the keyboard only."""
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_signing_in_leads_to_the_page_that_was_wanted_and_out_again(
    guarded: Serving, opened: OpenPage
) -> None:
    page = opened(guarded, "/issues?q=電機")
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
    sign_in(page, "naomi", "a wrong password")
    expect(page.get_by_role("alert")).to_contain_text("名前またはパスワードが違います")
    page.keyboard.type(PASSWORD)  # the name stands, the password has the focus
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/issues\?q="))
    page.get_by_role("link", name="naomi").click()
    page.get_by_role("button", name="サインアウト").click()
    page.goto("/")
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()


def test_after_signing_out_the_way_back_shows_nothing(guarded: Serving, opened: OpenPage) -> None:
    page = opened(guarded, "/audit")
    sign_in(page, "naomi")
    expect(page.locator("main")).to_contain_text("naomi")
    page.get_by_role("link", name="naomi").click()
    page.get_by_label("用途").fill("nightly")
    page.get_by_role("button", name="トークンを発行").click()
    expect(page.locator("#token")).to_be_visible()
    page.get_by_role("button", name="サインアウト").click()
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
    for _ in range(3):
        with contextlib.suppress(Error):  # where a form was sent, nothing is there to be shown
            page.go_back()
        expect(page.locator("body")).not_to_contain_text("naomi")
        expect(page.locator("#token")).to_have_count(0)


def test_a_signed_in_person_syncs_and_an_ended_session_leads_back_to_the_door(
    guarded: Serving, synced_shell: Shell, opened: OpenPage
) -> None:
    page = opened(guarded)
    sign_in(page, "naomi")
    page.get_by_role("button", name="今すぐ同期").click()
    expect(page.locator("#result")).to_contain_text("同期が完了しました")
    page.get_by_role("link", name="変更", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    synced_shell("user", "role", "vera", "admin")
    synced_shell("user", "disable", "naomi")
    synced_shell("schedule", "pause")  # the open page hears of it, and is nobody's any more
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()


def test_a_viewer_sees_everything_and_no_button_that_changes_it(
    guarded: Serving, opened: OpenPage
) -> None:
    page = opened(guarded)
    sign_in(page, "vera")
    expect(page.locator("#head-line")).to_be_visible()
    for name in ("今すぐ同期", "停止", "変更"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    page.goto("/audit")
    expect(page.get_by_role("heading")).to_contain_text("権限がありません")


def test_a_target_is_added_tried_and_removed(
    guarded: Serving,
    opened: OpenPage,
    receiver: Receiver,  # noqa: F811 - the fixture
) -> None:
    page = opened(guarded, "/notices")
    sign_in(page, "naomi")
    page.get_by_label("名称", exact=True).fill("夜間の担当")
    page.get_by_label("宛先", exact=True).fill(receiver.url)
    page.get_by_label("未実施", exact=True).uncheck()
    page.get_by_label("名称変更").check()
    page.get_by_role("button", name="追加").click()
    expect(page.get_by_role("row", name=re.compile("夜間の担当"))).to_contain_text(
        "json://127.0.0.1"
    )
    page.get_by_role("button", name="夜間の担当 にテスト通知を送る").click()
    expect(page.get_by_role("status")).to_contain_text("送りました")
    assert receiver.titles() == ["Meigara: テスト"]
    page.get_by_role("link", name="夜間の担当 を削除").click()
    page.get_by_role("button", name="削除").click()
    expect(page.get_by_text("通知先はまだありません")).to_be_visible()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_accounts_breaks_a_rule_of_accessibility_or_is_wider_than_a_phone(
    guarded: Serving,
    opened: OpenPage,
    receiver: Receiver,  # noqa: F811 - the fixture
    language: str,
    scheme: str,
) -> None:
    page = opened(guarded, "/", language, color_scheme=scheme, viewport=PHONE)
    found = violations(page)
    sign_in(page, "naomi", "wrong")
    expect(page.get_by_role("alert").first).to_be_visible()
    found += violations(page)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.goto("/notices")
    page.locator("input[name=name]").fill("hook")
    page.locator("input[name=url]").fill(receiver.url)
    page.locator("form[action='/notices'] button").click()
    expect(page.locator("form[action='/notices/1/trial']")).to_be_visible()
    page.goto("/account")
    page.locator("form[action='/account/tokens'] input[name=name]").fill("nightly")
    page.locator("form[action='/account/tokens'] button").click()
    expect(page.locator("#token")).to_be_visible()
    found += violations(page)
    for path in ("/notices", "/notices/1/remove", "/account", "/audit"):
        page.goto(path)
        found += [f"{path} {each}" for each in violations(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], path
    assert found == []
