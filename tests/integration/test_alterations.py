"""`meigara db check` finds whatever was altered past the program, and says where."""

import datetime as dt
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from meigara.db.engine import Database
from meigara.db.models import StoredRoster
from meigara.db.soundness import findings_in
from tests.integration.conftest import DAY1, DAY2, DAY3, LIST1, LIST2, LIST3
from tests.integration.publishing import published
from tests.rosters import a_list

RENAMED = "code = '10010' AND valid_to IS NULL"
THOROUGH = (
    "UPDATE issue_version SET name = '別名', search_text = replace(search_text, name, '別名'),"
    " content = replace(content, name, '別名') WHERE code = '10020'"
)
EXCHANGED = (
    "UPDATE issue_version SET code = 'xxxxx' WHERE code = '10020'",
    "UPDATE issue_version SET code = '10020' WHERE code = '10030'",
    "UPDATE issue_version SET code = '10030' WHERE code = 'xxxxx'",
)
NOT_AS_PUBLISHED = "An issue in the list of {} is not as it was published."
CHANGES = "The changes of run {}, of {}, are not those that it published."
STATE = "The state of run 2 contradicts its receipt of 2025-07-02."


@pytest.fixture
async def store(database: Database) -> Database:
    """Give a store of three days in which one code left and came back, and one was renamed."""
    for day, issues in ((DAY1, LIST1), (DAY2, LIST2), (DAY3, LIST3)):
        await published(database, day, issues)
    return database


async def found_in(database: Database) -> Sequence[str]:
    async with database.reading() as session:
        return [str(finding) async for finding in findings_in(session)]


async def altered(database: Database, *statements: str) -> Sequence[str]:
    """Return what is found after some statements, and make sure that nothing was before."""
    assert await found_in(database) == []
    async with database.writing() as session:
        for statement in statements:
            await session.execute(sa.text(statement))
    return await found_in(database)


@pytest.mark.parametrize(
    ("statements", "finding"),
    [
        pytest.param(
            (f"UPDATE issue_version SET name = '別名' WHERE {RENAMED}",),
            f"The columns of issue 10010 from {DAY2} on contradict its content.",
            id="a changed name",
        ),
        pytest.param((THOROUGH,), NOT_AS_PUBLISHED.format(DAY1), id="a name changed everywhere"),
        pytest.param(
            EXCHANGED,
            f"The columns of issue 10020 from {DAY1} on contradict its content.",
            id="two issues exchanged",
        ),
        pytest.param(
            ("DELETE FROM issue_version WHERE code = '10010' AND valid_to IS NOT NULL",),
            f"The list of {DAY1} has 39 issues; 40 were published.",
            id="deleted history",
        ),
        pytest.param(
            ("DELETE FROM issue_version WHERE valid_to IS NULL AND code = '10390'",),
            f"The list of {DAY1} has 39 issues; 40 were published.",
            id="a deleted issue",
        ),
        pytest.param(
            ("DELETE FROM issue_change WHERE code = '10010'",),
            CHANGES.format(2, DAY2),
            id="a deleted change",
        ),
        pytest.param(
            ("UPDATE issue_change SET after = 'x' WHERE kind = 'listed' AND code = '10000'",),
            CHANGES.format(3, DAY3),
            id="an altered change",
        ),
        pytest.param(
            ("UPDATE issue_change SET run_id = 3 WHERE code = '10010'",),
            CHANGES.format(3, DAY3),
            id="a change of another day",
        ),
        pytest.param(
            ("UPDATE label SET name = 'x' WHERE kind = 'market'",),
            f"The labels of {DAY1} are not those that were published.",
            id="an altered label",
        ),
        pytest.param(
            ("DELETE FROM label WHERE kind = 'sector33'",),
            f"The labels of {DAY1} are not those that were published.",
            id="a deleted label",
        ),
        pytest.param(
            ("UPDATE issue_version SET content = replace(content, '0050', '3050')",),
            f"The columns of issue 10000 from {DAY1} on contradict its content.",
            id="content altered",
        ),
        pytest.param(
            (f"UPDATE issue_version SET search_text = 'x' WHERE {RENAMED}",),
            f"Issue 10010 from {DAY2} on is not found by its own name.",
            id="search text altered",
        ),
        pytest.param(
            (f"UPDATE issue_version SET market = '0112' WHERE {RENAMED}",),
            f"The columns of issue 10010 from {DAY2} on contradict its content.",
            id="a market altered",
        ),
        pytest.param(
            (f"UPDATE issue_version SET is_company = false WHERE {RENAMED}",),
            f"Issue 10010 from {DAY2} on is counted wrongly as company or not.",
            id="is_company altered",
        ),
        pytest.param(
            ("DELETE FROM roster WHERE run_id = 2",),
            f"Run 2 published the list of {DAY2}, and its receipt is gone.",
            id="a deleted receipt",
        ),
        pytest.param(
            ("DELETE FROM roster WHERE run_id = 1",),
            f"Issue 10000 changes on {DAY1}, and no list of that day is stored.",
            id="the first receipt deleted",
        ),
        pytest.param(
            ("UPDATE roster SET row_count = 41 WHERE run_id = 2",),
            f"The receipt of the list of {DAY2} has a wrong number of rows.",
            id="a number of rows altered",
        ),
        pytest.param(
            ("UPDATE roster SET row_count = 40 WHERE run_id = 3",),
            f"Run 3 brought another list than its receipt of {DAY3} says.",
            id="the newest number of rows altered",
        ),
        pytest.param(
            (f"UPDATE issue_version SET valid_from = '2025-06-30' WHERE {RENAMED}",),
            "Issue 10010 changes on 2025-06-30, and no list of that day is stored.",
            id="a beginning altered",
        ),
        pytest.param(
            (f"UPDATE issue_version SET valid_to = '{DAY3}' WHERE code = '10020'",),
            f"The list of {DAY3} has 40 issues; 41 were published.",
            id="an end altered",
        ),
        pytest.param(
            ("UPDATE sync_run SET status = 'failed' WHERE id = 2",), STATE, id="a state altered"
        ),
        pytest.param(
            ("UPDATE roster SET is_published = false WHERE run_id = 2",),
            STATE,
            id="a list hidden",
        ),
        pytest.param(
            (f"UPDATE sync_run SET as_of = '{DAY3}' WHERE id = 2",),
            f"Run 2 brought another list than its receipt of {DAY2} says.",
            id="a day of a run altered",
        ),
    ],
)
async def test_each_alteration_is_found_and_placed(
    store: Database, statements: Sequence[str], finding: str
) -> None:
    assert finding in await altered(store, *statements)


async def test_a_wrong_name_is_said_once_and_not_for_each_day_it_lasts(store: Database) -> None:
    assert await altered(store, THOROUGH) == [NOT_AS_PUBLISHED.format(DAY1)]


async def test_what_is_broken_in_very_many_places_is_counted(store: Database) -> None:
    found = await altered(store, "UPDATE issue_version SET search_text = 'x'")
    assert len(found) == 21
    assert found[-1] == "… and 23 more."


async def test_what_was_stored_before_there_were_digests_is_not_doubted(store: Database) -> None:
    nothing_known = {"list_digest": None, "changes_digest": None, "labels_digest": None}
    async with store.writing() as session:
        await session.execute(sa.update(StoredRoster).values(nothing_known))
    assert await found_in(store) == []
    later = DAY3.replace(day=4)
    await published(store, later, LIST3 | a_list(1, start=3000))
    assert await found_in(store) == []


async def test_a_corrected_day_and_a_day_that_was_added_later_are_sound(store: Database) -> None:
    await published(store, DAY2, LIST1, suffix="!")
    await published(store, dt.date(2025, 6, 2), LIST3, suffix="?")
    assert await found_in(store) == []
