"""What does the source answer on one day and on the next? Invented lists of any size."""

import datetime as dt
import json
from collections.abc import Iterator
from itertools import chain, islice, product
from string import ascii_uppercase, digits
from typing import TypeVar

from meigara.domain.classification import MARGINS, MARKETS, SCALES, SECTORS17, SECTORS33
from meigara.services.calendar import business_day_after

Choice = TypeVar("Choice")

FIRST_DAY = dt.date(2025, 7, 1)
CHANGED_ROWS = 5

_DATE = "2000-01-01"
_HEADS = (("東", "Azuma"), ("北斗", "Hokuto"), ("みなと", "Minato"), ("サクラ", "Sakura"))
_MIDDLES = (("", ""), ("第一", " Daiichi"), ("セントラル", " Central"), ("ＮＥＯ", " NEO"))
_TAILS = (
    ("製作所", "Manufacturing Co.,Ltd."),
    ("ホールディングス", "Holdings, Inc."),
    ("電機工業", "Electric Industry Co.,Ltd."),
    ("　ＧＲＯＵＰ", "Group Corporation"),
    ("商事", "Trading Co.,Ltd."),
)
_SECTORS17 = tuple((code, names.ja) for code, names in SECTORS17.items())
_SECTORS33 = tuple((code, names.ja) for code, names in SECTORS33.items())
_MARKETS = tuple((code, MARKETS[code].ja) for code in ("0111", "0112", "0113", "0109", "0105"))
_MARGINS = tuple((code, names.ja) for code, names in MARGINS.items())
_SCALES = tuple(SCALES)
_FUNDS = "0109"
_FUND_PRODUCTS = ("013", "014")


class Market:
    """An invented market: its list on the first day, and on each next one."""

    def __init__(self, size: int) -> None:
        """Invent a market of `size` issues."""
        self.size = size
        self.today = FIRST_DAY
        self._days = 0
        self._rows = [_encoded(_row(number, code)) for number, code in enumerate(codes(size))]

    def next_day(self) -> bytes:
        """Return the answer of the next day, on which some issues have got another name."""
        self.today = business_day_after(self.today)
        self._days += 1
        start = self._days * CHANGED_ROWS
        for position in range(start, start + CHANGED_ROWS):
            row = json.loads(self._rows[position % self.size])
            row["CoName"] = f"{row['CoName']}新"
            self._rows[position % self.size] = _encoded(row)
        return self.body()

    def body(self) -> bytes:
        """Return the answer of today."""
        dated = b",".join(self._rows).replace(_DATE.encode(), self.today.isoformat().encode())
        return b'{"data":[' + dated + b"]}"


def codes(count: int) -> Iterator[str]:
    """Yield distinct issue codes: 7203 first, then all other numbers, then those with letters."""
    numbers = (f"{1300 + (5903 + each) % 8700}0" for each in range(8700))
    characters = digits + ascii_uppercase
    lettered = product(characters, characters, characters, ascii_uppercase, "0")
    return islice(chain(numbers, map("".join, lettered)), count)


def _row(number: int, code: str) -> dict[str, str]:
    head, middle, tail = _pick(_HEADS, number), _pick(_MIDDLES, number // 4), _pick(_TAILS, number)
    sector33, name33 = _pick(_SECTORS33, number // 3)
    sector17, name17 = _pick(_SECTORS17, number // 6)
    market, market_name = _pick(_MARKETS, number // 7)
    margin, margin_name = _pick(_MARGINS, number // 5)
    return {
        "Date": _DATE,
        "Code": code,
        "CoName": f"{head[0]}{middle[0]}{code[:4]}{tail[0]}",
        "CoNameEn": f"{head[1]}{middle[1]} {code[:4]} {tail[1]}",
        "S17": sector17,
        "S17Nm": name17,
        "S33": sector33,
        "S33Nm": name33,
        "ScaleCat": _pick(_SCALES, number // 11),
        "Mkt": market,
        "MktNm": market_name,
        "Mrgn": margin,
        "MrgnNm": margin_name,
        "ProdCat": _pick(_FUND_PRODUCTS, number // 13) if market == _FUNDS else "011",
    }


def _pick(choices: tuple[Choice, ...], number: int) -> Choice:
    return choices[number % len(choices)]


def _encoded(row: dict[str, str]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
