"""Starting a sync, watching it, stopping it; and what becomes of an open page meanwhile."""

import datetime as dt
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving
from tests.browser.conftest import OpenPage
from tests.servers import is_listening, spawned_meigara
from tests.waiting import until


def newest_run(page: Page) -> str:
    return page.locator("table.history tbody tr").first.get_attribute("id") or ""


def test_the_button_starts_a_sync_and_its_end_appears_without_a_reload(
    served: Serving, opened: OpenPage
) -> None:
    page, other = opened(served), opened(served, language="en")
    page.evaluate("window.kept = true")
    page.get_by_role("button", name="今すぐ同期").click()
    for window, words in ((page, "同期が完了しました"), (other, "The sync is complete.")):
        expect(window.locator("#run-2")).to_be_visible()
        expect(window.locator("#run-2 .badge-succeeded")).to_be_visible()
        expect(window.locator("#progress")).to_contain_text(words)
    expect(page.locator("#progress")).to_contain_text("処理時間")
    assert page.evaluate("window.kept")


PRESS_TWICE_AT = """moment => {
  const button = document.querySelector("#sync-now");
  setTimeout(() => { button.click(); button.click(); }, moment - Date.now());
}"""


def test_pressing_twice_or_in_two_windows_joins_the_run_under_way(
    served: Serving, simulator: RunningSimulator, opened: OpenPage
) -> None:
    simulator.set_faults("hang")
    first, second = opened(served), opened(served)
    moment = (time.time() + 1) * 1_000  # later, each would see what the other has begun
    for page in (first, second):
        page.evaluate(PRESS_TWICE_AT, moment)
    for page in (first, second):
        expect(page.locator("[data-task-id='2']")).to_be_visible()
        expect(page.locator("#cancel")).to_be_visible()
    assert newest_run(first) == newest_run(second) == "run-2"


def test_a_sync_is_stopped_on_the_page_and_the_list_is_unchanged(
    synced_shell: Shell, simulator: RunningSimulator, opened: OpenPage
) -> None:
    before = synced_shell.content_of_list()
    simulator.set_faults("hang")
    with serving(synced_shell) as server:
        page = opened(server)
        page.locator("#sync-now").click()
        page.locator("#cancel").click()
        expect(page.locator("#progress")).to_contain_text("一覧は変わっていません")
        expect(page.locator("#sync-now")).to_be_enabled()
    assert synced_shell.content_of_list() == before


def test_the_button_of_a_page_that_was_updated_does_what_it_says(
    served: Serving, simulator: RunningSimulator, opened: OpenPage
) -> None:
    page = opened(served)
    page.evaluate("window.kept = true")
    simulator.set_faults("slow:2")
    page.locator("#sync-now").click()
    expect(page.locator("[data-task-id='2']")).to_be_visible()
    expect(page.locator("#run-2 .badge-succeeded")).to_be_visible()
    simulator.set_faults("hang")
    page.locator("#sync-now").click()
    expect(page.locator("[data-task-id='3']")).to_be_visible()
    page.locator("#cancel").click()
    expect(page.locator("#run-3 .badge-cancelled")).to_be_visible()
    page.locator("#sync-now").click()
    expect(page.locator("[data-task-id='4']")).to_be_visible()
    assert page.evaluate("window.kept")


def test_a_failing_source_is_told_with_its_cause_and_what_to_do(
    served: Serving, simulator: RunningSimulator, opened: OpenPage
) -> None:
    simulator.set_faults("wrong-key")
    page = opened(served, language="en")
    page.locator("#sync-now").click()
    expect(page.locator("#head")).to_contain_text("The API key is refused")
    page.locator("#run-2 summary").click()
    expect(page.locator("#run-2")).to_contain_text("What to do")
    expect(page.locator("#run-2 [data-copy]")).to_be_visible()
    page.locator("#run-2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run 2")


def test_a_held_run_is_looked_at_and_applied_after_a_question_that_names_the_numbers(
    served: Serving, simulator: RunningSimulator, opened: OpenPage
) -> None:
    simulator.set_faults("mass-change")
    page = opened(served)
    page.locator("#sync-now").click()
    expect(page.locator("#head")).to_contain_text("保留")
    page.locator("#review").click()
    page.get_by_role("link", name="適用…").click()
    expect(page.locator("main")).to_contain_text("4,444 件")
    page.get_by_role("button", name="適用").click()
    expect(page.locator("h1 .badge-succeeded")).to_be_visible()


def test_a_held_run_is_discarded_and_the_list_stays(
    synced_shell: Shell, simulator: RunningSimulator, opened: OpenPage
) -> None:
    before = synced_shell.content_of_list()
    simulator.set_faults("mass-change")
    with serving(synced_shell) as server:
        page = opened(server)
        page.locator("#sync-now").click()
        page.locator("#review").click()
        page.locator("main .notice a.danger").click()
        page.locator("main button.danger").click()
        expect(page.locator("h1 .badge-discarded")).to_be_visible()
    assert synced_shell.content_of_list() == before


def test_a_run_that_another_process_starts_is_seen_by_an_open_page(
    synced_shell: Shell, served: Serving, opened: OpenPage
) -> None:
    page = opened(served)
    synced_shell("sync")
    expect(page.locator("#run-2")).to_be_visible(timeout=2_000)


def test_an_open_page_says_since_when_the_server_is_away_and_is_current_again_by_itself(
    synced_shell: Shell, opened: OpenPage
) -> None:
    with serving(synced_shell) as server:
        page = opened(server)
        port = str(server.client.base_url.port)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        expect(page.locator("#disconnected")).to_contain_text("この画面は切断されています")
        with spawned_meigara("serve", "--port", port, env=synced_shell.env):
            until(lambda: is_listening(int(port)))
            synced_shell("sync")
            expect(page.locator("#disconnected")).to_be_hidden()
            expect(page.locator("#run-2")).to_be_visible()


def test_an_idle_page_asks_at_most_once_a_minute_and_a_hidden_one_never(
    served: Serving, opened: OpenPage
) -> None:
    page = opened(served)
    asked: list[str] = []
    page.wait_for_timeout(500)
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4_000)
    assert asked == []
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    served.start()
    page.wait_for_timeout(3_000)
    assert asked == []


def test_focus_scroll_and_an_open_cause_survive_a_hundred_updates(
    sampled: Serving, opened: OpenPage
) -> None:
    page = opened(sampled, viewport={"width": 390, "height": 500})
    page.locator("#change").focus()
    page.evaluate("scrollTo(0, 300)")
    html = sampled.client.get("/data-sources/1/live", headers={"Cookie": "language=ja"}).text
    page.evaluate(
        """html => { for (let n = 0; n < 100; n++) Idiomorph.morph(
          document.getElementById("live"), html.replace("最新", "最新" + n),
          { morphStyle: "innerHTML" }) }""",
        html,
    )
    assert page.evaluate("[document.activeElement.id, scrollY]") == ["change", 300]


@pytest.mark.parametrize("size", [(1280, 800), (390, 800)])
def test_nothing_moves_while_a_sync_runs(
    served: Serving, simulator: RunningSimulator, opened: OpenPage, size: tuple[int, int]
) -> None:
    simulator.set_faults("slow:2")
    page = opened(served, viewport={"width": size[0], "height": size[1]})
    page.wait_for_timeout(300)
    page.evaluate(
        """window.shift = 0; new PerformanceObserver(list => {
          for (const each of list.getEntries()) window.shift += each.value
        }).observe({ type: "layout-shift" })"""
    )
    served.start()
    expect(page.locator("progress")).to_be_visible()
    expect(page.locator("#run-2 .badge-succeeded")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") == 0


def test_without_scripts_a_reload_shows_the_same(served: Serving, opened: OpenPage) -> None:
    page = opened(served, java_script_enabled=False)
    page.locator("#sync-now").click()
    served.await_status(2, "succeeded")
    page.reload()
    expect(page.locator("#run-2 .badge-succeeded")).to_be_visible()
    page.locator("#change").click()
    page.locator("#execution-time").fill("06:30")
    page.locator("form button.primary").click()
    expect(page.locator("#card")).to_contain_text("06:30")
    assert dt.time.fromisoformat(served.get("/api/v1/companies/schedule")["execution_time"])


def test_an_open_page_says_within_three_seconds_that_the_file_was_deleted(
    synced_shell: Shell, served: Serving, opened: OpenPage
) -> None:
    page = opened(served)
    Path(synced_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///")).unlink()
    expect(page.locator("#disconnected")).to_contain_text("ファイルが削除されました", timeout=3_000)
    page.reload()
    expect(page.locator("main")).to_contain_text("ファイルが削除されました")
