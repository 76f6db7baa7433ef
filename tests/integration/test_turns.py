"""Those who come while an attempt is under way share the next one, which began after they asked."""

import asyncio

import pytest

from meigara.web.turns import Turns


async def test_fifty_who_come_at_once_cost_one_attempt_and_those_who_come_then_one_more() -> None:
    turns: Turns[str, int] = Turns()
    begun = 0
    may_end = asyncio.Event()

    async def attempt() -> int:
        nonlocal begun
        begun += 1
        number = begun
        await may_end.wait()
        return number

    first = [asyncio.create_task(turns.share("a", attempt)) for _ in range(50)]
    while not begun:
        await asyncio.sleep(0)
    then = [asyncio.create_task(turns.share("a", attempt)) for _ in range(50)]
    other = asyncio.create_task(turns.share("b", attempt))
    while begun < 2:
        await asyncio.sleep(0)
    assert begun == 2  # the other key waits for nobody
    may_end.set()
    assert sorted(await asyncio.gather(*first)) == [(1, False)] * 49 + [(1, True)]
    assert sorted(await asyncio.gather(*then)) == [(3, False)] * 49 + [(3, True)]
    assert await other == (2, True)


async def test_a_failure_is_told_to_all_and_the_next_attempt_is_made() -> None:
    turns: Turns[str, int] = Turns()

    async def fail() -> int:
        raise LookupError

    async def succeed() -> int:
        return 7

    found = await asyncio.gather(
        *(turns.share("a", fail) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in found] == [LookupError] * 3
    assert await turns.share("a", succeed) == (7, True)


async def test_one_who_goes_takes_the_attempt_from_nobody() -> None:
    turns: Turns[str, int] = Turns()
    may_end = asyncio.Event()

    async def attempt() -> int:
        await may_end.wait()
        return 1

    goes = asyncio.create_task(turns.share("a", attempt))
    await asyncio.sleep(0)
    stays = asyncio.create_task(turns.share("a", attempt))
    await asyncio.sleep(0)
    goes.cancel()
    with pytest.raises(asyncio.CancelledError):
        await goes
    may_end.set()
    assert (await stays)[0] == 1
