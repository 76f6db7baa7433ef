"""How is an answer read that may be of any size?

It is counted as it comes and as it is unpacked, piece by piece, and left where it grows too large:
a megabyte of gzip can hold a gigabyte.
"""

import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import NamedTuple, cast

import httpx

from meigara.errors import (
    AnswerTooLarge,
    JQuantsContractBroken,
    JQuantsError,
    JQuantsFailing,
    Reason,
)
from meigara.jquants.allowance import LARGEST_ANSWER

_INVENTED = "x-invented-market"
_LARGEST_REFUSAL = 64 * 1024
_PIECE = 2**20
_MOST_MEMBERS = 10_000
_WITH_GZIP_HEADER = zlib.MAX_WBITS | 16
_CODINGS = {"": False, "identity": False, "gzip": True, "x-gzip": True}


class Unreadable(Exception):
    """An answer that cannot be read to its end; `error` says why, and was never raised itself."""

    def __init__(self, error: JQuantsError) -> None:
        """Carry the error."""
        super().__init__()
        self.error = error


class Received(NamedTuple):
    """A status and the body that came with it, unpacked; of a refusal the first bytes only.

    `is_invented` says that the simulator marked its market as an invented one.
    """

    status: int
    body: bytes
    is_invented: bool = False


async def received(response: httpx.Response, most: int, base_url: str) -> Received:
    """Read an answer of at most `most` bytes, as they come and unpacked.

    Raises Unreadable, and the errors of the library.
    """
    if response.status_code != httpx.codes.OK:
        return Received(response.status_code, await _beginning_of(response))
    try:
        parts = [part async for part in _parts_of(response, most)]
    except zlib.error:
        reason = Reason("the answer is not JSON, or it is cut off")
        raise Unreadable(JQuantsFailing(reason=reason, base_url=base_url)) from None
    return Received(response.status_code, b"".join(parts), _INVENTED in response.headers)


async def _beginning_of(response: httpx.Response) -> bytes:
    """Return the first bytes of a refusal; one that cannot be unpacked gives no reason."""
    parts: list[bytes] = []
    with suppress(Unreadable, zlib.error):
        async for part in _parts_of(response, _LARGEST_REFUSAL):
            parts.append(part)  # noqa: PERF401 - what came before a failure is kept
    return b"".join(parts)


async def _parts_of(response: httpx.Response, most: int) -> AsyncIterator[bytes]:
    """Yield the body piece by piece; raise Unreadable instead of the piece that is too much."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in _CODINGS:
        reason = Reason("it is packed as “{coding}”, which was not asked for", coding=coding[:40])
        raise Unreadable(JQuantsContractBroken(reason=reason))
    if int(response.headers.get("content-length", 0)) > most:
        raise _too_large()
    gunzip = _Gunzip() if _CODINGS[coding] else None
    came = size = 0
    async for packed in cast("httpx.AsyncByteStream", response.stream):
        came += len(packed)
        for part in gunzip.parts_of(packed) if gunzip else [packed]:
            size += len(part)
            if max(came, size) > most:
                raise _too_large()
            yield part
        if came > most:
            raise _too_large()
    if gunzip:
        gunzip.ensure_complete()


def _too_large() -> Unreadable:
    reason = Reason("it is larger than {size} MB", size=LARGEST_ANSWER // 2**20)
    return Unreadable(AnswerTooLarge(reason=reason))


class _Gunzip:
    """Unpacks gzip of any number of members, never more than a piece at a time."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
        self._members = 1

    def parts_of(self, packed: bytes) -> Iterator[bytes]:
        """Yield what is in `packed`. Raises zlib.error, and Unreadable for too many members."""
        while packed:
            if self._member.eof:
                packed = packed.lstrip(b"\0")  # some programs fill up their last block
                if not packed:
                    return
                self._begin_member()
            yield self._member.decompress(packed, _PIECE)
            packed = self._member.unconsumed_tail or self._member.unused_data

    def ensure_complete(self) -> None:
        """Raise zlib.error unless the last member is whole."""
        if not self._member.eof:
            raise zlib.error

    def _begin_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            reason = Reason("it is packed in more than {count:,} pieces", count=_MOST_MEMBERS)
            raise Unreadable(AnswerTooLarge(reason=reason))
        self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
