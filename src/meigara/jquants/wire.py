"""How does an answer of `GET /v2/equities/master` become a roster?

Field names and their meaning: J-Quants API v2, "Listed Issue Master" (eq-master).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

import msgspec

from meigara.domain.issue import contents_of
from meigara.domain.roster import Defects, LabelKind, Labels, Roster
from meigara.errors import JQuantsContractBroken

REQUIRED_FIELDS = ("Date", "Code", "CoName", "S17", "S33", "ScaleCat", "Mkt")


class MasterRow(msgspec.Struct, gc=False):
    """One row as received; an absent field is empty, a null one is None."""

    Date: str | None = ""
    Code: str | None = ""
    CoName: str | None = ""
    CoNameEn: str | None = ""
    S17: str | None = ""
    S17Nm: str | None = ""
    S33: str | None = ""
    S33Nm: str | None = ""
    ScaleCat: str | None = ""
    Mkt: str | None = ""
    MktNm: str | None = ""
    Mrgn: str | None = ""
    MrgnNm: str | None = ""
    ProdCat: str | None = ""


class Page(msgspec.Struct):
    """One page: its rows, and the key of the next one unless it is the last."""

    data: list[MasterRow]
    pagination_key: str | None = None


class _Classes(NamedTuple):
    """The fields that hundreds of rows share: a few hundred combinations stand for all rows."""

    date: str | None
    scale: str | None
    sector17: str | None
    sector17_name: str | None
    sector33: str | None
    sector33_name: str | None
    market: str | None
    market_name: str | None
    margin: str | None
    margin_name: str | None

    @property
    def is_complete(self) -> bool:
        """Say whether each required field of the combination has a value."""
        return all((self.date, self.scale, self.sector17, self.sector33, self.market))


_decoder = msgspec.json.Decoder(Page)
_attributes_of = attrgetter(
    "Code", "CoName", "CoNameEn", "S17", "S33", "ScaleCat", "Mkt", "Mrgn", "ProdCat"
)
_code_of = attrgetter("Code")
_name_of = attrgetter("CoName")
_required_of = attrgetter(*REQUIRED_FIELDS)
_classes_of = attrgetter(
    "Date", "ScaleCat", "S17", "S17Nm", "S33", "S33Nm", "Mkt", "MktNm", "Mrgn", "MrgnNm"
)


def decode_page(body: bytes) -> Page:
    """Decode one page.

    Raises msgspec.DecodeError for a text that is no JSON (cut off, HTML) and
    JQuantsContractBroken for JSON of another shape.
    """
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise JQuantsContractBroken(reason=str(error)) from None


def roster_from(pages: Sequence[Page]) -> Roster:
    """Return all pages of one answer as a roster, with the defects found in it.

    What cannot stand in a
    list (a field missing, a code twice, several dates) is named in the defects; such a roster is
    never published.

    Raises JQuantsContractBroken if the date of the rows is no date.
    """
    rows = pages[0].data if len(pages) == 1 else list(chain.from_iterable(p.data for p in pages))
    codes = set(map(_code_of, rows))
    classes = [_Classes._make(values) for values in set(map(_classes_of, rows))]
    dates = {each.date for each in classes}
    as_of = _single_date(dates)
    defects = Defects(
        is_page_missing=len(pages) > 1 and not all(page.data for page in pages),
        missing_fields={} if _is_complete(rows, classes) else _missing_fields(rows),
        doubled_codes=_doubled(rows) if len(codes) != len(rows) else (),
        dates=() if as_of else tuple(sorted(str(date) for date in dates)),
    )
    return Roster(as_of, _contents(rows), _labels(classes), len(rows), defects)


def _contents(rows: Iterable[MasterRow]) -> frozenset[str]:
    try:
        return frozenset(contents_of(map(_attributes_of, rows)))
    except TypeError:  # a null field: rare, so looked for only when it is met
        return frozenset(contents_of(_without_nulls(rows)))


def _without_nulls(rows: Iterable[MasterRow]) -> Iterator[tuple[str, ...]]:
    for attributes in map(_attributes_of, rows):
        yield tuple(value or "" for value in attributes)


def _single_date(dates: set[str | None]) -> dt.date | None:
    """Return the one date that all rows carry; None if there are none or several."""
    text = next(iter(dates)) if len(dates) == 1 else None
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise JQuantsContractBroken(reason=f"a Date is “{text[:40]}”") from None


def _is_complete(rows: Sequence[MasterRow], classes: Iterable[_Classes]) -> bool:
    return (
        all(each.is_complete for each in classes)
        and all(map(_code_of, rows))
        and all(map(_name_of, rows))
    )


def _missing_fields(rows: Iterable[MasterRow]) -> dict[str, int]:
    missing: Counter[str] = Counter()
    for values in map(_required_of, rows):
        missing.update(
            field for field, value in zip(REQUIRED_FIELDS, values, strict=True) if not value
        )
    return dict(missing)


def _doubled(rows: Iterable[MasterRow]) -> tuple[str, ...]:
    counts = Counter(row.Code or "" for row in rows)
    return tuple(sorted(code for code, count in counts.items() if count > 1))


def _labels(classes: Iterable[_Classes]) -> Labels:
    """Return the name beside each code; of two names for one code the last in order stands."""
    columns = tuple(zip(*classes, strict=True))
    return {
        (kind, code): name.strip()
        for kind, codes, names in zip(LabelKind, columns[2::2], columns[3::2], strict=False)
        for code, name in sorted((c, n) for c, n in set(zip(codes, names, strict=True)) if c and n)
    }
