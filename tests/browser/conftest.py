"""A browser in front of the installed server, which talks to a source on a socket."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator
from scripts.sample import LAST_DAY, make_sample
from tests.acceptance.conftest import (  # noqa: F401 - fixtures that the tests here ask for
    Shell,
    market,
    migrated_shell,
    simulator,
    sqlite_shell,
    synced_file,
    synced_shell,
)
from tests.acceptance.serving import Serving, serving

AXE = Path(__file__).with_name("axe.min.js")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
expect.set_options(timeout=10_000)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give the browser of this system, without a window."""
    program = shutil.which("chromium")
    if program is None:
        assert not os.environ.get("CI"), "Chromium is not installed"
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[OpenPage]:
    """Give a function that opens an address of a server in a window of its own.

    It fails the test at the end if a script failed or another host was asked for anything.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(server: Serving, path: str = "/", language: str = "ja", **options: Any) -> Page:
        base = str(server.client.base_url)
        context = chromium.new_context(base_url=base, **options)
        context.add_cookies([{"name": "language", "value": language, "url": base}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda asked: _note_elsewhere(asked.url, base, faults))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def _note_elsewhere(url: str, base: str, faults: list[str]) -> None:
    if not url.startswith((base, "data:")):
        faults.append(f"asked for {url}")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with a page as it is, with the elements meant."""
    page.evaluate(AXE.read_text("utf-8"))
    options = {"runOnly": {"type": "tag", "values": _RULES}}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]
    ]


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory, market: Market) -> Path:  # noqa: F811 - the fixture
    """Give an SQLite file with two months of days."""
    file = tmp_path_factory.mktemp("sample") / "meigara.db"
    with ThreadPoolExecutor(1) as apart:  # the browser has the event loop of this thread
        apart.submit(make_sample, file, market).result()
    return file


@pytest.fixture
def sampled(
    sqlite_shell: Shell,  # noqa: F811 - the fixture
    simulator: RunningSimulator,  # noqa: F811 - the fixture
    sample_file: Path,
) -> Iterator[Serving]:
    """Serve the sample, paused, so that nothing happens by itself."""
    simulator.set_today(LAST_DAY)
    shutil.copy(sample_file, sqlite_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///"))
    sqlite_shell("schedule", "pause")
    with serving(sqlite_shell) as server:
        yield server


@pytest.fixture
def served(synced_shell: Shell) -> Iterator[Serving]:  # noqa: F811 - the fixture
    """Serve a store that holds one list."""
    with serving(synced_shell) as server:
        yield server
