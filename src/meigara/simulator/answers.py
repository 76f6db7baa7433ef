"""What is the body of an answer: which rows, in how many pages, encoded how?"""

import datetime as dt
import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final
from zlib import crc32

import msgspec

from meigara.simulator.rosters import RosterSource, Rows
from meigara.simulator.row_faults import ROW_FAULTS

_FORCED_PAGES: Final = 4
_BACKWARDS_DAYS: Final = 30
_GZIP_LEVEL: Final = 4
_PAGED: Final = frozenset({"pages", "missing-page", "skipped-page", "endless-pages", "new-keys"})


class UnknownPage(Exception):
    """The pagination key is not one that was given out."""


class Body:
    """The bytes of one answer; compressed at the first wish, once."""

    def __init__(self, plain: bytes) -> None:
        """Keep the uncompressed bytes."""
        self.plain = plain

    @cached_property
    def zipped(self) -> bytes:
        """Return the bytes compressed with gzip."""
        return gzip.compress(self.plain, _GZIP_LEVEL, mtime=0)


@dataclass(frozen=True)
class Ask:
    """What decides an answer, and therefore the key under which it is kept."""

    on: dt.date
    code: str | None
    faults: tuple[str, ...]


class Answers:
    """Makes the pages of answers, and keeps those made last."""

    def __init__(self, source: RosterSource, page_bytes: int, kept: int = 16) -> None:
        """Cut pages at about `page_bytes`."""
        self._source = source
        self._page_bytes = page_bytes
        self._given: dict[str, tuple[Ask, int]] = {}
        self._rows: Callable[[dt.date], Rows] = lru_cache(maxsize=8)(source.rows)
        self.pages: Callable[[Ask], tuple[Body, ...]] = lru_cache(maxsize=kept)(self._make)

    def page(self, ask: Ask, number: int) -> Body:
        """Return one page of the answer; raise UnknownPage if it has no such page."""
        pages = self.pages(ask)
        if "new-keys" in ask.faults:
            return Body(
                pages[number % len(pages)].plain[:-1] + self._key_field(ask, number + 1) + b"}"
            )
        if not 0 <= number < len(pages):
            raise UnknownPage
        return pages[number]

    def follow(self, key: str) -> tuple[Ask, int]:
        """Return the answer and the page that a key leads to; raise UnknownPage if none does."""
        if key not in self._given:
            raise UnknownPage
        return self._given[key]

    def _key_field(self, ask: Ask, number: int) -> bytes:
        key = _key(ask, number)
        self._given[key] = (ask, number)
        return b',"pagination_key":' + msgspec.json.encode(key)

    def _make(self, ask: Ask) -> tuple[Body, ...]:
        encoded = [msgspec.json.encode(row) for row in self._select(ask)]
        paging = next((name for name in ask.faults if name in _PAGED), None)
        if paging is None:
            pages = _cut(encoded, self._page_bytes)
            following: list[int | None] = [*range(1, len(pages)), None]
        else:
            pages, following = _wrongly_linked(paging, _quarters(encoded))
        # An empty key ends the paging, too: the official FAQ says so.
        end = b',"pagination_key":""' if paging == "pages" else b""
        return tuple(
            Body(_body(page, end if number is None else self._key_field(ask, number)))
            for page, number in zip(pages, following, strict=True)
        )

    def _select(self, ask: Ask) -> Rows:
        on = self._source.earlier(ask.on, _BACKWARDS_DAYS) if "backwards" in ask.faults else ask.on
        rows = self._rows(on)
        if ask.code is not None:
            rows = [row for row in rows if row.get("Code") == ask.code]
        for name in ask.faults:
            rows = ROW_FAULTS[name](rows) if name in ROW_FAULTS else rows
        return rows


def _cut(encoded: Sequence[bytes], page_bytes: int) -> list[Sequence[bytes]]:
    """Cut the rows into pages of at most `page_bytes`, of one row at least."""
    pages: list[Sequence[bytes]] = []
    start = size = 0
    for at, row in enumerate(encoded):
        if size + len(row) > page_bytes and at > start:
            pages.append(encoded[start:at])
            start, size = at, 0
        size += len(row) + 1
    return [*pages, encoded[start:]]


def _quarters(encoded: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Cut the rows into four pages."""
    size = -(-len(encoded) // _FORCED_PAGES)
    return [encoded[size * at : size * (at + 1)] for at in range(_FORCED_PAGES)]


def _wrongly_linked(
    paging: str, pages: list[Sequence[bytes]]
) -> tuple[list[Sequence[bytes]], list[int | None]]:
    """Return the pages and, for each, the number of the page its key leads to."""
    if paging == "missing-page":
        return [*pages[:2], []], [1, 2, None]
    if paging == "skipped-page":
        return pages, [1, 3, 3, None]
    if paging == "endless-pages":
        return pages[:2], [1, 1]
    if paging == "new-keys":  # each is added when its page is asked for
        return pages, [None] * len(pages)
    return pages, [1, 2, 3, None]


def _body(rows: Sequence[bytes], key_field: bytes) -> bytes:
    return b'{"data":[' + b",".join(rows) + b"]" + key_field + b"}"


def _key(ask: Ask, number: int) -> str:
    """Return the key of page `number`, in the form of the real ones: "value1.value2."."""
    return f"{ask.on:%Y%m%d}{crc32(repr(ask).encode()):08x}.{number}."
