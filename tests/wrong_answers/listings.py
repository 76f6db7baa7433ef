"""Issues that are absent, and issues that there never were."""

from tests.wrong_answers.kinds import (
    Row,
    Rows,
    Truth,
    drawn,
    where,
    with_all,
    without,
    wrong,
)

MONTH = 35
"""A list at most so many days after the stored one counts as one of the next month."""


def invented_rows(truth: Truth, count: int) -> Rows:
    """Return rows of issues that there never were, with free codes and names of no issue."""
    used = {row["Code"] for row in [*truth.rows, *truth.stored, *truth.older]}
    free = (f"{at:03}{letter}0" for letter in "ABCDFGHJKLMNPRSTUWXY" for at in range(130, 1000))
    codes = [code for code in free if code not in used][:count]
    return [_never_was(code, truth) for code in codes]


def _never_was(code: str, truth: Truth) -> Row:
    one, two = (truth.random.choice(truth.rows)["CoName"] for _ in range(2))
    name = f"{one[: len(one) // 2 + 1]}{two[len(two) // 2 :]}"
    return truth.random.choice(truth.rows) | {"Code": code, "CoName": name, "CoNameEn": name}


@wrong(1.0, 1.5, needs_reference=True, within=MONTH)
def delisted_in_a_month(truth: Truth, share: float) -> Rows:
    """{} of the issues missing, drawn at random."""
    return without(truth.rows, truth.positions(share))


@wrong(3.0, needs_reference=True, within=200)
def delisted_in_half_a_year(truth: Truth, share: float) -> Rows:
    """{} of the issues missing, drawn at random."""
    return without(truth.rows, truth.positions(share))


@wrong(10.0, 29.0, needs_reference=True)
def delisted(truth: Truth, share: float) -> Rows:
    """{} of the issues missing, drawn at random."""
    return without(truth.rows, truth.positions(share))


@wrong(40, needs_reference=True, within=MONTH)
def gone_and_invented_in_a_month(truth: Truth, count: int) -> Rows:
    """{} issues missing, and as many invented ones in their place."""
    return [*without(truth.rows, truth.positions(count)), *invented_rows(truth, count)]


@wrong(400, needs_reference=True)
def gone_andinvented_rows(truth: Truth, count: int) -> Rows:
    """{} issues missing, and as many invented ones in their place."""
    return [*without(truth.rows, truth.positions(count)), *invented_rows(truth, count)]


@wrong(60, needs_reference=True, within=MONTH)
def invented_in_a_month(truth: Truth, count: int) -> Rows:
    """{} invented issues more."""
    return [*truth.rows, *invented_rows(truth, count)]


@wrong(999, needs_reference=True)
def invented(truth: Truth, count: int) -> Rows:
    """{} invented issues more."""
    return [*truth.rows, *invented_rows(truth, count)]


@wrong(4000)
def invented_many(truth: Truth, count: int) -> Rows:
    """{} invented issues more."""
    return [*truth.rows, *invented_rows(truth, count)]


@wrong(needs_reference=True)
def whollyinvented_rows(truth: Truth) -> Rows:
    """No true issue, as many invented ones."""
    return invented_rows(truth, len(truth.rows))


@wrong(needs_reference=True)
def codes_of_companies_doubled(truth: Truth) -> Rows:
    """Every company once more under the code of a preferred share."""
    companies = [row for row in truth.rows if row["ProdCat"] == "011" and row["Code"][4] == "0"]
    known = {row["Code"] for row in truth.rows}
    twins = [row | {"Code": f"{row['Code'][:4]}5"} for row in companies]
    return [*truth.rows, *(row for row in twins if row["Code"] not in known)]


def _without_class(truth: Truth, field: str, code: str, share: float = 100.0) -> Rows:
    members = where(truth.rows, lambda row: row[field] == code)
    return without(truth.rows, drawn(truth.random, members, share))


@wrong("5250", "7050", "3250", "0050", "5150", "9999", needs_reference=True)
def sector_gone(truth: Truth, code: str) -> Rows:
    """No issue of sector 33 {}."""
    return _without_class(truth, "S33", code)


@wrong("15", "5", "11", needs_reference=True)
def sector17_gone(truth: Truth, code: str) -> Rows:
    """No issue of sector 17 {}."""
    return _without_class(truth, "S17", code)


@wrong("0111", "0112", "0113", "0105", "0109", needs_reference=True)
def segment_gone(truth: Truth, code: str) -> Rows:
    """No issue of segment {}."""
    return _without_class(truth, "Mkt", code)


@wrong("011", "012", "013", "014", needs_reference=True)
def product_gone(truth: Truth, code: str) -> Rows:
    """No issue of product category {}."""
    return _without_class(truth, "ProdCat", code)


@wrong("TOPIX Small 1", "TOPIX Small 2", "-", needs_reference=True)
def small_scale_gone(truth: Truth, code: str) -> Rows:
    """No issue of scale {}."""
    return _without_class(truth, "ScaleCat", code)


@wrong("TOPIX Core30", "TOPIX Large70", "TOPIX Mid400")
def scale_gone(truth: Truth, code: str) -> Rows:
    """No issue of scale {}."""
    return _without_class(truth, "ScaleCat", code)


@wrong(50.0, 30.0, needs_reference=True)
def part_of_a_sector_gone(truth: Truth, share: float) -> Rows:
    """{} of the banks missing."""
    return _without_class(truth, "S33", "7050", share)


@wrong(50.0, 30.0, needs_reference=True)
def part_of_a_segment_gone(truth: Truth, share: float) -> Rows:
    """{} of TOKYO PRO MARKET missing."""
    return _without_class(truth, "Mkt", "0105", share)


@wrong(50.0, 30.0, needs_reference=True)
def part_of_a_product_gone(truth: Truth, share: float) -> Rows:
    """{} of the REITs missing."""
    return _without_class(truth, "ProdCat", "013", share)


@wrong(50.0, 30.0)
def part_of_a_scale_gone(truth: Truth, share: float) -> Rows:
    """{} of TOPIX Large70 missing."""
    return _without_class(truth, "ScaleCat", "TOPIX Large70", share)


@wrong(4, 5, 7, 10, 25, needs_reference=True)
def neighbours_gone(truth: Truth, count: int) -> Rows:
    """{} companies whose codes follow one another missing."""
    companies = where(truth.rows, lambda row: row["Mkt"] != "0109")
    start = truth.random.randrange(len(companies) // 2, len(companies) - count - 1)
    return without(truth.rows, companies[start : start + count])


@wrong(12, 40, needs_reference=True)
def neighbouring_funds_gone(truth: Truth, count: int) -> Rows:
    """{} funds of several managers whose codes follow one another missing."""
    funds = where(truth.rows, lambda row: row["Mkt"] == "0109")
    start = truth.random.randrange(len(funds) - count)
    return without(truth.rows, funds[start : start + count])


@wrong("1", "4", "7", "9", needs_reference=True)
def first_digit_gone(truth: Truth, digit: str) -> Rows:
    """No code that begins with {}."""
    return without(truth.rows, where(truth.rows, lambda row: row["Code"].startswith(digit)))


@wrong(needs_reference=True)
def codes_with_letters_gone(truth: Truth) -> Rows:
    """No code with a letter, as where codes are read as numbers."""
    return [row for row in truth.rows if row["Code"].isdigit()]


@wrong(needs_reference=True)
def only_companies(truth: Truth) -> Rows:
    """Only issues with a sector."""
    return [row for row in truth.rows if row["S33"] != "9999"]


@wrong(needs_reference=True)
def names_with_latin_letters_gone(truth: Truth) -> Rows:
    """No issue whose name begins with a full-width Latin letter."""
    return [row for row in truth.rows if not "Ａ" <= row["CoName"][:1] <= "Ｚ"]


@wrong(needs_reference=True, after=14)
def stored_list_under_a_new_date(truth: Truth) -> Rows:
    """The content of the stored list under today's date."""
    return with_all(truth.stored, Date=truth.as_of.isoformat())


@wrong(needs_reference=True)
def older_list_under_a_new_date(truth: Truth) -> Rows:
    """The content of a list before the stored one under today's date."""
    return with_all(truth.older, Date=truth.as_of.isoformat())
