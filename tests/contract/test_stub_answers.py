"""A wrong answer means the same on a socket as it does to the evaluation."""

import datetime as dt
from random import Random

import pytest

from meigara.jquants.client import JQuantsClient
from meigara.jquants.plan import Plan
from meigara.jquants.wire import decode_page, roster_from
from meigara.simulator.market import Market
from tests.wrong_answers import KINDS, Truth
from tests.wrong_answers.serving import answering

TODAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize("name", ["four-pages", "page-twice-1", "labels-moved-by-one-row-S33"])
async def test_the_client_reads_the_pages_that_were_made(name: str) -> None:
    rows = [dict(row) for row in Market(7).roster(TODAY)]
    bodies = KINDS[name].bodies(Truth(rows, TODAY, Random(7)))
    with answering(bodies) as server:
        client = JQuantsClient(api_key="a-key", base_url=server.base_url, plan=Plan.PREMIUM)
        async with client:
            answer = await client.fetch_listed_issues(None)
    assert roster_from(answer.pages) == roster_from([decode_page(body) for body in bodies])
