"""Fields that are absent, null, of another type, or new."""

from tests.wrong_answers.kinds import Nature, Row, Rows, Truth, with_all, with_one, wrong

REQUIRED = ("Code", "CoName", "S17", "S33", "ScaleCat", "Mkt", "Date")
OPTIONAL = ("CoNameEn", "Mrgn", "MrgnNm", "ProdCat")


def _less(row: Row, *fields: str) -> Row:
    return {name: value for name, value in row.items() if name not in fields}


@wrong(*REQUIRED, nature=Nature.DEFECT)
def field_absent(truth: Truth, field: str) -> Rows:
    """No row has {}."""
    return [_less(row, field) for row in truth.rows]


@wrong(*REQUIRED, nature=Nature.DEFECT)
def field_absent_once(truth: Truth, field: str) -> Rows:
    """One row has no {}."""
    half = len(truth.rows) // 2
    return [*truth.rows[:half], _less(truth.rows[half], field), *truth.rows[half + 1 :]]


@wrong(*REQUIRED, nature=Nature.DEFECT)
def field_null_once(truth: Truth, field: str) -> Rows:
    """One row whose {} is null."""
    return with_one(truth.rows, **{field: None})


@wrong("Code", "CoName", "S17", "Mkt", nature=Nature.DEFECT)
def number_in_place_of_text(truth: Truth, field: str) -> Rows:
    """{} as a number."""
    return with_all(truth.rows, **{field: 1301})


@wrong("Code", nature=Nature.DEFECT)
def one_number_in_place_of_text(truth: Truth, field: str) -> Rows:
    """One {} as a number."""
    return with_one(truth.rows, **{field: 13010})


@wrong("list", "object", "truth", nature=Nature.DEFECT)
def other_type_in_place_of_text(truth: Truth, kind: str) -> Rows:
    """One name as a {} of JSON."""
    values = {"list": ["名"], "object": {"ja": "名"}, "truth": True}
    return with_one(truth.rows, CoName=values[kind])


@wrong(nature=Nature.DEFECT)
def names_of_version_one(truth: Truth) -> Rows:
    """Fields named as in version 1 of the API."""
    return [
        _less(row, "CoName", "Mkt") | {"CompanyName": row["CoName"], "MarketCode": row["Mkt"]}
        for row in truth.rows
    ]


@wrong(nature=Nature.DEFECT)
def empty_rows(truth: Truth) -> Rows:
    """As many rows as always, all of them empty."""
    return [{} for _ in truth.rows]


@wrong(nature=Nature.DEFECT)
def codes_only(truth: Truth) -> Rows:
    """Rows with a date and a code and nothing else."""
    return [{"Date": row["Date"], "Code": row["Code"]} for row in truth.rows]


@wrong(nature=Nature.DEFECT)
def rows_of_another_list(truth: Truth) -> Rows:
    """Rows of daily prices in place of issues."""
    return [{"Date": row["Date"], "Code": row["Code"], "C": 100.0} for row in truth.rows]


@wrong(nature=Nature.LEGITIMATE)
def field_more(truth: Truth) -> Rows:
    """A field that nobody knows."""
    return with_all(truth.rows, ListingFlag="1")


@wrong(nature=Nature.LEGITIMATE)
def fields_in_another_order(truth: Truth) -> Rows:
    """The fields in another order."""
    return [dict(reversed(row.items())) for row in truth.rows]


@wrong(nature=Nature.LEGITIMATE)
def optional_fields_absent(truth: Truth) -> Rows:
    """No row has a margin class or a product category: a plan or a date without them."""
    return [_less(row, "Mrgn", "MrgnNm", "ProdCat") for row in truth.rows]


@wrong("Mrgn", "ProdCat", nature=Nature.LEGITIMATE)
def optional_field_null(truth: Truth, field: str) -> Rows:
    """Every {} null: unknown, which is no change."""
    return with_all(truth.rows, **{field: None})


@wrong("Mrgn", "ProdCat", nature=Nature.OPEN)
def optional_field_blank(truth: Truth, field: str) -> Rows:
    """Every {} blank where it was known before."""
    return with_all(truth.rows, **{field: ""})


@wrong(nature=Nature.LEGITIMATE)
def null_in_one_optional_field(truth: Truth) -> Rows:
    """One row with null in every optional field."""
    return with_one(truth.rows, **dict.fromkeys(OPTIONAL))
