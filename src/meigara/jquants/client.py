"""How is the list of issues fetched from J-Quants API v2?

`GET /equities/master` with the header `x-api-key`; pages are followed until `pagination_key` is
absent or empty (J-Quants API v2, "Listed Issue Master" and "Pagination").
"""

import asyncio
import datetime as dt
import hashlib
import random
from collections.abc import Awaitable, Callable
from typing import Self

import httpx
import msgspec

from meigara import __version__
from meigara.errors import (
    DateOutsidePlan,
    InvalidSetting,
    JQuantsContractBroken,
    JQuantsError,
    JQuantsFailing,
    JQuantsUnavailable,
    Reason,
)
from meigara.jquants.allowance import LONGEST_READING_SECONDS, LONGEST_SECONDS, Allowance
from meigara.jquants.body import Received, Unreadable, received
from meigara.jquants.events import (
    Answer,
    FetchEvent,
    PageFetched,
    Probe,
    RateLimitWait,
    RetryScheduled,
)
from meigara.jquants.failures import in_words
from meigara.jquants.limiter import Limiter, MinuteLimiter
from meigara.jquants.plan import Coverage, Plan, coverage_in, is_delayed, plan_of
from meigara.jquants.refusals import refusal_of, without_key
from meigara.jquants.retry import delay_before_retry
from meigara.jquants.wire import Page, decode_page

_MASTER = "/equities/master"
_CONNECT_SECONDS = 10.0
_TRIES_IN_TIME = 4  # so many may meet a silent server before the time for an answer is over
_NO_DATA = 210  # some endpoints say so instead of an empty list


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
        limiter: Limiter | None = None,
        retries: int = 3,
        timeout: float = 30.0,
        longest: float = LONGEST_SECONDS,
        longest_reading: float = LONGEST_READING_SECONDS,
        on_event: Callable[[FetchEvent], None] = lambda _event: None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Prepare the client; `plan` None means to learn it, at the pace of the Free plan.

        `limiter` None means that no other process uses the key.
        `timeout` is how many seconds the server may be silent; a connection may take ten.
        `longest` is how many seconds an answer may take with all its pages and tries, at least
        four times `timeout`; `longest_reading` without the tries that failed, at least `timeout`.
        Waits for the rate limit do not count. `transport` None means the network.

        Raises InvalidSetting for a key, an address or a proxy that cannot be used.
        """
        self.plan = plan
        self.coverage: Coverage | None = None
        self._is_invented = False
        self._base_url = checked_url(base_url)
        self._key = checked_key(api_key)
        self._retries = retries
        self._longest = max(longest, timeout * _TRIES_IN_TIME)
        self._longest_reading = max(longest_reading, timeout)
        self._on_event = on_event
        self._clock = clock
        self._sleep = sleep
        self._limiter = limiter or MinuteLimiter()
        self._http = _http_client(self._key, timeout, transport)

    async def __aenter__(self) -> Self:
        """Open the client."""
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def fetch_listed_issues(self, as_of: dt.date | None) -> Answer:
        """Return the whole list of one day; None means the day that J-Quants takes as today.

        Raises JQuantsError: unavailable or rate limited after all retries, refused, or a contract
        that is broken (JSON of another shape, too many bytes, rows or pages, endless pages).
        """
        return await self._fetch(as_of, self._retries)

    async def probe(self) -> Probe:
        """Fetch the newest list with one try: is the key accepted, and what does the plan cover?

        Raises JQuantsError.
        """
        answer = await self._fetch(None, retries=0)
        rows = sum(len(page.data) for page in answer.pages)
        return Probe(_day_of(answer.pages[0]), rows, self.plan, self.coverage)

    async def _fetch(self, as_of: dt.date | None, retries: int) -> Answer:
        pages: list[Page] = []
        bodies: list[bytes] = []
        params = {"date": as_of.isoformat()} if as_of else {}
        keys: set[str] = set()
        digest = hashlib.sha256()
        left = Allowance(self._longest, self._longest_reading)
        while True:
            body, page = await self._get_patiently(params, retries, left)
            left.take(body, page)
            pages.append(page)
            bodies.append(body)
            digest.update(body)
            self._on_event(PageFetched(len(pages), sum(len(each.data) for each in pages)))
            key = page.pagination_key
            if not key:
                break
            if key in keys:
                raise JQuantsContractBroken(reason=Reason("the pages do not end"))
            keys.add(key)
            params = {**params, "pagination_key": key}
        self._learn_from(pages[0], as_of)
        return Answer(
            tuple(pages), tuple(bodies), digest.hexdigest(), self._clock(), self._is_invented
        )

    async def _get_patiently(
        self, params: dict[str, str], retries: int, left: Allowance
    ) -> tuple[bytes, Page]:
        """Get one page, with as many tries as are worth it."""
        attempt = 1
        while True:
            await self._limiter.acquire(self._calls_per_minute, self._tell_of_wait)
            try:
                return await self._get(params, left)
            except JQuantsError as error:
                jitter = random.random()  # noqa: S311 - spreads load, keeps no secret
                delay = delay_before_retry(error, attempt, retries, jitter)
                if delay is None or not left.has_time_for(delay, error):
                    raise
                failure = error
            self._on_event(RetryScheduled(attempt, retries, delay, failure))
            await self._sleep(delay)
            attempt += 1

    async def _get(self, params: dict[str, str], left: Allowance) -> tuple[bytes, Page]:
        """Get one page once."""
        with left.spending():
            answer = await self._send(params, left)
        if isinstance(answer, JQuantsError):
            raise answer
        self._is_invented |= answer.is_invented
        if answer.status == _NO_DATA:
            return b'{"data":[]}', Page(data=[])
        if answer.status != httpx.codes.OK:
            raise self._refusal(answer)
        body = without_key(answer.body, self._key)
        try:
            return body, decode_page(body, left.text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            reason = Reason("the answer is not JSON, or it is cut off")
            raise JQuantsFailing(reason=reason, base_url=self._base_url) from None

    async def _send(self, params: dict[str, str], left: Allowance) -> Received | JQuantsError:
        """Return what came, or what kept it away.

        The failure is returned, to be raised elsewhere: raised here it would carry the error of
        the library as its context, and with that the request and the key.
        """
        url = f"{self._base_url}{_MASTER}"
        try:
            async with (
                asyncio.timeout(left.call_seconds),
                self._http.stream("GET", url, params=params) as response,
            ):
                return await received(response, left.bytes, self._base_url)
        except Unreadable as unreadable:
            return unreadable.error
        except TimeoutError:
            longest = left.end_reading()
            reason = Reason("no complete answer within {seconds:g} s", seconds=longest)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = in_words(error, self._http.timeout, self._key)
        return self._unavailable(reason)

    def _refusal(self, answer: Received) -> JQuantsError:
        error = refusal_of(answer.status, answer.body, self._base_url, self._key)
        if isinstance(error, DateOutsidePlan):
            self.coverage = coverage_in(str(error.params["reason"]))
            if self.coverage is not None:
                self._learn(plan_of(self.coverage, self._clock().date()))
        return error

    def _unavailable(self, reason: Reason) -> JQuantsUnavailable:
        return JQuantsUnavailable(reason=reason, base_url=self._base_url)

    def _learn_from(self, page: Page, asked: dt.date | None) -> None:
        """Notice the Free plan by its delay."""
        day = _day_of(page)
        if asked is None and day is not None and is_delayed(day, self._clock().date()):
            self._learn(Plan.FREE)

    def _learn(self, plan: Plan) -> None:
        """Take a plan for known, unless one is configured."""
        if self.plan is None:
            self.plan = plan

    @property
    def _calls_per_minute(self) -> int:
        return (self.plan or Plan.FREE).calls_per_minute

    def _tell_of_wait(self, seconds: float) -> None:
        self._on_event(RateLimitWait(seconds))


def _day_of(page: Page) -> dt.date | None:
    try:
        return dt.date.fromisoformat(page.data[0].Date or "")
    except (IndexError, ValueError):
        return None


def _http_client(
    key: str, timeout: float, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    """Return the client of the library, which reads the usual variables of proxy and TLS."""
    headers = {"x-api-key": key, "Accept-Encoding": "gzip", "User-Agent": f"meigara/{__version__}"}
    limits = httpx.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS))
    try:
        return httpx.AsyncClient(headers=headers, timeout=limits, transport=transport)
    except OSError:
        name, reason = "SSL_CERT_FILE or SSL_CERT_DIR", "no certificates can be read there"
    except (ImportError, ValueError, httpx.InvalidURL):
        name = "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"
        reason = "write an address like http://proxy.example:8080"
    raise InvalidSetting(name=name, reason=reason)


def checked_url(text: str) -> str:
    """Return the address without a slash at its end. Raises InvalidSetting."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    is_plain = not (url.userinfo or url.query or url.fragment or " " in text)
    is_reachable = url.scheme in ("http", "https") and url.host and (url.port or 0) <= 65535
    if not (is_plain and is_reachable):
        reason = "write an address like https://api.jquants.com/v2, without a user or password"
        raise InvalidSetting(name="MEIGARA_JQUANTS_BASE_URL", reason=reason)
    return text.rstrip("/")


def checked_key(key: str) -> str:
    """Return the key if a header can carry it. Raises InvalidSetting, which does not show it."""
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        reason = "it holds a character that no API key has (it is not shown here)"
        raise InvalidSetting(name="MEIGARA_JQUANTS_API_KEY", reason=reason)
    return key
