"""Sectors, segments, scales, margin classes and product categories that are wrong."""

from tests.wrong_answers.kinds import (
    LABEL_OF,
    Nature,
    Rows,
    Truth,
    changed,
    drawn,
    exchanged,
    moved,
    where,
    with_all,
    wrong,
)
from tests.wrong_answers.listings import MONTH

FIELDS = ("Mkt", "S17", "S33", "ScaleCat", "Mrgn", "ProdCat")
_UNKNOWN = {
    "Mkt": "0199",
    "S17": "18",
    "S33": "9150",
    "ScaleCat": "TOPIX Micro 1",
    "Mrgn": "9",
    "ProdCat": "031",
}
_LARGE = ("TOPIX Core30", "TOPIX Large70", "TOPIX Mid400")


@wrong(19.0, 10.0, needs_reference=True)
def every_field_changed(truth: Truth, share: float) -> Rows:
    """{} of every field taken from another row, all at once."""
    rows = truth.rows
    for field in ("CoName", "CoNameEn", *FIELDS):
        rows = moved(rows, truth.positions(share), field, truth.random)
    return rows


@wrong(15.0, 5.0)
def markets_shuffled(truth: Truth, share: float) -> Rows:
    """{} of the issues in another market."""
    return moved(truth.rows, truth.positions(share), "Mkt", truth.random)


@wrong(15.0, needs_reference=True)
def segments_of_companies_shuffled(truth: Truth, share: float) -> Rows:
    """{} of the companies in another segment."""
    return _segments_shuffled(truth, share)


@wrong(6.0, needs_reference=True, within=MONTH)
def segments_of_companies_shuffled_in_a_month(truth: Truth, share: float) -> Rows:
    """{} of the companies in another segment."""
    return _segments_shuffled(truth, share)


def _segments_shuffled(truth: Truth, share: float) -> Rows:
    companies = where(truth.rows, lambda row: row["Mkt"] in ("0111", "0112", "0113"))
    chosen = drawn(truth.random, companies, share)
    shifted = {"0111": "0112", "0112": "0113", "0113": "0111"}
    names = {row["Mkt"]: row["MktNm"] for row in truth.rows}
    return changed(
        truth.rows,
        chosen,
        lambda row: row | {"Mkt": (code := shifted[row["Mkt"]]), "MktNm": names[code]},
    )


@wrong("Mkt", "S33", "S17", "ScaleCat", nature=Nature.DEFECT)
def every_sixth_blank(truth: Truth, field: str) -> Rows:
    """Every sixth {} blank."""
    chosen = range(0, len(truth.rows), 6)
    return changed(truth.rows, chosen, lambda row: row | {field: ""})


@wrong("Mkt", "S33", "S17", "ScaleCat", nature=Nature.DEFECT)
def blank_space(truth: Truth, field: str) -> Rows:
    """Every sixth {} only a space."""
    chosen = range(0, len(truth.rows), 6)
    return changed(truth.rows, chosen, lambda row: row | {field: " "})


@wrong("Mkt", "S33", "S17", "ScaleCat", nature=Nature.DEFECT)
def all_blank(truth: Truth, field: str) -> Rows:
    """All {} blank."""
    return with_all(truth.rows, **{field: ""})


@wrong("0109", "0111", "0112")
def one_market(truth: Truth, market: str) -> Rows:
    """All issues in market {}."""
    return with_all(truth.rows, Mkt=market, MktNm="その他")


@wrong(True, False, needs_reference=True)
def prime_and_standard_exchanged(truth: Truth, labels: bool) -> Rows:
    """Prime and Standard exchanged; their labels too: {}."""
    return exchanged(truth.rows, "Mkt", "0111", "0112", labels=labels)


@wrong("0101", "0102", needs_reference=True)
def old_market(truth: Truth, market: str) -> Rows:
    """Every company in the market {}, which was closed in 2022."""
    companies = where(truth.rows, lambda row: row["Mkt"] != "0109")
    return changed(truth.rows, companies, lambda row: row | {"Mkt": market, "MktNm": "東証一部"})


@wrong(100.0, 15.0, 2.0)
def sectors_shuffled(truth: Truth, share: float) -> Rows:
    """{} of the issues in another sector 33, their sector 17 as before."""
    return moved(truth.rows, truth.positions(share), "S33", truth.random)


@wrong(15.0, 2.0, needs_reference=True)
def both_sectors_shuffled(truth: Truth, share: float) -> Rows:
    """{} of the issues with the sectors of another, which fit one another."""
    parents = {row["S33"]: row for row in truth.rows}
    taken = moved(truth.rows, truth.positions(share), "S33", truth.random)
    return [row | {name: parents[row["S33"]][name] for name in ("S17", "S17Nm")} for row in taken]


@wrong(10, 44)
def sector_outside_its_sector17(truth: Truth, count: int) -> Rows:
    """{} issues with a sector 33 that belongs to another sector 17."""
    return moved(truth.rows, truth.positions(count), "S33", truth.random)


@wrong("99", "10", "1")
def one_sector17(truth: Truth, code: str) -> Rows:
    """All issues in sector 17 {}."""
    return with_all(truth.rows, S17=code, S17Nm="その他")


@wrong("9999", "5250", "0050")
def one_sector33(truth: Truth, code: str) -> Rows:
    """All issues in sector 33 {}."""
    return with_all(truth.rows, S33=code, S33Nm="その他")


@wrong(needs_reference=True)
def no_sectors(truth: Truth) -> Rows:
    """All issues without a sector: 9999 and 99."""
    return with_all(truth.rows, S33="9999", S33Nm="その他", S17="99", S17Nm="その他")


@wrong("S33", "S17", "Mkt", "ProdCat")
def zeros_lost(truth: Truth, field: str) -> Rows:
    """Every {} without its leading zeros, or, where it has none, with one."""
    padded = {code: f"0{code}" for code in ("1", "2", "3", "4", "5", "6", "7", "8", "9")}
    return [
        row
        | {field: padded.get(row[field], row[field]) if field == "S17" else row[field].lstrip("0")}
        for row in truth.rows
    ]


@wrong("-", "TOPIX Core30", "TOPIX Small 2", "Core30", "1")
def one_scale(truth: Truth, scale: str) -> Rows:
    """All issues of scale {}."""
    return with_all(truth.rows, ScaleCat=scale)


@wrong("TOPIX Core30", "TOPIX Large70", "TOPIX Mid400")
def scale_doubled(truth: Truth, scale: str) -> Rows:
    """Twice as many issues of scale {}."""
    members = where(truth.rows, lambda row: row["ScaleCat"] == scale)
    others = where(truth.rows, lambda row: row["ScaleCat"].startswith("TOPIX Small"))
    chosen = drawn(truth.random, others, len(members))
    return changed(truth.rows, chosen, lambda row: row | {"ScaleCat": scale})


@wrong("TOPIX Core30", "TOPIX Large70", "TOPIX Mid400")
def scale_halved(truth: Truth, scale: str) -> Rows:
    """Half of the issues of scale {} without a scale."""
    members = where(truth.rows, lambda row: row["ScaleCat"] == scale)
    chosen = drawn(truth.random, members, 50.0)
    return changed(truth.rows, chosen, lambda row: row | {"ScaleCat": "-"})


@wrong("TOPIX Large70", "TOPIX Core30")
def scales_exchanged(truth: Truth, scale: str) -> Rows:
    """{} and TOPIX Mid400 exchanged."""
    return exchanged(truth.rows, "ScaleCat", scale, "TOPIX Mid400")


@wrong(needs_reference=True)
def small_scales_exchanged(truth: Truth) -> Rows:
    """TOPIX Small 1 and TOPIX Small 2 exchanged."""
    return exchanged(truth.rows, "ScaleCat", "TOPIX Small 1", "TOPIX Small 2")


@wrong()
def scales_shuffled(truth: Truth) -> Rows:
    """All scales dealt out again: the sizes are right, the issues are not."""
    scales = [row["ScaleCat"] for row in truth.rows]
    dealt = truth.random.sample(scales, len(scales))
    return [row | {"ScaleCat": scale} for row, scale in zip(truth.rows, dealt, strict=True)]


@wrong()
def large_scales_elsewhere(truth: Truth) -> Rows:
    """Core30, Large70 and Mid400 given to issues outside Prime, in their right numbers."""
    large = where(truth.rows, lambda row: row["ScaleCat"] in _LARGE)
    outside = where(truth.rows, lambda row: row["Mkt"] in ("0112", "0113"))
    scales = {
        at: truth.rows[other]["ScaleCat"]
        for at, other in zip(truth.random.sample(outside, len(large)), large, strict=True)
    }
    emptied = changed(truth.rows, large, lambda row: row | {"ScaleCat": "-"})
    return [row | {"ScaleCat": scales.get(at, row["ScaleCat"])} for at, row in enumerate(emptied)]


@wrong("011", "014", "013")
def one_product(truth: Truth, product: str) -> Rows:
    """All issues of product category {}."""
    return with_all(truth.rows, ProdCat=product)


@wrong("014", "013")
def product_read_as_shares(truth: Truth, product: str) -> Rows:
    """Every issue of product category {} given as a domestic share."""
    return changed(
        truth.rows,
        where(truth.rows, lambda row: row["ProdCat"] == product),
        lambda row: row | {"ProdCat": "011"},
    )


@wrong(100)
def shares_read_as_funds(truth: Truth, count: int) -> Rows:
    """{} companies given as ETFs, their market as before."""
    companies = where(truth.rows, lambda row: row["ProdCat"] == "011")
    chosen = drawn(truth.random, companies, count)
    return changed(truth.rows, chosen, lambda row: row | {"ProdCat": "014"})


@wrong()
def shares_and_funds_exchanged(truth: Truth) -> Rows:
    """Product categories 011 and 014 exchanged."""
    return exchanged(truth.rows, "ProdCat", "011", "014")


@wrong(needs_reference=True)
def domestic_and_foreign_exchanged(truth: Truth) -> Rows:
    """Product categories 011 and 021 exchanged."""
    return exchanged(truth.rows, "ProdCat", "011", "021")


@wrong(needs_reference=True)
def funds_and_reits_exchanged(truth: Truth) -> Rows:
    """Product categories 013 and 014 exchanged."""
    return exchanged(truth.rows, "ProdCat", "013", "014")


@wrong("1", "2", "3", needs_reference=True)
def one_margin(truth: Truth, margin: str) -> Rows:
    """All issues of margin class {}."""
    return with_all(truth.rows, Mrgn=margin, MrgnNm="信用")


@wrong(True, False, needs_reference=True)
def margins_exchanged(truth: Truth, labels: bool) -> Rows:
    """Margin classes 1 and 2 exchanged; their labels too: {}."""
    return exchanged(truth.rows, "Mrgn", "1", "2", labels=labels)


@wrong(20.0, needs_reference=True)
def margins_shuffled(truth: Truth, share: float) -> Rows:
    """{} of the issues in another margin class."""
    return moved(truth.rows, truth.positions(share), "Mrgn", truth.random)


@wrong(20.0, needs_reference=True)
def scales_moved(truth: Truth, share: float) -> Rows:
    """{} of the issues in another scale."""
    return moved(truth.rows, truth.positions(share), "ScaleCat", truth.random)


def _unknown_codes(truth: Truth, field: str, share: float) -> Rows:
    new = {field: _UNKNOWN[field]}
    if field in LABEL_OF:
        new[LABEL_OF[field]] = "未知"
    return changed(truth.rows, truth.positions(share), lambda row: row | new)


@wrong(*FIELDS)
def unknown_codes_in_ten_percent(truth: Truth, field: str) -> Rows:
    """An unknown code of {} in a tenth of the rows."""
    return _unknown_codes(truth, field, 10.0)


@wrong(*FIELDS)
def unknown_codes_in_two_percent(truth: Truth, field: str) -> Rows:
    """An unknown code of {} in 2 % of the rows."""
    return _unknown_codes(truth, field, 2.0)


@wrong(*FIELDS, nature=Nature.LEGITIMATE)
def a_new_class(truth: Truth, field: str) -> Rows:
    """An unknown code of {} in two rows: the source may introduce one."""
    return _unknown_codes(truth, field, 2)


@wrong(needs_reference=True)
def sector17_in_sector33(truth: Truth) -> Rows:
    """The code of sector 17 in the field of sector 33."""
    return [row | {"S33": row["S17"], "S33Nm": row["S17Nm"]} for row in truth.rows]


@wrong("S17", "S33", "Mkt", "Mrgn")
def label_in_place_of_the_code(truth: Truth, field: str) -> Rows:
    """The name of {} in place of its code."""
    return [row | {field: row[LABEL_OF[field]]} for row in truth.rows]


@wrong()
def columns_moved(truth: Truth) -> Rows:
    """The values of all class fields moved by one field."""
    return [
        row | {field: row[FIELDS[at - 1]] for at, field in enumerate(FIELDS)} for row in truth.rows
    ]


@wrong("Mkt", "S33", "ScaleCat", "ProdCat", "Mrgn", needs_reference=True)
def class_moved_by_one_row(truth: Truth, field: str) -> Rows:
    """Every {} moved by one row."""
    values = [row[field] for row in truth.rows]
    return [
        row | {field: value}
        for row, value in zip(truth.rows, [*values[1:], values[0]], strict=True)
    ]
