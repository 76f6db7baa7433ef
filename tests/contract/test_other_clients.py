"""Clients of J-Quants that others wrote get the list and the calendar from the mirror."""

import datetime as dt
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pyjquants
import pytest
from async_jquants_api_client import JQuantsClientV2, Plan
from mcp import ClientSession, StdioServerParameters, stdio_client
from pyjquants.infra import session as module_of_session

from tests.acceptance.conftest import (  # noqa: F401 - fixtures that the tests here ask for
    TODAY,
    Shell,
    market,
    synced_file,
)
from tests.acceptance.serving import serving

# The client calls pandas in a way that pandas is about to leave.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
LISTED = 4_300
FIRST, LAST = dt.date(2026, 11, 19), dt.date(2026, 11, 24)
TRADED = [dt.date(2026, 11, day) for day in (19, 20, 24)]


@pytest.fixture(scope="module")
def mirror(synced_file: Path) -> Iterator[str]:  # noqa: F811 - the fixture
    """Give the address of the mirror of a store with one list."""
    with serving(Shell(f"sqlite:///{synced_file}")) as server:
        yield f"{str(server.client.base_url).rstrip('/')}/jquants/v2"


async def test_async_jquants_api_client_reads_list_and_calendar(
    mirror: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JQuantsClientV2, "BASE_URL", mirror)
    async with JQuantsClientV2(api_key="any", plan=Plan.PREMIUM) as client:
        frame = await client.get_eq_master()
        assert len(frame) > LISTED
        assert set(frame["Code"].map(type)) == {str}
        one = await client.get_eq_master(code="1301", date=f"{TODAY}")
        assert one["Code"].tolist() == ["13010"]
        days = await client.get_mkt_calendar("", f"{FIRST:%Y%m%d}", f"{LAST:%Y%m%d}")
        assert len(days) == (LAST - FIRST).days + 1


def test_pyjquants_reads_list_and_calendar(mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_of_session, "BASE_URL", mirror)
    with pyjquants.Session(api_key="any") as session:
        assert pyjquants.Ticker("1301", session=session).info.code == "13010"
        assert len(pyjquants.search("", session=session)) > LISTED
        assert pyjquants.Market(session=session).trading_days(FIRST, LAST) == TRADED


async def test_jquants_mcp_reads_list_and_calendar(mirror: str, tmp_path: Path) -> None:
    env = {**os.environ, "JQUANTS_API_KEY": "any", "JQUANTS_BASE_URL": mirror}
    env |= {"JQUANTS_PLAN": "premium", "JQUANTS_CACHE_DIR": str(tmp_path)}
    command = str(Path(sys.executable).with_name("jquants-mcp"))
    with (tmp_path / "log").open("w") as log:
        async with (
            stdio_client(StdioServerParameters(command=command, env=env), errlog=log) as streams,
            ClientSession(*streams) as client,
        ):
            await client.initialize()
            found = await client.call_tool("get_equities_master", {"code": "13010"})
            tools = {each.name for each in (await client.list_tools()).tools}
            (calendar,) = [name for name in tools if "calendar" in name and "market" in name]
            days = await client.call_tool(calendar, {"date_from": f"{FIRST}", "date_to": f"{LAST}"})
    assert '"Code": "13010"' in str(found) or "13010" in str(found.structured_content)
    assert f"{TRADED[-1]}" in str(days)
