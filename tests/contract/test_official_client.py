"""The official Python client works against the simulator as it does against J-Quants."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import jquantsapi
import pytest
import requests

from meigara.simulator.server import RunningSimulator, SimulatorConfig, running

COLUMNS = [
    *("Date", "Code", "CoName", "CoNameEn", "S17", "S17Nm", "S33", "S33Nm"),
    *("ScaleCat", "Mkt", "MktNm", "Mrgn", "MrgnNm", "ProdCat"),
]
TODAY = dt.date(2026, 11, 20)

# The client calls pandas in a way that pandas is about to leave.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


@pytest.fixture(scope="module")
def _simulator() -> Iterator[RunningSimulator]:
    with running(SimulatorConfig(today=TODAY, api_key="demo")) as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator: RunningSimulator) -> RunningSimulator:
    """Return a simulator without faults, on 20 November 2026."""
    _simulator.set_faults()
    return _simulator


def connect(simulator: RunningSimulator, api_key: str) -> Any:
    client = jquantsapi.ClientV2(api_key=api_key)
    client.JQUANTS_API_BASE = simulator.base_url
    return client


@pytest.fixture
def client(simulator: RunningSimulator) -> Iterator[Any]:
    """Return the official client, pointed at the simulator."""
    client = connect(simulator, "demo")
    yield client
    if client._session is not None:
        client._session.close()


def test_the_master_is_a_frame_of_fourteen_columns_in_the_documented_order(client: Any) -> None:
    frame = client.get_eq_master()
    assert list(frame.columns) == COLUMNS
    assert 4_300 < len(frame) < 4_600
    assert frame["Code"].map(type).eq(str).all()
    assert frame["Date"].dt.date.eq(TODAY).all()


def test_a_paged_answer_gives_the_same_frame(client: Any, simulator: RunningSimulator) -> None:
    whole = client.get_eq_master()
    simulator.set_faults("pages")
    before = len(simulator.requests)
    assert client.get_eq_master().equals(whole)
    assert len(simulator.requests) - before == 4


def test_the_codes_are_those_that_the_client_knows(client: Any) -> None:
    frame = client.get_list()
    assert {"S17NmEn", "S33NmEn", "MktNmEn"} <= set(frame.columns)
    assert not frame[["S17NmEn", "S33NmEn", "MktNmEn"]].isna().to_numpy().any()


def test_the_sector_names_are_those_of_the_client_but_for_the_comma(client: Any) -> None:
    ours = client.get_eq_master()[["S33", "S33Nm"]].drop_duplicates()
    known = client.get_33_sectors().set_index("S33")["S33Nm"]
    different = {code for code, name in ours.to_numpy() if known[code] != name}
    # A real answer has a dot where the constant of the client has a comma.
    assert different <= {"7100"}


def test_one_code_on_one_day_gives_one_row(client: Any) -> None:
    frame = client.get_eq_master(code="8301", date="20220404")
    assert frame["Code"].tolist() == ["83010"]
    assert frame["Date"].dt.date.tolist() == [dt.date(2022, 4, 4)]
    assert frame["Mkt"].tolist() == ["0112"]


def test_an_empty_answer_is_an_empty_frame(client: Any, simulator: RunningSimulator) -> None:
    simulator.set_faults("empty")
    frame = client.get_eq_master()
    assert frame.empty
    assert list(frame.columns) == COLUMNS


def test_the_calendar_is_a_frame_of_days(client: Any) -> None:
    frame = client.get_mkt_calendar(
        holiday_division="1", from_yyyymmdd="20261116", to_yyyymmdd="20261124"
    )
    assert [day.day for day in frame["Date"]] == [16, 17, 18, 19, 20, 24]
    assert set(frame["HolDiv"]) == {"1"}


def test_a_refused_date_is_an_http_error_with_the_text_of_the_api(
    client: Any, simulator: RunningSimulator
) -> None:
    simulator.set_faults("outside-window")
    with pytest.raises(requests.HTTPError, match="Your subscription covers the following dates"):
        client.get_eq_master(date="19990101")


def test_a_refused_key_is_an_http_error_with_the_text_of_the_api(
    simulator: RunningSimulator,
) -> None:
    client = connect(simulator, "wrong")
    with pytest.raises(requests.HTTPError, match="api key is invalid or expired") as refused:
        client.get_eq_master()
    client._session.close()
    assert refused.value.response is not None
    assert refused.value.response.status_code == 403
