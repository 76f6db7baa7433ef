"""When to wait, when to try again, and what a refusal means."""

import asyncio
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meigara.errors import (
    DateOutsidePlan,
    InvalidSetting,
    JQuantsError,
    JQuantsFailing,
    JQuantsRateLimited,
    JQuantsUnavailable,
    KeyRefused,
    NoSubscription,
    PlanRefused,
    RequestRefused,
)
from meigara.jquants.client import JQuantsClient, checked_key, checked_url
from meigara.jquants.limiter import MinuteLimiter
from meigara.jquants.plan import Coverage, Plan, coverage_in, is_delayed, plan_of
from meigara.jquants.refusals import refusal_of
from meigara.jquants.retry import delay_before_retry

URL = "https://api.example/v2"
KEY = "canary-key-0123456789"
TODAY = dt.date(2026, 11, 23)
UNAVAILABLE = JQuantsUnavailable(reason="the server answered 503", base_url=URL)


def test_a_failure_is_tried_again_after_a_growing_pause() -> None:
    pauses = [delay_before_retry(UNAVAILABLE, attempt, 9, 0.0) for attempt in (1, 2, 3, 9)]
    assert pauses == [1.0, 2.0, 4.0, 30.0]


def test_too_many_calls_are_waited_out_for_one_minute_and_then_for_two() -> None:
    error = JQuantsRateLimited()
    assert [delay_before_retry(error, attempt, 3, 0.5) for attempt in (1, 2, 3)] == [65, 125, 125]


@pytest.mark.parametrize("error", [UNAVAILABLE, JQuantsRateLimited()])
def test_after_the_allowed_tries_it_gives_up(error: JQuantsError) -> None:
    assert delay_before_retry(error, 4, 3, 0.0) is None
    assert delay_before_retry(error, 1, 0, 0.0) is None


def test_a_refusal_is_never_tried_again() -> None:
    assert delay_before_retry(KeyRefused(reason="x"), 1, 9, 0.0) is None


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def unheard(_seconds: float) -> None:
    """Listen to nothing."""


@given(calls=st.integers(1, 8), pauses=st.lists(st.floats(0, 40), max_size=40))
def test_no_minute_ever_sees_more_calls_than_the_plan_allows(
    calls: int, pauses: list[float]
) -> None:
    time, passed = Time(), list[float]()
    limiter = MinuteLimiter(monotonic=lambda: time.now, sleep=time.sleep)

    async def use() -> None:
        for pause in pauses:
            await time.sleep(pause)
            await limiter.acquire(calls, unheard)
            passed.append(time.now)

    asyncio.run(use())
    for start in passed:
        assert sum(start <= moment <= start + 60 for moment in passed) <= calls


def test_a_call_that_must_wait_says_how_long() -> None:
    time, waits = Time(), list[float]()
    limiter = MinuteLimiter(monotonic=lambda: time.now, sleep=time.sleep)

    async def use() -> None:
        await limiter.acquire(1, waits.append)
        await time.sleep(20)
        await limiter.acquire(1, waits.append)

    asyncio.run(use())
    assert waits == [41.0]


@pytest.mark.parametrize(("calls", "waits"), [(1, [61.0]), (4, [])])
def test_a_plan_that_is_learned_counts_from_the_next_call(calls: int, waits: list[float]) -> None:
    time, waited = Time(), list[float]()
    limiter = MinuteLimiter(monotonic=lambda: time.now, sleep=time.sleep)

    async def use() -> None:
        for _ in range(3):
            await limiter.acquire(3, waited.append)
        await limiter.acquire(calls, waited.append)

    asyncio.run(use())
    assert waited == waits


def test_a_call_that_is_cancelled_while_it_waits_lets_the_next_one_pass() -> None:
    limiter = MinuteLimiter()

    async def use() -> None:
        await limiter.acquire(1, unheard)
        waiting = asyncio.ensure_future(limiter.acquire(1, unheard))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.wait_for(limiter.acquire(2, unheard), 1)

    asyncio.run(use())


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, "The api key is required.", KeyRefused),
        (403, "The incoming api key is invalid or expired.", KeyRefused),
        (401, "The incoming token is invalid or expired.", KeyRefused),
        (403, "No active subscription found for you", NoSubscription),
        (403, "This API is not available on your subscription. Please", PlanRefused),
        (403, "The requested endpoint does not exist", RequestRefused),
        (400, "Your subscription covers the following dates: 2024-05-16 ~ ", DateOutsidePlan),
        (400, "'date' must be a date", RequestRefused),
        (429, "", JQuantsRateLimited),
        (500, "Unexpected error. Please try again later.", JQuantsFailing),
        (418, "", RequestRefused),
        (401, "", KeyRefused),
        (302, "", RequestRefused),
    ],
)
def test_a_refusal_is_told_by_its_text(status: int, message: str, kind: type[JQuantsError]) -> None:
    body = f'{{"message": "{message}"}}'.encode()
    assert type(refusal_of(status, body, URL, KEY)) is kind


def test_a_refusal_that_is_no_json_still_has_a_name() -> None:
    assert "502" in str(refusal_of(502, b"<html>Bad Gateway</html>", URL, KEY))
    assert "404" in str(refusal_of(404, b"<html>Not Found</html>", URL, KEY))


@pytest.mark.parametrize(
    "body",
    [b"", b"[1]", b"{}", b'{"message":null}', b'{"message":"\x83\x65"}', b'{"a":' + b"[" * 100_000],
)
def test_a_refusal_without_a_readable_text_says_that_none_was_given(body: bytes) -> None:
    assert "no reason" in str(refusal_of(403, body, URL, KEY))


def test_the_text_of_a_refusal_is_one_short_line_without_the_key() -> None:
    body = f'{{"message": "no\\n\\u001b[31m\\u009b\\u202e {KEY} {"x" * 500}"}}'.encode()
    reason = str(refusal_of(400, body, URL, KEY))
    assert KEY not in reason
    assert reason.isprintable()
    assert len(reason) < 300


@pytest.mark.parametrize(
    ("message", "plan"),
    [
        ("covers the following dates: 2024-05-16 ~ 2026-08-31", Plan.FREE),
        ("covers the following dates: 2021-11-23 ~ . If you want more data", Plan.LIGHT),
        ("covers the following dates: 2016-11-23 ~ ", Plan.STANDARD),
        ("covers the following dates: 2008-05-07 ~ ", Plan.PREMIUM),
    ],
)
def test_the_plan_is_learned_from_the_window_a_refusal_names(message: str, plan: Plan) -> None:
    coverage = coverage_in(message)
    assert coverage is not None
    assert plan_of(coverage, TODAY) is plan


def test_a_text_without_dates_names_no_window() -> None:
    assert coverage_in("please subscribe") is None
    assert coverage_in("covers the following dates: 2024-02-30 ~ ") is None
    assert coverage_in("from 2024-05-16 ~ 2026-05-16") == Coverage(
        dt.date(2024, 5, 16), dt.date(2026, 5, 16)
    )


def test_a_list_twelve_weeks_old_is_the_free_plans() -> None:
    assert is_delayed(TODAY - dt.timedelta(days=84), TODAY)
    assert not is_delayed(TODAY - dt.timedelta(days=11), TODAY)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.jquants.com",
        "ftp://x",
        "https://",
        "https://u:p@x/v2",
        "https://x:99999/v2",
        "https://x/v2?a=1",
        "https://x/v2#a",
        "https://x/v2 ",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidSetting):
        checked_url(url)


def test_a_slash_at_the_end_of_the_address_does_no_harm() -> None:
    assert checked_url("https://x/v2/") == "https://x/v2"


@pytest.mark.parametrize("key", ["", "a b", "a\nb", "ａ"])
def test_a_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(InvalidSetting):
        checked_key(key)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "ftp://x", "::bad::"])
def test_a_proxy_that_cannot_be_used_is_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(InvalidSetting, match="ALL_PROXY"):
        JQuantsClient(api_key=KEY, base_url=URL)


def test_a_file_of_certificates_that_is_not_there_is_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")
    with pytest.raises(InvalidSetting, match="SSL_CERT_FILE"):
        JQuantsClient(api_key=KEY, base_url=URL)


def test_the_representation_of_a_client_does_not_show_the_key() -> None:
    client = JQuantsClient(api_key=KEY, base_url=URL)
    assert KEY not in repr(client)
