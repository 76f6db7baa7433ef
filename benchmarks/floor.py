"""What does it cost at least: decode, compare with what is held, write only what changed?

The fastest honest script over a bare driver: typed decoding, one text per row in which every
field but the date is compared, nothing checked, no run, no receipt, no change set, no search.
"""

import time
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import msgspec

from benchmarks.bare import Bare

_FIELDS = (
    *("Code", "CoName", "CoNameEn", "S17", "S17Nm", "S33", "S33Nm"),
    *("ScaleCat", "Mkt", "MktNm", "Mrgn", "MrgnNm", "ProdCat"),
)
_UNIT, _RECORD = "\x1f", "\x1e"
_COLUMNS = ("valid_from", "content", *_FIELDS)


class _Row(msgspec.Struct, gc=False):
    Date: str
    Code: str
    CoName: str
    CoNameEn: str
    S17: str
    S17Nm: str
    S33: str
    S33Nm: str
    ScaleCat: str
    Mkt: str
    MktNm: str
    Mrgn: str
    MrgnNm: str
    ProdCat: str


class _Page(msgspec.Struct):
    data: list[_Row]


_decode = msgspec.json.Decoder(_Page).decode
_fields_of = attrgetter(*_FIELDS)


class Floor:
    """The least there is to do."""

    name = "floor"

    def __init__(self, url: str) -> None:
        """Connect and create the table where it is not there."""
        self._bare = bare = Bare(url)
        columns = ", ".join(f"{field} TEXT NOT NULL" for field in _COLUMNS)
        bare.execute(f"CREATE TABLE IF NOT EXISTS issue ({columns}, valid_to TEXT)")
        bare.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS issue_open ON issue (Code) WHERE valid_to IS NULL"
        )
        joined = "group_concat(content, '@')" if bare.is_sqlite else "string_agg(content, '@')"
        self._held = f"SELECT {joined} FROM issue WHERE valid_to IS NULL".replace("@", _RECORD)
        marks = ", ".join([bare.mark] * len(_COLUMNS))
        self._open = f"INSERT INTO issue ({', '.join(_COLUMNS)}) VALUES ({marks})"
        self._close = f"UPDATE issue SET valid_to = {bare.mark}"
        self._close += f" WHERE Code = {bare.mark} AND valid_to IS NULL"

    def clear(self) -> None:
        """Forget the list."""
        self._bare.empty("issue")

    def begin(self) -> None:
        """Nothing comes before the answer."""

    def sync(self, body: bytes) -> float:
        """Make the list equal to the answer; return the seconds it took."""
        start = time.perf_counter()
        rows = _decode(body).data
        received = set(map(_UNIT.join, map(_fields_of, rows)))
        as_of = rows[0].Date
        self._bare.begin()
        text = self._bare.value(self._held)
        held = set(text.split(_RECORD)) if text else set()
        if ended := [(as_of, content.split(_UNIT, 1)[0]) for content in held - received]:
            self._bare.execute_many(self._close, ended)
        self._insert(as_of, received - held, is_first=not held)
        self._bare.commit()
        return time.perf_counter() - start

    def _insert(self, as_of: str, contents: Iterable[str], *, is_first: bool) -> None:
        if is_first and not self._bare.is_sqlite:
            lines = (f"{as_of}\t{each}\t" + each.replace(_UNIT, "\t") for each in contents)
            self._bare.copy(f"issue ({', '.join(_COLUMNS)})", "\n".join(lines) + "\n")
        elif rows := [(as_of, each, *each.split(_UNIT)) for each in contents]:
            self._bare.execute_many(self._open, rows)

    def value(self, statement: str) -> Any:
        """Return the first value that a statement gives on the connection of the contestant."""
        return self._bare.value(statement)

    def close(self) -> None:
        """Close the connection."""
        self._bare.close()
