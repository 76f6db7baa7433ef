"""How is the list of issues fetched from J-Quants API v2?

`GET /equities/master` with the header `x-api-key`; pages are followed until `pagination_key` is
absent or empty (J-Quants API v2, "Listed Issue Master" and "Pagination").
"""

import asyncio
import datetime as dt
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

import httpx
import msgspec

from meigara import __version__
from meigara.errors import (
    DateOutsidePlan,
    InvalidSetting,
    JQuantsContractBroken,
    JQuantsError,
    JQuantsUnavailable,
)
from meigara.jquants.limiter import MinuteLimiter
from meigara.jquants.plan import Coverage, Plan, coverage_in, is_delayed, plan_of
from meigara.jquants.refusals import printable, refusal_of
from meigara.jquants.retry import delay_before_retry
from meigara.jquants.wire import Page, decode_page

_MASTER = "/equities/master"
_MOST_PAGES = 1000
_CONNECT_SECONDS = 10.0
_WHOLE_ANSWER_FACTOR = 5
_NO_DATA = 210  # some endpoints say so instead of an empty list


@dataclass(frozen=True, slots=True)
class PageFetched:
    """A page has arrived."""

    page: int
    rows_so_far: int


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """A call failed and is made again after a pause; `attempt` of `retries`."""

    attempt: int
    retries: int
    delay_seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class RateLimitWait:
    """The plan's calls of this minute are used up."""

    seconds: float


FetchEvent = PageFetched | RetryScheduled | RateLimitWait


@dataclass(frozen=True, slots=True)
class Answer:
    """All pages of one answer: decoded, and as received."""

    pages: tuple[Page, ...]
    bodies: tuple[bytes, ...] = field(repr=False)
    fetched_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Probe:
    """What one call tells: the list and its day, the plan and its window where known."""

    as_of: dt.date | None
    rows: int
    plan: Plan | None
    coverage: Coverage | None


class JQuantsClient:
    """A client for one sync; use it as an async context manager, which closes its connections.

    The API key is sent in a header and appears in no message, event or representation.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        plan: Plan | None = None,
        retries: int = 3,
        timeout: float = 30.0,
        on_event: Callable[[FetchEvent], None] = lambda _event: None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare the client; `timeout` is in seconds, `plan` None means to learn it.

        Raises InvalidSetting for a key or an address that no request can carry.
        """
        self.plan = plan
        self.coverage: Coverage | None = None
        self._base_url = checked_url(base_url)
        self._key = checked_key(api_key)
        self._retries = retries
        self._timeout = timeout
        self._on_event = on_event
        self._clock = clock
        self._sleep = sleep
        self._limiter = MinuteLimiter(
            (plan or Plan.FREE).calls_per_minute,
            on_wait=lambda seconds: on_event(RateLimitWait(seconds)),
            sleep=sleep,
        )
        self._http = httpx.AsyncClient(
            headers={
                "x-api-key": self._key,
                "Accept-Encoding": "gzip",
                "User-Agent": f"meigara/{__version__}",
            },
            timeout=httpx.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
        )

    async def __aenter__(self) -> Self:
        """Open the client."""
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def fetch_listed_issues(self, as_of: dt.date | None) -> Answer:
        """Return the whole list of one day; None means the day that J-Quants takes as today.

        Raises JQuantsError: unavailable or rate limited after all retries, refused, or a contract
        that is broken (endless pages, JSON of another shape).
        """
        pages: list[Page] = []
        bodies: list[bytes] = []
        params = {"date": as_of.isoformat()} if as_of else {}
        keys: set[str] = set()
        while True:
            body, page = await self._get_patiently(params)
            pages.append(page)
            bodies.append(body)
            self._on_event(PageFetched(len(pages), sum(len(each.data) for each in pages)))
            key = page.pagination_key
            if not key:
                break
            if key in keys or len(pages) >= _MOST_PAGES:
                raise JQuantsContractBroken(reason="the pages do not end")
            keys.add(key)
            params = {**params, "pagination_key": key}
        self._learn_from(pages[0], as_of)
        return Answer(tuple(pages), tuple(bodies), self._clock())

    async def probe(self) -> Probe:
        """Fetch the newest list once: is the key accepted, and what does the plan cover?

        Raises JQuantsError.
        """
        answer = await self.fetch_listed_issues(None)
        rows = sum(len(page.data) for page in answer.pages)
        return Probe(_day_of(answer.pages[0]), rows, self.plan, self.coverage)

    async def _get_patiently(self, params: dict[str, str]) -> tuple[bytes, Page]:
        """Get one page, with as many tries as are worth it."""
        attempt = 1
        while True:
            await self._limiter.acquire()
            try:
                return await self._get(params)
            except JQuantsError as error:
                jitter = random.random()  # noqa: S311 - spreads load, keeps no secret
                delay = delay_before_retry(error, attempt, self._retries, jitter)
                if delay is None:
                    raise
                reason = str(error)
            self._on_event(RetryScheduled(attempt, self._retries, delay, reason))
            await self._sleep(delay)
            attempt += 1

    async def _get(self, params: dict[str, str]) -> tuple[bytes, Page]:
        """Get one page once. Errors of the library hold the request, so none is chained."""
        try:
            async with asyncio.timeout(self._timeout * _WHOLE_ANSWER_FACTOR):
                response = await self._http.get(f"{self._base_url}{_MASTER}", params=params)
        except (httpx.TimeoutException, TimeoutError):
            raise self._unavailable(f"no complete answer within {self._timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unavailable(_in_words(error)) from None
        if response.status_code == _NO_DATA:
            return b'{"data":[]}', Page(data=[])
        if response.status_code != httpx.codes.OK:
            raise self._refusal(response)
        try:
            return response.content, decode_page(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._unavailable("the answer is not JSON, or it is cut off") from None

    def _refusal(self, response: httpx.Response) -> JQuantsError:
        error = refusal_of(response.status_code, response.content, self._base_url, self._key)
        if isinstance(error, DateOutsidePlan):
            self.coverage = coverage_in(str(error.params["reason"]))
            if self.coverage is not None:
                self._learn(plan_of(self.coverage, self._clock().date()))
        return error

    def _unavailable(self, reason: str) -> JQuantsUnavailable:
        return JQuantsUnavailable(reason=printable(reason, self._key), base_url=self._base_url)

    def _learn_from(self, page: Page, asked: dt.date | None) -> None:
        """Notice the Free plan by its delay."""
        day = _day_of(page)
        if asked is None and day is not None and is_delayed(day, self._clock().date()):
            self._learn(Plan.FREE)

    def _learn(self, plan: Plan) -> None:
        """Take a plan for known, unless one is configured."""
        if self.plan is None:
            self.plan = plan
            self._limiter.calls = plan.calls_per_minute


def _day_of(page: Page) -> dt.date | None:
    try:
        return dt.date.fromisoformat(page.data[0].Date or "")
    except (IndexError, ValueError):
        return None


def _in_words(error: Exception) -> str:
    """Return what went wrong on the way, in a sentence that names no header."""
    if isinstance(error, httpx.ConnectError):
        return "no connection could be made"
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.DecodingError):
        return "the connection was cut off"
    return type(error).__name__


def checked_url(text: str) -> str:
    """Return the address without a slash at its end. Raises InvalidSetting."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        reason = "write an address like https://api.jquants.com/v2, without a user or password"
        raise InvalidSetting(name="MEIGARA_JQUANTS_BASE_URL", reason=reason)
    return text.rstrip("/")


def checked_key(key: str) -> str:
    """Return the key if a header can carry it. Raises InvalidSetting, which does not show it."""
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        reason = "it holds a character that no API key has (it is not shown here)"
        raise InvalidSetting(name="MEIGARA_JQUANTS_API_KEY", reason=reason)
    return key
