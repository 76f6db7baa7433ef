"""What do the codes of an issue mean, in Japanese and in English?

Codes and Japanese names: J-Quants API v2, code lists of the listed issue master. English names of
the 17 sectors: the same pages; of the 33 sectors: the official Python client. Scale and margin
have no official English name; those here are ours. Codes that are not listed are accepted, kept
and shown as they are: the tables only name them.
"""

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from meigara.domain.roster import LabelKind, Labels
from meigara.errors import UnknownClass


class Names(NamedTuple):
    """The Japanese and the English name of one code."""

    ja: str
    en: str


CodeTable = Mapping[str, Names]

MARKETS: CodeTable = {
    "0101": Names("東証一部", "1st Section"),
    "0102": Names("東証二部", "2nd Section"),
    "0104": Names("マザーズ", "Mothers"),
    "0105": Names("TOKYO PRO MARKET", "TOKYO PRO MARKET"),
    "0106": Names("JASDAQ スタンダード", "JASDAQ Standard"),
    "0107": Names("JASDAQ グロース", "JASDAQ Growth"),
    "0109": Names("その他", "Others"),
    "0111": Names("プライム", "Prime"),
    "0112": Names("スタンダード", "Standard"),
    "0113": Names("グロース", "Growth"),
}

SECTORS17: CodeTable = {
    "1": Names("食品", "Food"),
    "2": Names("エネルギー資源", "Energy Resources"),
    "3": Names("建設・資材", "Construction & Materials"),
    "4": Names("素材・化学", "Materials & Chemicals"),
    "5": Names("医薬品", "Pharmaceuticals"),
    "6": Names("自動車・輸送機", "Automobiles & Transportation Equipment"),
    "7": Names("鉄鋼・非鉄", "Steel & Non-ferrous Metals"),
    "8": Names("機械", "Machinery"),
    "9": Names("電機・精密", "Electric Equipment & Precision Instruments"),
    "10": Names("情報通信・サービスその他", "Information & Communication, Services & Others"),
    "11": Names("電気・ガス", "Electric Power & Gas"),
    "12": Names("運輸・物流", "Transportation & Logistics"),
    "13": Names("商社・卸売", "Trading Companies & Wholesale"),
    "14": Names("小売", "Retail"),
    "15": Names("銀行", "Banks"),
    "16": Names("金融（除く銀行）", "Finance (Excluding Banks)"),
    "17": Names("不動産", "Real Estate"),
    "99": Names("その他", "Others"),
}

SECTORS33: CodeTable = {
    "0050": Names("水産・農林業", "Fishery, Agriculture & Forestry"),
    "1050": Names("鉱業", "Mining"),
    "2050": Names("建設業", "Construction"),
    "3050": Names("食料品", "Foods"),
    "3100": Names("繊維製品", "Textiles & Apparels"),
    "3150": Names("パルプ・紙", "Pulp & Paper"),
    "3200": Names("化学", "Chemicals"),
    "3250": Names("医薬品", "Pharmaceutical"),
    "3300": Names("石油･石炭製品", "Oil & Coal Products"),
    "3350": Names("ゴム製品", "Rubber Products"),
    "3400": Names("ガラス･土石製品", "Glass & Ceramics Products"),
    "3450": Names("鉄鋼", "Iron & Steel"),
    "3500": Names("非鉄金属", "Nonferrous Metals"),
    "3550": Names("金属製品", "Metal Products"),
    "3600": Names("機械", "Machinery"),
    "3650": Names("電気機器", "Electric Appliances"),
    "3700": Names("輸送用機器", "Transportation Equipment"),
    "3750": Names("精密機器", "Precision Instruments"),
    "3800": Names("その他製品", "Other Products"),
    "4050": Names("電気･ガス業", "Electric Power & Gas"),
    "5050": Names("陸運業", "Land Transportation"),
    "5100": Names("海運業", "Marine Transportation"),
    "5150": Names("空運業", "Air Transportation"),
    "5200": Names("倉庫･運輸関連業", "Warehousing & Harbor Transportation Services"),
    "5250": Names("情報･通信業", "Information & Communication"),
    "6050": Names("卸売業", "Wholesale Trade"),
    "6100": Names("小売業", "Retail Trade"),
    "7050": Names("銀行業", "Banks"),
    "7100": Names("証券･商品先物取引業", "Securities & Commodity Futures"),
    "7150": Names("保険業", "Insurance"),
    "7200": Names("その他金融業", "Other Financing Business"),
    "8050": Names("不動産業", "Real Estate"),
    "9050": Names("サービス業", "Services"),
    "9999": Names("その他", "Other"),
}

SCALES: CodeTable = {
    "TOPIX Core30": Names("TOPIX Core30", "TOPIX Core30"),
    "TOPIX Large70": Names("TOPIX Large70", "TOPIX Large70"),
    "TOPIX Mid400": Names("TOPIX Mid400", "TOPIX Mid400"),
    "TOPIX Small 1": Names("TOPIX Small 1", "TOPIX Small 1"),
    "TOPIX Small 2": Names("TOPIX Small 2", "TOPIX Small 2"),
    "-": Names("なし", "None"),
}

MARGINS: CodeTable = {
    "1": Names("信用", "Margin"),
    "2": Names("貸借", "Margin and loan"),
    "3": Names("その他", "Other"),
}

PRODUCTS: CodeTable = {
    "011": Names("内国株券", "Domestic Stocks"),
    "012": Names("優先出資証券", "Preferred Equity Investment Certificates"),
    "013": Names("REIT", "REITs"),
    "014": Names("ETF", "ETFs"),
    "021": Names("外国株券", "Foreign Stocks"),
    "022": Names("外国REIT", "Foreign REITs"),
    "023": Names("外国ETF", "Foreign ETFs"),
    "024": Names("外国株預託証券", "Foreign Stock Depositary Receipts"),
}

TABLES: Mapping[LabelKind, CodeTable] = {
    LabelKind.SECTOR17: SECTORS17,
    LabelKind.SECTOR33: SECTORS33,
    LabelKind.MARKET: MARKETS,
    LabelKind.MARGIN: MARGINS,
}

PARENT_OF_SECTOR: Mapping[str, str] = {
    code: parent
    for parent, codes in {
        "1": "0050 3050",
        "2": "1050 3300",
        "3": "2050 3400 3550",
        "4": "3100 3150 3200",
        "5": "3250",
        "6": "3350 3700",
        "7": "3450 3500",
        "8": "3600",
        "9": "3650 3750",
        "10": "3800 5250 9050",
        "11": "4050",
        "12": "5050 5100 5150 5200",
        "13": "6050",
        "14": "6100",
        "15": "7050",
        "16": "7100 7150 7200",
        "17": "8050",
        "99": "9999",
    }.items()
    for code in codes.split()
}
"""The sector of the 17 that each of the 33 is part of (JPX, "Industry codes")."""

_TABLE_OF_FIELD: Mapping[str, CodeTable] = {
    "sector17": SECTORS17,
    "sector33": SECTORS33,
    "market": MARKETS,
    "margin": MARGINS,
    "product": PRODUCTS,
}
CODES_OF_FIELD: Mapping[str, CodeTable] = {**_TABLE_OF_FIELD, "scale": SCALES}
"""The code table of each field of an issue that has one."""


def label(kind: LabelKind, code: str, labels: Labels) -> str:
    """Return the Japanese name of a code: as received, else from the table, else empty."""
    return labels.get((kind, code)) or TABLES[kind].get(code, Names("", "")).ja


def name_of(field: str, value: str | None, *, english: bool) -> str:
    """Return the name that a value of a field of an issue has; a value without one as it is."""
    names = _TABLE_OF_FIELD.get(field, {}).get(value or "")
    if names is None:
        return value or ""
    return names.en if english else names.ja


def find_code(table: CodeTable, text: str) -> str:
    """Return the code that `text` means: a code, or a Japanese or English name in any width.

    Digits that no table knows, as many as codes have, are taken as one: there may be new ones.

    Raises UnknownClass, which names the choices.
    """
    wanted = _folded(text)
    for code, names in table.items():
        if wanted in (_folded(code), _folded(names.ja), _folded(names.en)):
            return code
    if wanted.isdigit() and len(wanted) in map(len, table):
        return wanted
    raise UnknownClass(text=text, choices=", ".join(f"{c} {n.ja}" for c, n in table.items()))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold().replace("、", "・")
