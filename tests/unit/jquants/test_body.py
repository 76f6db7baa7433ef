"""An answer is read piece by piece, packed or not."""

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from meigara.errors import AnswerTooLarge, JQuantsContractBroken, JQuantsFailing
from meigara.jquants.body import Received, Unreadable, received

TEXT = "東証に上場する全銘柄の一覧".encode() * 1_000
PACKED = gzip.compress(TEXT)


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 100):
        yield body[start : start + 100]


async def read(
    body: bytes, coding: str = "gzip", most: int = 100_000, status: int = 200
) -> Received:
    headers = {"content-encoding": coding} if coding else {}
    response = httpx.Response(status, headers=headers, content=in_pieces(body))
    return await received(response, most, "http://127.0.0.1")


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (PACKED, "gzip"),
        (PACKED, " X-GZIP "),
        (PACKED + b"\0" * 512, "gzip"),
        (b"".join(gzip.compress(TEXT[at : at + 97]) for at in range(0, len(TEXT), 97)), "gzip"),
    ],
)
async def test_a_body_comes_whole_however_it_is_packed(body: bytes, coding: str) -> None:
    assert (await read(body, coding)).body == TEXT


@pytest.mark.parametrize("body", [PACKED[:-1], PACKED + b"x", TEXT, b""])
async def test_a_packed_body_that_is_cut_off_or_none_may_be_asked_for_again(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        await read(body)
    assert isinstance(caught.value.error, JQuantsFailing)
    assert caught.value.error.retryable


@pytest.mark.parametrize(("body", "coding"), [(PACKED, "gzip"), (TEXT, "")])
async def test_the_limit_holds_to_the_byte(body: bytes, coding: str) -> None:
    assert (await read(body, coding, len(TEXT))).body == TEXT
    with pytest.raises(Unreadable) as caught:
        await read(body, coding, len(TEXT) - 1)
    assert isinstance(caught.value.error, AnswerTooLarge)


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "deflate"])
async def test_a_coding_that_was_not_asked_for_is_not_unpacked(coding: str) -> None:
    with pytest.raises(Unreadable) as caught:
        await read(PACKED, coding)
    assert isinstance(caught.value.error, JQuantsContractBroken)


@pytest.mark.parametrize(
    ("body", "coding"), [(b"{" * 10**6, ""), (gzip.compress(b"{" * 10**6), "gzip")]
)
async def test_of_a_refusal_only_the_beginning_is_read(body: bytes, coding: str) -> None:
    assert len((await read(body, coding, status=403)).body) <= 64 * 1024
    assert (await read(b"not gzip", "gzip", status=403)).body == b""
