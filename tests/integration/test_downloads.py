"""Files are made few at a time, once for all who want the same, and nothing is left of them."""

import asyncio
import gc
import os
from pathlib import Path
from typing import BinaryIO

import pytest
from starlette.responses import Response
from starlette.types import Message

from meigara.errors import TooManyExports
from meigara.web.downloads import Downloads


class Maker:
    """Makes files when it is let."""

    def __init__(self) -> None:
        self.may_make = asyncio.Event()
        self.begun = self.at_once = self.most_at_once = 0

    async def make(self, file: BinaryIO) -> None:
        self.begun += 1
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await self.may_make.wait()
            file.write(b"x" * 200_000)
        finally:
            self.at_once -= 1


@pytest.fixture
async def maker() -> Maker:
    return Maker()


def wanted(downloads: Downloads, key: str, maker: Maker) -> "asyncio.Task[Response]":
    """Ask for a file."""
    return asyncio.create_task(downloads.response(key, maker.make, {}, "text/csv"))


async def taken(response: Response) -> bytes:
    """Take a file to its end."""
    parts: list[bytes] = []

    async def send(message: Message) -> None:
        parts.append(message.get("body", b""))

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await response({"type": "http", "headers": []}, receive, send)
    assert response.headers["content-length"] == str(sum(map(len, parts)))
    return b"".join(parts)


def open_files() -> int:
    """Return how many files this process has open."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_all_who_want_the_same_at_once_share_one_file(maker: Maker) -> None:
    before = open_files()
    downloads = Downloads()
    asked = [wanted(downloads, "same", maker) for _ in range(50)]
    await asyncio.sleep(0)
    maker.may_make.set()
    answers = await asyncio.gather(*asked)
    assert open_files() == before + 1
    assert {len(await taken(answer)) for answer in answers} == {200_000}
    assert maker.begun == 1
    assert open_files() == before
    assert len(await taken(await wanted(downloads, "same", maker))) == 200_000
    assert maker.begun == 2


async def test_few_are_made_at_a_time(maker: Maker) -> None:
    downloads = Downloads(at_once=2)
    asked = [wanted(downloads, str(number), maker) for number in range(10)]
    while maker.begun < 2:
        await asyncio.sleep(0)
    maker.may_make.set()
    for answer in await asyncio.gather(*asked):
        await taken(answer)
    assert (maker.begun, maker.most_at_once) == (10, 2)


@pytest.mark.parametrize("limits", [{"at_once": 1}, {"most_files": 1}])
async def test_who_waits_too_long_is_told_to_come_again(
    maker: Maker, limits: dict[str, int]
) -> None:
    before = open_files()
    downloads = Downloads(**limits, patience=0.05)
    first, second = (wanted(downloads, key, maker) for key in ("first", "second"))
    with pytest.raises(TooManyExports):
        await second
    maker.may_make.set()
    await taken(await first)
    await taken(await wanted(downloads, "third", maker))
    assert open_files() == before


async def test_a_file_that_nobody_waits_for_any_more_is_not_made(maker: Maker) -> None:
    before = open_files()
    downloads = Downloads(most_files=1, patience=0.05)
    asked = [wanted(downloads, "same", maker) for _ in range(3)]
    await asyncio.sleep(0.01)
    for each in asked:
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    await asyncio.sleep(0)
    assert (maker.begun, maker.at_once, open_files()) == (1, 0, before)
    maker.may_make.set()
    assert await taken(await wanted(downloads, "same", maker))


async def test_a_file_that_cannot_be_made_is_told_to_all_who_wait_and_takes_no_room() -> None:
    before = open_files()
    downloads = Downloads(most_files=1, patience=0.05)

    async def fail(_file: BinaryIO) -> None:
        raise OSError(os.strerror(28))

    for _ in range(3):
        asked = [downloads.response("x", fail, {}, "text/csv") for _ in range(2)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(each) for each in found] == [OSError] * 2
    del found
    assert open_files() == before


async def test_a_file_is_kept_for_a_while_for_who_comes_back_unless_its_room_is_needed(
    maker: Maker,
) -> None:
    before = open_files()
    maker.may_make.set()
    downloads = Downloads(most_files=1, patience=0.05, kept=0.2)
    for _ in range(3):
        await taken(await wanted(downloads, "same", maker))
    assert (maker.begun, open_files()) == (1, before + 1)
    await taken(await wanted(downloads, "other", maker))
    assert (maker.begun, open_files()) == (2, before + 1)
    await asyncio.sleep(0.4)
    assert open_files() == before
