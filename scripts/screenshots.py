"""What do the pages look like? `make screenshots` writes the pictures that the README shows.

The market is invented. The pictures are taken with the browser of this machine.
"""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from meigara.bootstrap import TOKYO
from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running
from scripts.sample import make_sample
from tests.servers import free_port, is_listening, spawned_meigara
from tests.waiting import until

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
_DESKTOP = ViewportSize(width=1180, height=800)
_PHONE = ViewportSize(width=390, height=844)
_SETTLE_MS, _MIDST_MS, _LONGEST_MS = 500, 3_000, 30_000


def main() -> None:
    """Serve a store of two months, and take all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    market, last_day = Market(), _last_day()
    with tempfile.TemporaryDirectory(prefix="meigara-pictures-") as folder:
        file = Path(folder) / "meigara.db"
        make_sample(file, market, last_day)
        with (
            running(SimulatorConfig(market=market, today=last_day)) as simulator,
            _served(file, simulator) as address,
            _browser() as browser,
        ):
            _take_all(Camera(browser, address), simulator)


def _last_day() -> dt.date:
    """Return the newest day whose 05:00 has passed in Tokyo."""
    return (dt.datetime.now(TOKYO) - dt.timedelta(hours=6)).date()


@contextmanager
def _served(file: Path, simulator: RunningSimulator) -> Iterator[str]:
    """Serve the store; yield the address."""
    env = {
        "MEIGARA_DATABASE_URL": f"sqlite:///{file}",
        "MEIGARA_JQUANTS_API_KEY": "invented",
        "MEIGARA_JQUANTS_BASE_URL": simulator.base_url,
    }
    port = free_port()
    with spawned_meigara("serve", "--port", str(port), env=env):
        until(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--lang=ja"]
        )
        yield browser
        browser.close()


class Camera:
    """Opens pages in windows of some size and language, and keeps pictures of them."""

    def __init__(self, browser: Browser, address: str) -> None:
        """Point a browser at the server."""
        self._browser = browser
        self._address = address

    def open(self, path: str, *, phone: bool = False, dark: bool = False, ja: bool = True) -> Page:
        """Open a page in a window of its own."""
        context = self._browser.new_context(
            base_url=self._address,
            viewport=_PHONE if phone else _DESKTOP,
            color_scheme="dark" if dark else "light",
            locale="ja-JP" if ja else "en-GB",
        )
        language = "ja" if ja else "en"
        context.add_cookies([{"name": "language", "value": language, "url": self._address}])
        page = context.new_page()
        page.goto(path)
        return page

    @staticmethod
    def keep(page: Page, name: str, *, whole: bool = False) -> None:
        """Keep a picture of what is in the window, or of the whole page, and close the window."""
        page.wait_for_timeout(_SETTLE_MS)
        page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)
        page.context.close()


def _take_all(camera: Camera, simulator: RunningSimulator) -> None:
    camera.keep(camera.open("/"), "source", whole=True)
    camera.keep(camera.open("/", phone=True, dark=True), "source-phone-dark")
    camera.keep(camera.open("/", ja=False, dark=True), "source-english-dark")
    camera.keep(camera.open("/issues?q=電機"), "issues")
    camera.keep(camera.open("/issues", phone=True), "issues-phone")
    camera.keep(camera.open("/runs"), "history")
    camera.keep(_schedule(camera), "schedule")
    camera.keep(_newest_change(camera), "run")
    camera.keep(_issue(camera), "issue")
    simulator.set_faults("slow:8")
    camera.keep(_sync(camera), "progress")
    simulator.set_faults("mass-change")
    camera.keep(_held(camera), "held")


def _schedule(camera: Camera) -> Page:
    page = camera.open("/")
    page.locator("#change").click()
    page.locator("#execution-time").fill("18:30")
    expect(page.locator(".preview li").first).to_contain_text("18:30")
    return page


def _newest_change(camera: Camera) -> Page:
    page = camera.open("/runs?status=succeeded")
    changed = page.locator("tr", has=page.locator(".tilde", has_not_text="~0"))
    changed.first.locator("a").first.click()
    return page


def _issue(camera: Camera) -> Page:
    page = _newest_change(camera)
    page.locator("tbody a.code").last.click()
    return page


def _sync(camera: Camera) -> Page:
    page = camera.open("/")
    page.locator("#sync-now").click()
    expect(page.locator("progress")).to_be_visible()
    page.wait_for_timeout(_MIDST_MS)
    return page


def _held(camera: Camera) -> Page:
    page = camera.open("/")
    expect(page.locator("#sync-now")).to_be_visible(timeout=_LONGEST_MS)
    page.locator("#sync-now").click()
    page.locator("#review").click(timeout=_LONGEST_MS)
    return page


if __name__ == "__main__":
    main()
