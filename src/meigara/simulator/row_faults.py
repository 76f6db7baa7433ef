"""How can the rows of a roster be wrong?

Each function takes the rows of a good answer and returns those of a bad one, without touching
the good ones.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from meigara.simulator import calendar

Row = dict[str, Any]
Rows = list[Row]

_OTHER_MARKET: Final = {
    "0101": ("0102", "東証二部"),
    "0111": ("0112", "スタンダード"),
    "0112": ("0113", "グロース"),
    "0113": ("0112", "スタンダード"),
}
_OPTIONAL: Final = frozenset({"Mrgn", "MrgnNm", "ProdCat"})


def _with(rows: Rows, position: int, **values: Any) -> Rows:
    """Return the rows with values of one of them replaced."""
    return [row | values if at == position else row for at, row in enumerate(rows)]


def _without(row: Row, fields: frozenset[str]) -> Row:
    return {field: value for field, value in row.items() if field not in fields}


def _middle(rows: Rows) -> int:
    return len(rows) // 2


def empty(_rows: Rows) -> Rows:
    """No row at all."""
    return []


def shrunken(rows: Rows) -> Rows:
    """Only ten rows."""
    return rows[:10]


def doubled(rows: Rows) -> Rows:
    """One code twice, the second time with a different name."""
    twin = [row | {"CoName": f"{row.get('CoName')}（重複）"} for row in rows[:1]]
    return [*rows, *twin]


def missing_field(rows: Rows) -> Rows:
    """One row without CoName."""
    bad = _middle(rows)
    return [
        _without(row, frozenset({"CoName"})) if at == bad else row for at, row in enumerate(rows)
    ]


def missing_optional(rows: Rows) -> Rows:
    """Every row without Mrgn, MrgnNm and ProdCat."""
    return [_without(row, _OPTIONAL) for row in rows]


def null_field(rows: Rows) -> Rows:
    """One row whose CoName is null."""
    return _with(rows, _middle(rows), CoName=None)


def wrong_type(rows: Rows) -> Rows:
    """One row whose Code is a number."""
    position = next((at for at, row in enumerate(rows) if str(row.get("Code")).isdigit()), 0)
    return _with(rows, position, Code=int(rows[position]["Code"])) if rows else []


def extra_field(rows: Rows) -> Rows:
    """Every row with a field that nobody knows."""
    return [row | {"ListingFlag": "1"} for row in rows]


def mixed_dates(rows: Rows) -> Rows:
    """The second half of the rows dated a business day earlier."""
    half = _middle(rows)
    return [row if at < half else row | {"Date": _day_before(row)} for at, row in enumerate(rows)]


def _day_before(row: Row) -> str:
    return calendar.last_before(dt.date.fromisoformat(row["Date"])).isoformat()


def mass_change(rows: Rows) -> Rows:
    """Half of the rows in another market."""
    return [_moved(row) if at % 2 else row for at, row in enumerate(rows)]


def _moved(row: Row) -> Row:
    market, name = _OTHER_MARKET.get(str(row.get("Mkt")), ("0112", "スタンダード"))
    return row | {"Mkt": market, "MktNm": name}


def long_name(rows: Rows) -> Rows:
    """One row with a name of 5,000 characters."""
    return _with(rows, _middle(rows), CoName="長" * 5_000)


def unknown_codes(rows: Rows) -> Rows:
    """Rows with a market, sectors, a scale and a product category that nobody knows."""
    unknown = {"Mkt": "0199", "MktNm": "ネクスト", "S33": "9150", "S33Nm": "宇宙業"}
    unknown |= {"S17": "18", "S17Nm": "宇宙", "ScaleCat": "TOPIX Micro 1", "ProdCat": "031"}
    return [row | unknown if at % 400 == 7 else row for at, row in enumerate(rows)]


ROW_FAULTS: Final[dict[str, Callable[[Rows], Rows]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        *(empty, shrunken, doubled, missing_field, missing_optional, null_field, wrong_type),
        *(extra_field, mixed_dates, mass_change, long_name, unknown_codes),
    )
}
