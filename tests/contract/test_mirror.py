"""The official Python client gets from the mirror, cell for cell, what it gets from J-Quants."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jquantsapi
import pandas as pd
import pytest
import requests

from meigara.services.calendar import days_between, division_of
from meigara.simulator import calendar
from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig
from tests.acceptance.conftest import (  # noqa: F401 - a fixture that the tests here ask for
    KEY,
    Shell,
    market,
)
from tests.acceptance.serving import Serving, serving

DAYS = tuple(dt.date(2026, 11, day) for day in (16, 18, 20))
"""Days of which the store holds the list; 17 and 19 November are business days without one."""

# The client calls pandas in a way that pandas is about to leave.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


class Pair:
    """The official client at the source, and the same client at the mirror."""

    def __init__(self, source: RunningSimulator, server: Serving) -> None:
        self.source = _client(source.base_url)
        self.mirror = _client(f"{str(server.client.base_url).rstrip('/')}/jquants/v2")

    def assert_equal(self, **asked: str) -> pd.DataFrame:
        """Ask both for the master; return the frame that both gave.

        Space around a text is not kept: in one name of thousands there is some.
        """
        theirs = self.source.get_eq_master(**asked)
        texts = theirs.columns.drop("Date")
        theirs[texts] = theirs[texts].map(str.strip)
        pd.testing.assert_frame_equal(self.mirror.get_eq_master(**asked), theirs)
        return theirs

    def close(self) -> None:
        """Close the connections."""
        for client in (self.source, self.mirror):
            if client._session is not None:  # it is made when it is used
                client._session.close()


def _client(base_url: str) -> Any:
    client = jquantsapi.ClientV2(api_key=KEY)
    client.JQUANTS_API_BASE = base_url
    return client


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, market: Market) -> Iterator[Pair]:  # noqa: F811 - the fixture
    """Sync three days, and connect the client to both."""
    shell = Shell(f"sqlite:///{tmp_path_factory.mktemp('mirror') / 'meigara.db'}")
    source = shell.connect(SimulatorConfig(market=market, today=DAYS[0]))
    for day in DAYS:
        source.set_today(day)
        shell("sync")
    with serving(shell) as server:
        both = Pair(source, server)
        yield both
        both.close()
    shell.close()


@pytest.mark.parametrize("day", ["", "20261116", "2026-11-18", "20261120", "20991231"])
def test_the_list_of_a_day_is_the_same_frame(pair: Pair, day: str) -> None:
    assert len(pair.assert_equal(date=day)) > 4_300


@pytest.mark.parametrize("code", ["1301", "13010", "99990", "131a"])
@pytest.mark.parametrize("day", ["", "20261116"])
def test_one_code_is_the_same_frame_and_an_unknown_one_an_empty_frame(
    pair: Pair, code: str, day: str
) -> None:
    frame = pair.assert_equal(code=code, date=day)
    assert frame.empty == (code == "99990")


def test_a_day_without_trading_stands_for_the_next_business_day_as_at_j_quants(pair: Pair) -> None:
    frame = pair.assert_equal(date="20261115")
    assert set(frame["Date"].dt.date) == {DAYS[0]}


def test_a_business_day_that_is_not_held_is_answered_by_the_one_before_and_says_so(
    pair: Pair,
) -> None:
    frame = pair.mirror.get_eq_master(date="20261119")
    assert set(frame["Date"].dt.date) == {DAYS[1]}
    assert frame.equals(pair.mirror.get_eq_master(date="20261118"))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"date": "20260101"}, "Your subscription covers the following dates: 2026-11-16"),
        ({"date": "20260230"}, "20260230"),
        ({"code": "13"}, "13"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_the_envelope_of_j_quants(
    pair: Pair, asked: dict[str, str], message: str
) -> None:
    with pytest.raises(requests.HTTPError, match=message) as refused:
        pair.mirror.get_eq_master(**asked)
    assert refused.value.response is not None
    assert refused.value.response.status_code == 400


@pytest.mark.parametrize("division", ["", "0", "1", "3"])
def test_the_calendar_is_the_same_frame(pair: Pair, division: str) -> None:
    asked = {"from_yyyymmdd": "20170101", "to_yyyymmdd": "20261231", "holiday_division": division}
    theirs, ours = (each.get_mkt_calendar(**asked) for each in (pair.source, pair.mirror))
    pd.testing.assert_frame_equal(ours, theirs)
    assert len(theirs) > 50


def test_the_days_of_both_calendars_are_the_same_for_twenty_years() -> None:
    days = days_between(dt.date(2010, 1, 1), dt.date(2030, 12, 31))
    assert [day for day in days if division_of(day) != calendar.holiday_division(day)] == []


def test_what_the_official_command_line_asks_and_insists_on_is_answered(pair: Pair) -> None:
    """Its source of version 1.0 (J-Quants/jquants-cli, `client.rs`, `models.rs`) is the measure."""
    key = {"x-api-key": "any"}
    base = pair.mirror.JQUANTS_API_BASE
    asked = {"code": "13010", "date": "20261116"}
    master = requests.get(f"{base}/equities/master", params=asked, headers=key, timeout=10)
    assert (master.status_code, master.json().get("pagination_key")) == (200, None)
    insisted = [
        "Date",
        "Code",
        "CoName",
        "CoNameEn",
        "S17",
        "S17Nm",
        "S33",
        "S33Nm",
        "ScaleCat",
        "Mkt",
        "MktNm",
        "Mrgn",
        "MrgnNm",
    ]
    assert all(isinstance(master.json()["data"][0][name], str) for name in insisted)
    asked = {"holidayDivision": "0", "from": "20260101", "to": "20260110"}
    days = requests.get(f"{base}/markets/calendar", params=asked, headers=key, timeout=10)
    assert {row["HolDiv"] for row in days.json()["data"]} == {"0"}
    refused = requests.get(f"{base}/equities/master?code=x", headers=key, timeout=10)
    assert isinstance(refused.json()["message"], str)


def test_an_endpoint_that_is_not_mirrored_is_refused_like_one_that_does_not_exist(
    pair: Pair,
) -> None:
    address = f"{pair.mirror.JQUANTS_API_BASE}/equities/bars/daily"
    answer = requests.get(address, timeout=10)
    assert answer.status_code == 403
    assert answer.json()["message"].startswith("The requested endpoint does not exist")


def test_the_real_list_is_the_same_frame(tmp_path: Path, real_rosters: Path) -> None:
    shell = Shell(f"sqlite:///{tmp_path / 'meigara.db'}")
    source = shell.connect(SimulatorConfig(rosters=real_rosters / "rosters-jquants"))
    shell("sync")
    with serving(shell) as server:
        pair = Pair(source, server)
        assert len(pair.assert_equal()) == 4_411
        assert len(pair.assert_equal(code="7203")) == 1
        pair.close()
    shell.close()
