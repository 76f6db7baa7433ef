"""Which codes does the listed-issue master use, and what are their Japanese names?

Source: J-Quants API, "Listed Issue Master" and the code pages beside it.
Sector names keep the half-width dots (U+FF65) that the API sends.
"""

from typing import Final

FIRST_SECTION: Final = "0101"
SECOND_SECTION: Final = "0102"
MOTHERS: Final = "0104"
PRO_MARKET: Final = "0105"
JASDAQ_STANDARD: Final = "0106"
JASDAQ_GROWTH: Final = "0107"
OTHERS: Final = "0109"
PRIME: Final = "0111"
STANDARD: Final = "0112"
GROWTH: Final = "0113"

MARKET_NAMES: Final = {
    FIRST_SECTION: "東証一部",
    SECOND_SECTION: "東証二部",
    MOTHERS: "マザーズ",
    PRO_MARKET: "TOKYO PRO MARKET",
    JASDAQ_STANDARD: "JASDAQ スタンダード",
    JASDAQ_GROWTH: "JASDAQ グロース",
    OTHERS: "その他",
    PRIME: "プライム",
    STANDARD: "スタンダード",
    GROWTH: "グロース",
}

SECTOR17_NAMES: Final = {
    "1": "食品",
    "2": "エネルギー資源",
    "3": "建設・資材",
    "4": "素材・化学",
    "5": "医薬品",
    "6": "自動車・輸送機",
    "7": "鉄鋼・非鉄",
    "8": "機械",
    "9": "電機・精密",
    "10": "情報通信・サービスその他",
    "11": "電気・ガス",
    "12": "運輸・物流",
    "13": "商社・卸売",
    "14": "小売",
    "15": "銀行",
    "16": "金融（除く銀行）",
    "17": "不動産",
    "99": "その他",
}

NO_SECTOR: Final = "9999"

# S33: (name, parent S17, how many of the 3,958 companies of a real day are in it)
SECTORS33: Final = {
    "0050": ("水産・農林業", "1", 12),
    "1050": ("鉱業", "2", 5),
    "2050": ("建設業", "3", 165),
    "3050": ("食料品", "1", 126),
    "3100": ("繊維製品", "4", 49),
    "3150": ("パルプ・紙", "4", 25),
    "3200": ("化学", "4", 207),
    "3250": ("医薬品", "5", 82),
    "3300": ("石油･石炭製品", "2", 11),
    "3350": ("ゴム製品", "6", 18),
    "3400": ("ガラス･土石製品", "3", 52),
    "3450": ("鉄鋼", "7", 39),
    "3500": ("非鉄金属", "7", 33),
    "3550": ("金属製品", "3", 88),
    "3600": ("機械", "8", 220),
    "3650": ("電気機器", "9", 235),
    "3700": ("輸送用機器", "6", 87),
    "3750": ("精密機器", "9", 53),
    "3800": ("その他製品", "10", 106),
    "4050": ("電気･ガス業", "11", 28),
    "5050": ("陸運業", "12", 60),
    "5100": ("海運業", "12", 11),
    "5150": ("空運業", "12", 5),
    "5200": ("倉庫･運輸関連業", "12", 34),
    "5250": ("情報･通信業", "10", 632),
    "6050": ("卸売業", "13", 305),
    "6100": ("小売業", "14", 355),
    "7050": ("銀行業", "15", 79),
    "7100": ("証券･商品先物取引業", "16", 39),
    "7150": ("保険業", "16", 15),
    "7200": ("その他金融業", "16", 40),
    "8050": ("不動産業", "17", 154),
    "9050": ("サービス業", "10", 586),
    NO_SECTOR: ("その他", "99", 0),
}

NO_SCALE: Final = "-"
CORE30: Final = "TOPIX Core30"
LARGE70: Final = "TOPIX Large70"
MID400: Final = "TOPIX Mid400"
SMALL1: Final = "TOPIX Small 1"
SMALL2: Final = "TOPIX Small 2"

STANDARDISED_MARGIN: Final = "1"
LOANABLE: Final = "2"
NO_MARGIN: Final = "3"
MARGIN_NAMES: Final = {STANDARDISED_MARGIN: "信用", LOANABLE: "貸借", NO_MARGIN: "その他"}

SHARE: Final = "011"
COOPERATIVE: Final = "012"
REIT: Final = "013"
ETF: Final = "014"
FOREIGN_SHARE: Final = "021"
