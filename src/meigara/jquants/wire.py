"""How does an answer of `GET /v2/equities/master` become a roster?

Field names and their meaning: J-Quants API v2, "Listed Issue Master" (eq-master).
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import msgspec

from meigara.domain.issue import ListedIssue, contents_of, writable
from meigara.domain.roster import Defects, LabelKind, Labels, Roster
from meigara.errors import AnswerTooLarge, JQuantsContractBroken, Reason

MOST_ROWS = 20_000
"""More than four times as many as Tokyo ever had."""
MOST_TEXT = 8 * 2**20
"""How many bytes the rows of a list may have, all pages together; a real list has about two
million. In memory they become up to thirty times as many."""
_LONGEST_VALUE = 512 * 1024
_FEW_BYTES = 5 * 2**19
"""So many bytes become 120 MB at most, however many rows they hold; a real list has fewer."""
REQUIRED_FIELDS = ("Date", "Code", "CoName", "S17", "S33", "ScaleCat", "Mkt")


class MasterRow(msgspec.Struct, gc=False):
    """One row as received; an absent field is empty, a null one is None.

    The attributes of an issue come first, in the order of `ListedIssue`.
    """

    Code: str | None = ""
    CoName: str | None = ""
    CoNameEn: str | None = ""
    S17: str | None = ""
    S33: str | None = ""
    ScaleCat: str | None = ""
    Mkt: str | None = ""
    Mrgn: str | None = ""
    ProdCat: str | None = ""
    Date: str | None = ""
    S17Nm: str | None = ""
    S33Nm: str | None = ""
    MktNm: str | None = ""
    MrgnNm: str | None = ""


class Page(msgspec.Struct):
    """One page: its rows, and the key of the next one unless it is the last."""

    data: list[MasterRow]
    pagination_key: str | None = None


class _RowsAsTheyCame(msgspec.Struct):
    """The rows of a page, of which nothing is made yet."""

    data: list[msgspec.Raw]


_decoder = msgspec.json.Decoder(Page)
_HALF_OF_A_PAIR = re.compile(
    r"(?i)\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f][0-9a-f]{2})"
    r"|(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f][0-9a-f]{2}"
)
_measurer = msgspec.json.Decoder(_RowsAsTheyCame)
_ATTRIBUTES = MasterRow.__struct_fields__[: len(ListedIssue._fields)]
_OPTIONAL = {"Mrgn": "margin", "ProdCat": "product"}
_LABELS = {
    LabelKind.SECTOR17: ("S17", "S17Nm"),
    LabelKind.SECTOR33: ("S33", "S33Nm"),
    LabelKind.MARKET: ("Mkt", "MktNm"),
    LabelKind.MARGIN: ("Mrgn", "MrgnNm"),
}

Column = tuple[str | None, ...]
Columns = Mapping[str, Column]
"""The values of each field, row by row: columns are looked through much faster than rows."""


def decode_page(body: bytes, most_text: int = MOST_TEXT) -> Page:
    """Decode one page, whose rows may have `most_text` bytes.

    What is no character, within a text, becomes U+FFFD.

    Raises msgspec.DecodeError for a text that is no JSON (cut off, HTML), JQuantsContractBroken for
    JSON of another shape, and AnswerTooLarge for one that would need too much memory.
    """
    _ensure_small_parts(body)
    try:
        if len(body) > most_text and sum(map(len, _measurer.decode(body).data)) > most_text:
            size = MOST_TEXT // 2**20
            raise AnswerTooLarge(reason=Reason("its rows have more than {size} MB", size=size))
        return _decoded(body)
    except msgspec.ValidationError as error:
        raise JQuantsContractBroken(reason=str(error)) from None
    except RecursionError:
        if not body.rstrip().endswith(b"}"):
            raise msgspec.DecodeError from None
        raise JQuantsContractBroken(reason=Reason("it is nested too deeply")) from None


def _decoded(body: bytes) -> Page:
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if isinstance(error, msgspec.ValidationError) or (mended := _as_text(body)) == body:
            raise
        return _decoder.decode(mended)


def _ensure_small_parts(body: bytes) -> None:
    """Look at the text before anything is made of it: a byte of it can become a hundred.

    A stretch as long as the longest value holds one of these blocks wherever it begins.
    """
    if len(body) > _FEW_BYTES and body.count(b"{") > MOST_ROWS + 1:
        raise AnswerTooLarge(reason=Reason("it has more than {count:,} rows", count=MOST_ROWS))
    block = _LONGEST_VALUE // 2
    starts = range(0, len(body) - block, block)
    if any(body.find(b'"', start, start + block) < 0 for start in starts):
        size = _LONGEST_VALUE // 1024
        raise AnswerTooLarge(reason=Reason("a value in it is longer than {size} kB", size=size))


def _as_text(body: bytes) -> bytes:
    """Return a body without bytes that are no UTF-8 and without halves of surrogate pairs."""
    text = body.decode("utf-8", "replace")
    return _HALF_OF_A_PAIR.sub(r"\\ufffd", text).encode()


def roster_from(pages: Sequence[Page]) -> Roster:
    """Return all pages of one answer as a roster, with the defects found in it.

    What cannot stand in a list (a field missing, a code twice, several dates) is named in the
    defects; such a roster is never published.

    Raises JQuantsContractBroken if the date of the rows is no date.
    """
    columns = _mended(_columns(row for page in pages for row in page.data))
    codes, dates = columns["Code"], set(columns["Date"])
    as_of = _single_date(dates)
    defects = Defects(
        is_page_missing=len(pages) > 1 and not all(page.data for page in pages),
        missing_fields=_missing(columns, REQUIRED_FIELDS),
        partly_missing=_partly_missing(columns),
        doubled_codes=_doubled(codes) if len(set(codes)) != len(codes) else (),
        dates=() if as_of else tuple(sorted(str(date) for date in dates)),
    )
    return Roster(as_of, _contents(columns), _labels(columns), len(codes), defects)


def _columns(rows: Iterable[MasterRow]) -> Columns:
    fields = MasterRow.__struct_fields__
    columns = tuple(zip(*map(msgspec.structs.astuple, rows), strict=True))
    return dict(zip(fields, columns or ((),) * len(fields), strict=True))


def _mended(columns: Columns) -> Columns:
    """Return the columns with what would not survive the way into a content: it is rare.

    Codes lose the space around them, so that doubles are seen; the character that stands between
    the attributes of a content is replaced where a text holds it.
    """
    mended = dict(columns)
    codes = columns["Code"]
    if not _joined(codes).isalnum():
        mended["Code"] = tuple(code and code.strip() for code in codes)
    for field in _ATTRIBUTES:
        if "\x1f" in _joined(mended[field]):
            mended[field] = tuple(value and writable(value) for value in mended[field])
    return mended


def _joined(column: Column) -> str:
    try:
        return "".join(cast("tuple[str, ...]", column))
    except TypeError:  # a null
        return "".join(value or "" for value in column)


def _contents(columns: Columns) -> frozenset[str]:
    attributes = cast("list[tuple[str, ...]]", [columns[field] for field in _ATTRIBUTES])
    try:
        return frozenset(contents_of(zip(*attributes, strict=True)))
    except TypeError:  # a null field: rare, so looked for only when it is met
        texts = [tuple(value or "" for value in column) for column in attributes]
        return frozenset(contents_of(zip(*texts, strict=True)))


def _single_date(dates: set[str | None]) -> dt.date | None:
    """Return the one date that all rows carry; None if there are none or several."""
    text = next(iter(dates)) if len(dates) == 1 else None
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise JQuantsContractBroken(reason=Reason("a Date is “{date}”", date=text[:40])) from None


def _missing(columns: Columns, fields: Iterable[str]) -> dict[str, int]:
    """Return how many rows lack each of the fields, where any does."""
    incomplete = [field for field in fields if not all(columns[field])]
    return {field: sum(not value for value in columns[field]) for field in incomplete}


def _partly_missing(columns: Columns) -> dict[str, int]:
    """Return how many rows lack each optional attribute that other rows have."""
    missing = _missing(columns, _OPTIONAL)
    rows = len(columns["Code"])
    return {_OPTIONAL[field]: count for field, count in missing.items() if count < rows}


def _doubled(codes: Column) -> tuple[str, ...]:
    counts = Counter(code or "" for code in codes)
    return tuple(sorted(code for code, count in counts.items() if count > 1))


def _labels(columns: Columns) -> Labels:
    """Return the name beside each code; of two names for one code the last row's stands."""
    return {
        (kind, code.strip()): writable(name).strip()
        for kind, (codes, names) in _LABELS.items()
        for code, name in dict(zip(columns[codes], columns[names], strict=True)).items()
        if code and name
    }
