"""What becomes of wrong answers that come day after day."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping

import pytest

from meigara.db.engine import Database
from meigara.db.history import list_on
from meigara.db.models import SyncRun
from meigara.domain.guard import GuardLimits
from meigara.domain.issue import ListedIssue, contents_of
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import RunFollowsAnother
from meigara.jquants.client import JQuantsClient
from meigara.jquants.events import FetchEvent
from meigara.jquants.plan import Plan
from meigara.services import runs
from meigara.services.calendar import business_day_after
from meigara.services.consequences import proposal
from meigara.services.held import apply_held, discard_held
from meigara.services.queue import RunRequest
from meigara.services.sync import Sync
from tests.rosters import a_list, a_row
from tests.wrong_answers.serving import Answering, answering

Lists = dict[dt.date, dict[str, ListedIssue]]

LIMITS = GuardLimits(first_list_minimum=5, floor=0, shape_minimum=10_000)
MONDAY = dt.date(2025, 7, 28)
LATER = dt.datetime(2025, 12, 1, tzinfo=dt.UTC)
LIST = a_list(1_000)


class Market:
    """A store beside a source that answers with the list of the test; the guard has real shares."""

    def __init__(self, database: Database, source: Answering) -> None:
        self.database = database
        self._source = source

    async def live(self, day: dt.date, issues: Mapping[str, ListedIssue]) -> SyncRun:
        """Let the source answer with a list for a day, and sync on it."""
        rows = [a_row(issue, day.isoformat()) for issue in issues.values()]
        self._source.bodies = (json.dumps({"data": rows}).encode(),)
        noon = dt.datetime.combine(day, dt.time(3), dt.UTC)
        sync = Sync(self.database, self._client, LIMITS, lambda: noon)
        return await sync.begin(RunRequest(Trigger.CLI), "me", lambda _progress: None)

    def _client(self, on_event: Callable[[FetchEvent], None]) -> JQuantsClient:
        url = self._source.base_url
        return JQuantsClient(api_key="k", base_url=url, plan=Plan.PREMIUM, on_event=on_event)


@pytest.fixture
def days(database: Database) -> Iterator[Market]:
    with answering((b"",)) as source:
        yield Market(database, source)


def without(issues: Mapping[str, ListedIssue], count: int) -> dict[str, ListedIssue]:
    """Return a list without so many issues, some from everywhere."""
    codes = list(issues)[5 :: max(1, (len(issues) - 5) // count)][:count]
    return {code: issue for code, issue in issues.items() if code not in codes}


async def todays(days: Market) -> set[str]:
    async with days.database.reading() as session:
        return (await list_on(session, None)).contents


async def test_a_list_that_loses_one_percent_a_day_is_published_on_no_day_of_twenty(
    days: Market,
) -> None:
    await days.live(MONDAY, LIST)
    day, issues = MONDAY, dict(LIST)
    for _ in range(20):
        day, issues = business_day_after(day), without(issues, 10)
        run = await days.live(day, issues)
        assert run.status is RunStatus.HELD, day
    assert await todays(days) == set(contents_of(LIST.values()))


async def test_a_list_that_loses_a_little_each_day_is_held_once_that_is_too_much(
    days: Market,
) -> None:
    await days.live(MONDAY, LIST)
    day, issues, statuses = MONDAY, dict(LIST), []
    for _ in range(4):
        day, issues = business_day_after(day), without(issues, 3)
        statuses.append((await days.live(day, issues)).status)
    assert statuses == [RunStatus.SUCCEEDED] * 2 + [RunStatus.HELD] * 2
    assert len(await todays(days)) == 994


async def test_the_same_content_is_warned_of_after_five_business_days_and_held_after_ten(
    days: Market,
) -> None:
    await days.live(MONDAY, LIST)
    day, found = MONDAY, []
    for _ in range(20):
        day = business_day_after(day)
        found.append(await days.live(day, LIST))
    warned = [bool(run.warnings) for run in found[:9]]
    assert warned == [False] * 4 + [True] * 5
    assert {run.status for run in found[:9]} == {RunStatus.SUCCEEDED}
    assert {run.status for run in found[9:]} == {RunStatus.HELD}
    reasons = [reason["kind"] for run in found[9:] for reason in run.hold_reasons or []]
    assert reasons == ["unchanged"] + ["consequence"] * 10


async def held_week(days: Market) -> tuple[list[SyncRun], Lists]:
    """Sync once, then six days of a market that lost too much on the first of them."""
    await days.live(MONDAY, LIST)
    lists: Lists = {}
    day, issues = MONDAY, without(LIST, 50)
    for number in range(6):
        day = business_day_after(day)
        first = next(iter(issues))
        issues = issues | {first: issues[first]._replace(name=f"社名{number}")}
        lists[day] = issues
    return [await days.live(day, lists[day]) for day in lists], lists


async def test_days_that_continue_a_held_list_are_held_as_its_consequence(days: Market) -> None:
    found, _ = await held_week(days)
    first, *others = found
    assert {run.status for run in found} == {RunStatus.HELD}
    assert first.consequence_of is None
    assert {run.consequence_of for run in others} == {first.id}
    assert [run.hold_reasons for run in others][-1] == [
        {"kind": "consequence", "details": {"run_id": first.id, "as_of": str(first.as_of)}}
    ]


async def test_one_decision_applies_the_held_list_and_all_that_follow_day_by_day(
    days: Market,
) -> None:
    found, lists = await held_week(days)
    await apply_held(days.database, found[0].id, LIMITS, "hanako", LATER)
    async with days.database.reading() as session:
        ended = [await runs.get_run(session, run.id) for run in found]
        for day, issues in lists.items():
            assert (await list_on(session, day)).contents == set(contents_of(issues.values()))
    assert {run.status for run in ended} == {RunStatus.SUCCEEDED}
    assert {run.decided_by for run in ended} == {"hanako"}
    assert [run.changed for run in ended[1:]] == [1] * 5


async def test_one_decision_discards_the_held_list_and_all_that_follow(days: Market) -> None:
    found, _ = await held_week(days)
    await discard_held(days.database, found[0].id, "hanako", LATER)
    async with days.database.reading() as session:
        ended = [await runs.get_run(session, run.id) for run in found]
    assert {run.status for run in ended} == {RunStatus.DISCARDED}
    assert await todays(days) == set(contents_of(LIST.values()))


async def test_what_follows_from_a_held_run_is_not_decided_by_itself(days: Market) -> None:
    found, _ = await held_week(days)
    with pytest.raises(RunFollowsAnother) as caught:
        await apply_held(days.database, found[3].id, LIMITS, None, LATER)
    assert caught.value.params["root_id"] == found[0].id
    with pytest.raises(RunFollowsAnother):
        await discard_held(days.database, found[3].id, None, LATER)


async def test_a_true_list_is_published_although_an_earlier_wrong_one_waits(
    days: Market,
) -> None:
    found, lists = await held_week(days)
    run = await days.live(business_day_after(max(lists)), LIST)
    assert run.status is RunStatus.SUCCEEDED
    assert len(found) == 6


async def test_lists_that_are_applied_when_a_newer_one_is_there_become_the_past_together(
    days: Market,
) -> None:
    found, lists = await held_week(days)
    await days.live(business_day_after(max(lists)), LIST)
    await apply_held(days.database, found[0].id, LIMITS, "hanako", LATER)
    async with days.database.reading() as session:
        ended = [(await runs.get_run(session, run.id)).status for run in found]
        for day, issues in lists.items():
            assert (await list_on(session, day)).contents == set(contents_of(issues.values()))
    assert set(ended) == {RunStatus.SUCCEEDED}
    assert await todays(days) == set(contents_of(LIST.values()))


async def test_a_list_that_stays_wrong_beside_the_released_ones_waits_for_reasons_of_its_own(
    days: Market,
) -> None:
    found, _ = await held_week(days)
    last = found[-1]
    async with days.database.reading() as session:
        assert not (await proposal(session, found[0].id, LIMITS, LATER)).is_defective
    day = business_day_after(last.as_of or MONDAY)
    worse = await days.live(day, without(LIST, 120))
    assert worse.consequence_of is None
    await apply_held(days.database, found[0].id, LIMITS, None, LATER)
    async with days.database.reading() as session:
        assert (await runs.get_run(session, worse.id)).status is RunStatus.HELD


async def test_an_applied_list_is_not_counted_against_the_days_after_it(days: Market) -> None:
    await days.live(MONDAY, LIST)
    tuesday = business_day_after(MONDAY)
    smaller = without(LIST, 100)
    held = await days.live(tuesday, smaller)
    await apply_held(days.database, held.id, LIMITS, None, LATER)
    run = await days.live(business_day_after(tuesday), without(smaller, 5))
    assert run.status is RunStatus.SUCCEEDED
