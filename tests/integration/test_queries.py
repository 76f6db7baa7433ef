"""What the store answers about issues and changes."""

import datetime as dt

import pytest

from meigara.errors import BeforeFirstRoster, IssueNotFound, NothingSynced, SearchTooLong
from meigara.services.changes import changes_of_issue, changes_since
from meigara.services.issues import IssueQuery, IssueRecord, Presence, find_issues
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running
from tests.integration.conftest import DAY1, DAY2, DAY3, World, write_rosters
from tests.rosters import a_list, an_issue, by_code

TOYO = an_issue(
    "72030", name="東洋自動車", name_en="TOYO MOTOR CORPORATION", sector33="3700", market="0111"
)
NEXT = an_issue(
    "13060",
    name="ＮＥＸＴ　ＦＵＮＤＳ　100%_テスト－Ａ",
    name_en="",
    sector33="9999",
    market="0109",
    product="014",
)
PREFERRED = an_issue("25935", name="伊東園第１種優先株式", market="0112")
NEW = an_issue("130A0", name="ﾃｽﾄバイオ", name_en="Test Bio", market="0113")
LIST = {**a_list(10), **by_code([TOYO, NEXT, PREFERRED, NEW])}


@pytest.fixture
async def filled(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Give a store with issues worth looking for."""
    folder = tmp_path_factory.mktemp("lists")
    write_rosters(folder, {DAY1: LIST})
    with running(SimulatorConfig(rosters=folder)) as source:
        await World(world.database, source).sync()
    return world


async def found(world: World, **query: object) -> list[IssueRecord]:
    async with world.database.reading() as session:
        return list(await find_issues(session, IssueQuery(**query)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("search", "code"),
    [
        ("東洋", "72030"),
        ("toyo motor", "72030"),
        ("MOTOR ＴＯＹＯ", "72030"),
        ("7203", "72030"),
        ("next funds", "13060"),
        ("ＮＥＸＴ", "13060"),
        ("100%_", "13060"),
        ("テスト-a", "13060"),
        ("優先", "25935"),
        ("25935", "25935"),
        ("130a", "130A0"),
        ("テストバイオ", "130A0"),
    ],
)
async def test_a_search_finds_names_and_codes_in_any_width_and_case(
    filled: World, search: str, code: str
) -> None:
    assert [each.code for each in await found(filled, search=search)] == [code]


async def test_a_search_of_ten_thousand_characters_is_refused(filled: World) -> None:
    with pytest.raises(SearchTooLong):
        await found(filled, search="a " * 5_000)


@pytest.mark.parametrize("search", ["%", "_", "東洋 銀行", "'; DROP TABLE issue;"])
async def test_a_search_for_what_is_not_there_finds_nothing(filled: World, search: str) -> None:
    expected = ["13060"] if search in ("%", "_") else []
    assert [each.code for each in await found(filled, search=search)] == expected


async def test_filters_narrow_the_list(filled: World) -> None:
    assert [each.code for each in await found(filled, classes={"market": ["0109"]})] == ["13060"]
    assert [
        each.code for each in await found(filled, classes={"sector33": ["3700"], "market": []})
    ] == ["72030"]
    companies = await found(filled, companies_only=True)
    assert len(companies) == len(LIST) - 2
    assert all(each.is_company for each in companies)


async def test_one_issue_is_described_with_the_names_the_source_gave(filled: World) -> None:
    (issue,) = await found(filled, code="72030")
    assert issue == IssueRecord(
        code="72030",
        name="東洋自動車",
        name_en="TOYO MOTOR CORPORATION",
        market_code="0111",
        market_name="市場0111",
        sector17_code="1",
        sector17_name="食品",
        sector33_code="3700",
        sector33_name="水産・農林業",
        scale="-",
        margin_code="2",
        product_code="011",
        is_company=True,
        is_listed=True,
        valid_from=DAY1,
        valid_to=None,
    )


async def test_a_code_never_seen_is_not_found(filled: World) -> None:
    with pytest.raises(IssueNotFound, match="99990"):
        await found(filled, code="99990")


async def test_before_the_first_list_nothing_is_known(filled: World) -> None:
    with pytest.raises(BeforeFirstRoster, match=str(DAY1)):
        await found(filled, as_of=DAY1 - dt.timedelta(days=1))


async def test_an_empty_store_says_that_nothing_was_synced(world: World) -> None:
    with pytest.raises(NothingSynced):
        await found(world)


@pytest.fixture
async def three_days(world: World, simulator: RunningSimulator) -> World:
    """Give a store that followed three days, on which 10000 left and came back."""
    for day in (DAY1, DAY2, DAY3):
        simulator.set_today(day)
        await world.sync()
    return world


async def test_an_issue_that_left_is_gone_and_not_listed(three_days: World) -> None:
    gone = await found(three_days, as_of=DAY2, presence=Presence.GONE)
    assert [(each.code, each.is_listed, each.valid_to) for each in gone] == [("10000", False, DAY2)]
    assert "10000" not in [each.code for each in await found(three_days, as_of=DAY2)]
    (issue,) = await found(three_days, as_of=DAY2, code="10000")
    assert not issue.is_listed


async def test_an_issue_that_came_back_is_listed_and_not_gone(three_days: World) -> None:
    assert await found(three_days, presence=Presence.GONE) == []
    (issue,) = await found(three_days, code="10000")
    assert (issue.is_listed, issue.name, issue.valid_from) == (True, "戻った会社", DAY3)


async def test_changes_since_a_day_are_those_on_it_and_after(three_days: World) -> None:
    async with three_days.database.reading() as session:
        later = await changes_since(session, DAY3)
        assert [(each.as_of, each.code, each.kind) for each in later] == [(DAY3, "10000", "listed")]
        assert len(await changes_since(session, DAY2)) == 4
        assert await changes_since(session, DAY3 + dt.timedelta(days=1)) == []


async def test_the_history_of_an_issue_tells_each_change_once(three_days: World) -> None:
    async with three_days.database.reading() as session:
        history = await changes_of_issue(session, "10010")
    assert [(each.as_of, each.before, each.after) for each in history] == [
        (DAY2, "会社10010", "新しい社名")
    ]
