"""What the pages and the API say of a list that is the newest, and of one that is not."""

import datetime as dt

import pytest

from meigara.services.freshness import TOKYO
from meigara.simulator.market import Market
from meigara.simulator.server import SimulatorConfig
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import Serving, serving

DAYS = {"ja": "日前の", "en": "days old"}
IN_ORDER = {"ja": "最新です", "en": "Up to date"}


def told(server: Serving, language: str) -> str:
    """Return the first page."""
    server.client.cookies.set("language", language)
    return server.client.get("/").raise_for_status().text


def fill(shell: Shell, market: Market, days_back: int, plan: str = "premium") -> None:
    """Sync from a source that answers with the list of some days ago."""
    today = dt.datetime.now(TOKYO).date() - dt.timedelta(days=days_back)
    shell.connect(SimulatorConfig(market=market, today=today))
    shell.env["MEIGARA_JQUANTS_PLAN"] = plan
    shell("sync")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_list_of_502_days_ago_is_never_called_up_to_date_and_its_age_is_told(
    shell: Shell, market: Market, language: str
) -> None:
    fill(shell, market, 502)
    with serving(shell) as server:
        page = told(server, language)
        assert server.get("/api/v1/status")["standing"] == "stale"
        assert 'class="head standing-stale"' in page
        assert IN_ORDER[language] not in page
        assert DAYS[language] in page
        shell("schedule", "pause")
        assert DAYS[language] in told(server, language)


@pytest.mark.parametrize("days_back", [0, 84])
def test_the_newest_list_that_a_plan_gives_is_called_up_to_date(
    shell: Shell, market: Market, days_back: int
) -> None:
    fill(shell, market, days_back, "free" if days_back else "premium")
    with serving(shell) as server:
        assert server.get("/api/v1/status")["standing"] == "current"
        assert all(IN_ORDER[language] in told(server, language) for language in IN_ORDER)
        assert (DAYS["ja"] in told(server, "ja")) is bool(days_back)
