"""How can an answer be too much: for the memory, the patience or the parser of who reads it?

Nothing here takes much memory itself: a body is sent piece by piece, or packed.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from typing import Final

from starlette.responses import Response, StreamingResponse

_MEGABYTE: Final = 2**20
_GIGABYTE: Final = 2**30
_BLOCK: Final = b" " * _MEGABYTE
_ROW: Final = b'{"Code":"13010","CoName":"' + "長い名前の会社".encode() * 40 + b'"},'
_JSON: Final = {"content-type": "application/json"}
_GZIP_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def gzip_bomb() -> Response:
    """Gzip of one megabyte that unfolds to 1 GiB."""
    return _packed(_bomb())


def gzip_members() -> Response:
    """The same in 1,024 gzip members of 1 MiB each."""
    member = _member(_BLOCK)
    return StreamingResponse(_repeated(member, 1024), headers=_JSON | {"content-encoding": "gzip"})


def gzip_crumbs() -> Response:
    """Two million gzip members that hold nothing."""
    crumbs = _member(b"") * 2048
    return StreamingResponse(_repeated(crumbs, 1024), headers=_JSON | {"content-encoding": "gzip"})


def gzip_twice() -> Response:
    """The bomb packed once more, told as two codings."""
    return _packed(_member(_bomb()), "gzip, gzip")


def endless_body() -> Response:
    """Rows for ever, without a length."""
    return StreamingResponse(_rows(), headers=_JSON)


def huge_length() -> Response:
    """A length of a terabyte, and rows for as long as somebody reads."""
    return StreamingResponse(_rows(), headers=_JSON | {"content-length": str(10**12)})


def huge_refusal() -> Response:
    """403 with a message that never ends."""
    return StreamingResponse(_message(), 403, headers=_JSON)


def many_rows() -> Response:
    """20 million rows that are empty, in 60 MB."""
    return StreamingResponse(_enclosed(b"{}," * 2**17, 152, b"{}"), headers=_JSON)


def long_text() -> Response:
    """One row with a name of 60 million characters."""
    head, tail = b'{"CoName":"', '𠮷"}'.encode()
    return StreamingResponse(_enclosed(b"a" * 600_000, 100, tail, head), headers=_JSON)


def long_number() -> Response:
    """One row whose Code is a number of a million digits."""
    return Response(b'{"data":[{"Code":' + b"1" * 1_000_000 + b"}]}", headers=_JSON)


def deep_json() -> Response:
    """One row with a field of 100,000 lists, each within the other."""
    deep = b"[" * 100_000 + b"]" * 100_000
    return Response(b'{"data":[{"New":' + deep + b"}]}", headers=_JSON)


OVERSIZED: Final[dict[str, Callable[[], Response]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        *(gzip_bomb, gzip_members, gzip_crumbs, gzip_twice, endless_body, huge_length),
        *(huge_refusal, many_rows, long_text, long_number, deep_json),
    )
}


def _packed(body: bytes, coding: str = "gzip") -> Response:
    return Response(body, headers=_JSON | {"content-encoding": coding})


def _member(plain: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(plain) + packer.flush()


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    """Return a single gzip member: one block over and over, each able to stand alone."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(_BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    count, checksum = _GIGABYTE // _MEGABYTE, 0
    for _ in range(count):
        checksum = zlib.crc32(_BLOCK, checksum)
    end = packer.flush()
    trailer = checksum.to_bytes(4, "little") + _GIGABYTE.to_bytes(4, "little")
    return _GZIP_HEAD + block * count + end + trailer


async def _repeated(part: bytes, count: int) -> AsyncIterator[bytes]:
    async for each in _for_ever(part):
        if not count:
            return
        count -= 1
        yield each


async def _enclosed(
    part: bytes, count: int, tail: bytes, head: bytes = b""
) -> AsyncIterator[bytes]:
    yield b'{"data":[' + head
    async for each in _repeated(part, count):
        yield each
    yield tail + b"]}"


async def _rows() -> AsyncIterator[bytes]:
    yield b'{"data":['
    async for each in _for_ever(_ROW * 100):
        yield each


async def _message() -> AsyncIterator[bytes]:
    yield b'{"message":"'
    async for each in _for_ever(b"No. " * 16_384):
        yield each


async def _for_ever(part: bytes) -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(0)  # whoever reads may have gone: let the server learn of it
        yield part
