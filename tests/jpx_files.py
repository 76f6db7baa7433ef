"""Which rows of J-Quants does a file of JPX (東証上場銘柄一覧) stand for?

JPX's file has no English names, no margin class, no product category and no sector of TOKYO PRO
MARKET issues. What it lacks is derived, as in the real rosters beside it, so that lists made here
can be compared with one another.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from meigara.domain.classification import MARGINS, MARKETS, SECTORS17, SECTORS33

Row = dict[str, Any]

_FUNDS = "REIT・ベンチャーファンド・カントリーファンド・インフラファンド"
_MARKETS = {
    "プライム": "0111",
    "スタンダード": "0112",
    "グロース": "0113",
    "市場第一部": "0101",
    "市場第二部": "0102",
    "マザーズ": "0104",
    "JASDAQ(スタンダード": "0106",
    "JASDAQ(グロース": "0107",
    "PRO Market": "0105",
    "ETF・ETN": "0109",
    "出資証券": "0109",
}
_CERTIFICATES = ("83010", "84210")
_SUFFIXES = (".csv", ".xlsx")


def readable_files(folder: Path) -> list[Path]:
    """Return the files that can be read here: the old binary `.xls` needs a reader of its own."""
    return sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)


def rows_of(path: Path, known: Mapping[str, Row]) -> list[Row]:
    """Return the rows of a file as J-Quants would give them.

    `known` are rows of a roster by code: they give English names and the sectors of TOKYO PRO
    MARKET issues.
    """
    return [_row(cells, known) for cells in _table(path)]


def _table(path: Path) -> Iterator[list[str]]:
    lines = _csv(path) if path.suffix == ".csv" else _workbook(path)
    for cells in lines:
        texts = ["" if cell is None else str(cell).strip() for cell in cells]
        if texts and texts[0].isdigit():
            yield texts


def _csv(path: Path) -> Iterator[Sequence[object]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file)


def _workbook(path: Path) -> Iterator[Sequence[object]]:
    with closing(load_workbook(path, read_only=True)) as workbook:
        yield from list(workbook.worksheets[0].iter_rows(values_only=True))


def _row(cells: Sequence[str], known: Mapping[str, Row]) -> Row:
    day, short, name, segment, s33, _s33_name, s17, _s17_name, _size, scale = cells[:10]
    code = short if len(short) == 5 else f"{short}0"
    market = _market(segment)
    s33, s17 = _sectors(s33, s17, known.get(code) if market == "0105" else None)
    margin = "3" if market == "0105" else "2" if market in ("0111", "0101") else "1"
    return {
        "Date": f"{day[:4]}-{day[4:6]}-{day[6:]}",
        "Code": code,
        "CoName": name,
        "CoNameEn": known[code]["CoNameEn"] if code in known else "",
        "S17": s17,
        "S17Nm": SECTORS17[s17].ja,
        "S33": s33,
        "S33Nm": SECTORS33[s33].ja,
        "ScaleCat": scale or "-",
        "Mkt": market,
        "MktNm": MARKETS[market].ja,
        "Mrgn": margin,
        "MrgnNm": MARGINS[margin].ja,
        "ProdCat": _product(code, name, segment),
    }


def _market(segment: str) -> str:
    if segment == _FUNDS:
        return "0109"
    return _MARKETS[segment.partition("（")[0]]


def _sectors(s33: str, s17: str, known: Row | None) -> tuple[str, str]:
    if s33 != "-":
        return s33.zfill(4), s17
    return (known["S33"], known["S17"]) if known else ("9999", "99")


def _product(code: str, name: str, segment: str) -> str:
    if code in _CERTIFICATES:
        return "012"
    if segment in (_FUNDS, "ETF・ETN"):
        return "013" if "投資法人" in name else "014"
    return "021" if "外国株式" in segment else "011"
