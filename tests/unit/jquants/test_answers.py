"""How the client reads answers that a server gives, one by one."""

import datetime as dt
from collections.abc import Callable

import httpx
import pytest

from meigara import __version__
from meigara.errors import JQuantsContractBroken, JQuantsUnavailable, RequestRefused
from meigara.jquants.client import JQuantsClient
from meigara.jquants.events import Answer, PageFetched
from meigara.jquants.limiter import MinuteLimiter
from meigara.jquants.plan import Plan

KEY = "canary-key-0123456789"
URL = "https://api.example/v2"
DAY = dt.date(2026, 11, 20)


class Server:
    """Answers from a function of the pagination key, and keeps the requests."""

    def __init__(self, answer: Callable[[str], httpx.Response]) -> None:
        self._answer = answer
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request.url.params.get("pagination_key", ""))


async def no_sleep(_seconds: float) -> None:
    """Let no time pass."""


async def fetch(server: Server, as_of: dt.date | None = None, **options: object) -> Answer:
    given: dict[str, object] = {"plan": Plan.PREMIUM, "retries": 0, "sleep": no_sleep} | options
    client = JQuantsClient(
        api_key=KEY,
        base_url=URL,
        transport=httpx.MockTransport(server),
        **given,  # type: ignore[arg-type]
    )
    async with client:
        return await client.fetch_listed_issues(as_of)


def page(key: str = "null") -> httpx.Response:
    return httpx.Response(200, text=f'{{"data":[{{"Code":"13010"}}],"pagination_key":{key}}}')


async def test_a_request_carries_the_key_and_names_the_program() -> None:
    server = Server(lambda _: page())
    await fetch(server)
    headers = server.requests[0].headers
    assert server.requests[0].url == f"{URL}/equities/master"
    assert headers["x-api-key"] == KEY
    assert headers["accept-encoding"] == "gzip"
    assert headers["user-agent"] == f"meigara/{__version__}"


@pytest.mark.parametrize("last", ["null", '""'])
async def test_the_pages_end_where_the_key_is_null_or_empty(last: str) -> None:
    server = Server(lambda key: page('"a+b/=.2."') if not key else page(last))
    answer = await fetch(server, DAY)
    assert len(answer.pages) == len(answer.bodies) == 2
    assert [dict(each.url.params) for each in server.requests] == [
        {"date": "2026-11-20"},
        {"date": "2026-11-20", "pagination_key": "a+b/=.2."},
    ]


async def test_sixty_four_pages_are_followed_and_not_one_more() -> None:
    server = Server(lambda key: page(f'"{int(key or 0) + 1}"'))
    events: list[object] = []
    limiter = MinuteLimiter(monotonic=lambda: len(server.requests), sleep=no_sleep)
    with pytest.raises(JQuantsContractBroken, match="do not end"):
        await fetch(server, on_event=events.append, limiter=limiter)
    assert [each for each in events if isinstance(each, PageFetched)][-1] == PageFetched(63, 63)
    assert len(server.requests) == 64


async def test_no_data_by_its_own_status_is_an_empty_list() -> None:
    answer = await fetch(Server(lambda _: httpx.Response(210, text="whatever")))
    assert [each.data for each in answer.pages] == [[]]
    assert answer.bodies == (b'{"data":[]}',)


async def test_a_redirect_is_refused_so_that_the_key_goes_nowhere_else() -> None:
    server = Server(lambda _: httpx.Response(302, headers={"location": "https://else.example/"}))
    with pytest.raises(RequestRefused, match="302"):
        await fetch(server, retries=3)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"data":[', b'{"data":[{"Code":"\x83"}', b'{"x":' + b"[" * 100_000]
)
async def test_what_is_no_json_may_be_better_the_next_time(body: bytes) -> None:
    with pytest.raises(JQuantsUnavailable, match="not JSON"):
        await fetch(Server(lambda _: httpx.Response(200, content=body)))


@pytest.mark.parametrize("body", ["[]", "{}", '{"data":null}', '{"data":[{"Code":1}]}'])
async def test_json_of_another_shape_breaks_the_contract(body: str) -> None:
    with pytest.raises(JQuantsContractBroken):
        await fetch(Server(lambda _: httpx.Response(200, text=body)))


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx.ConnectTimeout(""), "no connection within 10 s"),
        (httpx.ReadTimeout(""), "no complete answer within 30 s"),
        (httpx.ConnectError(f"certificate of {KEY}\n unknown"), r"made \(certificate of •••• unkn"),
        (httpx.WriteError(""), "the connection was cut off"),
        (httpx.DecodingError(""), "the connection was cut off"),
        (httpx.LocalProtocolError(KEY), r"could not be sent \(LocalProtocolError\)"),
    ],
)
async def test_a_failure_on_the_way_is_told_in_words(failure: httpx.HTTPError, words: str) -> None:
    def fail(_key: str) -> httpx.Response:
        raise failure

    with pytest.raises(JQuantsUnavailable, match=words) as caught:
        await fetch(Server(fail))
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None
