"""The client against a J-Quants on a socket."""

import asyncio
import datetime as dt
import logging
import traceback
from collections.abc import Callable, Iterator

import pytest

from meigara.errors import (
    AnswerTooLarge,
    DateOutsidePlan,
    JQuantsContractBroken,
    JQuantsError,
    JQuantsRateLimited,
    JQuantsUnavailable,
    KeyRefused,
    NoSubscription,
    PlanRefused,
    RequestRefused,
)
from meigara.jquants.client import JQuantsClient
from meigara.jquants.events import Answer, FetchEvent, PageFetched, RateLimitWait, RetryScheduled
from meigara.jquants.limiter import MinuteLimiter
from meigara.jquants.plan import Plan
from meigara.jquants.wire import roster_from
from meigara.simulator.market import Market
from meigara.simulator.server import RunningSimulator, SimulatorConfig, running

KEY = "canary-key-5b1d7e90a3c4"
TODAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


class Watch:
    """What happens while a client works: its events, and the sleeps it would have taken."""

    def __init__(self) -> None:
        self.events: list[FetchEvent] = []
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture(scope="module")
def market() -> Market:
    return Market()


@pytest.fixture
def simulator(market: Market) -> Iterator[RunningSimulator]:
    with running(SimulatorConfig(market=market, today=TODAY, api_key=KEY)) as simulator:
        yield simulator


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def client(simulator: RunningSimulator, watch: Watch) -> Callable[..., JQuantsClient]:
    """Give a maker of clients whose waits take no time."""

    def make(**options: object) -> JQuantsClient:
        given: dict[str, object] = {
            "api_key": KEY,
            "base_url": simulator.base_url,
            "plan": Plan.PREMIUM,
            "on_event": watch.events.append,
            "clock": lambda: NOW,
            "sleep": watch.sleep,
        }
        return JQuantsClient(**(given | options))  # type: ignore[arg-type]

    return make


async def fetch(client: JQuantsClient, as_of: dt.date | None = None) -> Answer:
    async with client:
        return await client.fetch_listed_issues(as_of)


async def test_the_whole_list_comes_in_one_call(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator, watch: Watch
) -> None:
    answer = await fetch(client())
    roster = roster_from(answer.pages)
    assert roster.as_of == TODAY
    assert roster.row_count > 4000
    assert len(simulator.requests) == 1
    assert watch.events == [PageFetched(1, roster.row_count)]


async def test_pages_are_followed_until_the_key_is_empty(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator
) -> None:
    whole = roster_from((await fetch(client())).pages)
    simulator.set_faults("pages")
    paged = await fetch(client())
    assert len(paged.pages) == 4
    assert roster_from(paged.pages).contents == whole.contents


async def test_the_date_asked_for_is_sent_with_every_page(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator
) -> None:
    simulator.set_faults("pages")
    day = dt.date(2026, 10, 1)
    answer = await fetch(client(), day)
    assert roster_from(answer.pages).as_of == day
    assert {request.params["date"] for request in simulator.requests} == {"2026-10-01"}


@pytest.mark.parametrize(
    "fault", ["500:2", "503-html:2", "html-200:2", "reset:2", "truncated:2", "bad-json:2"]
)
async def test_a_passing_failure_is_tried_again_and_told(
    client: Callable[..., JQuantsClient],
    simulator: RunningSimulator,
    watch: Watch,
    fault: str,
) -> None:
    simulator.set_faults(fault)
    answer = await fetch(client())
    assert roster_from(answer.pages).row_count > 4000
    assert len(simulator.requests) == 3
    retries = [event for event in watch.events if isinstance(event, RetryScheduled)]
    assert [(each.attempt, each.retries) for each in retries] == [(1, 3), (2, 3)]
    assert watch.slept == [each.delay_seconds for each in retries]


async def test_a_429_is_tried_again_only_after_a_minute(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator, watch: Watch
) -> None:
    simulator.set_faults("429:1")
    await fetch(client())
    assert watch.slept == [65.0]


@pytest.mark.parametrize(
    ("fault", "error", "calls"),
    [
        ("500", JQuantsUnavailable, 4),
        ("429", JQuantsRateLimited, 4),
        ("wrong-key", KeyRefused, 1),
        ("no-subscription", NoSubscription, 1),
        ("not-in-plan", PlanRefused, 1),
        ("outside-window", DateOutsidePlan, 1),
        ("wrong-type", JQuantsContractBroken, 1),
        ("endless-pages", JQuantsContractBroken, 2),
    ],
)
async def test_a_lasting_failure_ends_after_as_many_calls_as_help(
    client: Callable[..., JQuantsClient],
    simulator: RunningSimulator,
    fault: str,
    error: type[JQuantsError],
    calls: int,
) -> None:
    simulator.set_faults(fault)
    with pytest.raises(error):
        await fetch(client(retries=3))
    assert len(simulator.requests) == calls


async def test_the_retries_outlast_the_five_minute_block(
    client: Callable[..., JQuantsClient], market: Market, watch: Watch
) -> None:
    def clock() -> dt.datetime:
        return NOW + dt.timedelta(seconds=sum(watch.slept))

    config = SimulatorConfig(market=market, today=TODAY, clock=clock, faults=("block",))
    with running(config) as blocking:
        await fetch(client(base_url=blocking.base_url))
        assert [request.status for request in blocking.requests] == [429, 429, 429, 200]
    assert watch.slept == [65.0, 125.0, 125.0]


@pytest.mark.parametrize(("fault", "rows"), [("extra-field", 4000), ("empty", 0)])
async def test_an_unknown_field_or_no_row_at_all_is_an_answer(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator, fault: str, rows: int
) -> None:
    simulator.set_faults(fault)
    answer = await fetch(client())
    count = sum(len(page.data) for page in answer.pages)
    assert count >= rows
    assert bool(count) == bool(rows)


async def test_a_page_that_fails_is_fetched_again_alone(
    client: Callable[..., JQuantsClient], market: Market, watch: Watch
) -> None:
    with running(SimulatorConfig(market=market, today=TODAY, page_bytes=400_000)) as paged:

        def hear(event: FetchEvent) -> None:
            watch.events.append(event)
            if event == first_page:
                paged.set_faults("500:1")

        whole = (await fetch(client(base_url=paged.base_url))).pages
        first_page = PageFetched(1, len(whole[0].data))
        again = (await fetch(client(base_url=paged.base_url, on_event=hear))).pages
        assert len(paged.requests) == 2 * len(whole) + 1
    assert roster_from(again).contents == roster_from(whole).contents


async def test_a_probe_is_one_call_even_if_it_fails(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator
) -> None:
    simulator.set_faults("500:1")
    async with client() as probing:
        with pytest.raises(JQuantsUnavailable):
            await probing.probe()
        probe = await probing.probe()
    assert len(simulator.requests) == 2
    assert (probe.as_of, probe.plan) == (TODAY, Plan.PREMIUM)


async def test_a_cancel_ends_a_call_at_once(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator
) -> None:
    simulator.set_faults("hang")
    working = asyncio.ensure_future(fetch(client()))
    async with asyncio.timeout(5):
        while not simulator.requests:
            await asyncio.sleep(0.01)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
    assert len(simulator.requests) == 1


async def test_no_retries_means_one_call(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator
) -> None:
    simulator.set_faults("500")
    with pytest.raises(JQuantsUnavailable):
        await fetch(client(retries=0))
    assert len(simulator.requests) == 1


@pytest.mark.parametrize(
    ("fault", "timeout", "seconds"), [("hang", 0.3, "0.3"), ("slow:10", 2, "3")]
)
async def test_a_silent_or_dribbling_server_is_given_up(
    client: Callable[..., JQuantsClient],
    simulator: RunningSimulator,
    fault: str,
    timeout: float,
    seconds: str,
) -> None:
    simulator.set_faults(fault)
    with pytest.raises(JQuantsUnavailable, match=f"no complete answer within {seconds} s"):
        await fetch(client(retries=0, timeout=timeout, longest_reading=3))


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("gzip-bomb", AnswerTooLarge, "larger than 64 MB"),
        ("gzip-members", AnswerTooLarge, "larger than 64 MB"),
        ("gzip-crumbs", AnswerTooLarge, "more than 10,000 pieces"),
        ("gzip-twice", JQuantsContractBroken, "packed as “gzip, gzip”"),
        ("endless-body", AnswerTooLarge, "larger than 64 MB"),
        ("huge-length", AnswerTooLarge, "larger than 64 MB"),
        ("huge-refusal", RequestRefused, "gave no reason"),
        ("many-rows", AnswerTooLarge, "more than 20,000 rows"),
        ("long-text", AnswerTooLarge, "longer than 512 kB"),
        ("long-number", AnswerTooLarge, "longer than 512 kB"),
        ("deep-json", JQuantsContractBroken, "nested too deeply"),
    ],
)
async def test_an_answer_that_is_too_much_is_left_after_one_call(
    client: Callable[..., JQuantsClient],
    simulator: RunningSimulator,
    fault: str,
    error: type[JQuantsError],
    words: str,
) -> None:
    simulator.set_faults(fault)
    with pytest.raises(error, match=words):
        await fetch(client())
    assert len(simulator.requests) == 1


@pytest.mark.parametrize(
    ("faults", "words", "calls"),
    [
        (("new-keys",), "more than 20,000 rows", 19),
        (("new-keys", "shrunken"), "the pages do not end; 64 were read", 64),
    ],
)
async def test_pages_whose_keys_are_always_new_end_at_a_limit(
    client: Callable[..., JQuantsClient],
    simulator: RunningSimulator,
    faults: tuple[str, ...],
    words: str,
    calls: int,
) -> None:
    simulator.set_faults(*faults)
    with pytest.raises(AnswerTooLarge, match=words):
        await fetch(client())
    assert len(simulator.requests) == calls


async def test_a_slow_answer_passes_and_slow_pages_together_have_a_limit_and_no_second_try(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator
) -> None:
    simulator.set_faults("slow:0.7")
    await fetch(client(timeout=1, longest_reading=3))
    simulator.set_faults("slow:1.3", "new-keys")
    with pytest.raises(JQuantsUnavailable, match=r"no complete answer within 3 s"):
        await fetch(client(timeout=1, longest_reading=3))
    assert len(simulator.requests) <= 4


async def test_tries_that_fail_take_no_time_from_the_pages(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator
) -> None:
    simulator.set_faults("hang:3")
    await fetch(client(timeout=1, longest_reading=2.5, retries=3))
    assert len(simulator.requests) == 4


@pytest.mark.parametrize(("fault", "most"), [("500", 120), ("429", 600)])
async def test_tries_come_to_an_end_however_many_are_allowed(
    client: Callable[..., JQuantsClient],
    simulator: RunningSimulator,
    watch: Watch,
    fault: str,
    most: int,
) -> None:
    simulator.set_faults(fault)
    with pytest.raises(JQuantsError):
        await fetch(client(retries=1_000))
    assert most / 2 < sum(watch.slept) <= most


async def test_a_wrong_address_on_the_right_server_is_refused_by_name(
    client: Callable[..., JQuantsClient], simulator: RunningSimulator
) -> None:
    with pytest.raises(RequestRefused, match="does not exist"):
        await fetch(client(base_url=f"{simulator.base_url}/v9"))


async def test_the_limiter_holds_back_what_the_plan_does_not_allow(
    client: Callable[..., JQuantsClient], watch: Watch
) -> None:
    by_watch = MinuteLimiter(monotonic=lambda: sum(watch.slept), sleep=watch.sleep)
    async with client(plan=Plan.FREE, limiter=by_watch) as free:
        for _ in range(5):
            await free.probe()
        assert not watch.slept
        await free.probe()
    assert [each for each in watch.events if isinstance(each, RateLimitWait)] == [RateLimitWait(61)]
    assert watch.slept == [61]


def at_noon() -> dt.datetime:
    return NOW


async def test_the_free_plan_is_learned_from_the_age_of_its_list(
    client: Callable[..., JQuantsClient], market: Market
) -> None:
    with running(SimulatorConfig(market=market, plan="free", clock=at_noon)) as free:
        async with client(base_url=free.base_url, plan=None) as unknowing:
            probe = await unknowing.probe()
    assert probe.plan is Plan.FREE
    assert probe.as_of is not None
    assert (TODAY - probe.as_of).days >= 84


async def test_the_window_is_learned_from_a_refusal(
    client: Callable[..., JQuantsClient], market: Market
) -> None:
    with running(SimulatorConfig(market=market, plan="light", clock=at_noon)) as light:
        async with client(base_url=light.base_url, plan=None) as unknowing:
            with pytest.raises(DateOutsidePlan, match="2021-11"):
                await unknowing.fetch_listed_issues(dt.date(2015, 1, 5))
            assert unknowing.plan is Plan.LIGHT


@pytest.mark.parametrize(
    "fault", ["500", "429", "reset", "hang", "wrong-key", "outside-window", "wrong-type"]
)
async def test_no_failure_shows_the_key(
    client: Callable[..., JQuantsClient],
    simulator: RunningSimulator,
    watch: Watch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    simulator.set_faults(fault)
    with pytest.raises(JQuantsError) as caught:
        await fetch(client(retries=1, timeout=0.5))
    assert "send_request_headers" in caplog.text, "the logs of the library are watched"
    whole = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown = "".join(whole.format())
    assert KEY not in shown + repr(caught.value.params)
    assert KEY not in repr(watch.events) + caplog.text
    assert not [each for each in chain_of(caught.value) if hasattr(each, "request")]


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all that led to it, shown or not."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
