"""Codes that are double, malformed or another issue's."""

from tests.wrong_answers.kinds import (
    Nature,
    Rows,
    Truth,
    changed,
    with_one,
    wrong,
)

_FULL_WIDTH = {at: at + 0xFEE0 for at in range(0x21, 0x7F)}


def _middle_code(truth: Truth) -> str:
    return str(truth.rows[len(truth.rows) // 2]["Code"])


def _beside(truth: Truth, code: str) -> Rows:
    """Return the rows with the middle one once more under another spelling of its code."""
    twin = truth.rows[len(truth.rows) // 2] | {"Code": code, "CoName": "別の名"}
    return [*truth.rows, twin]


@wrong(nature=Nature.DEFECT)
def code_twice(truth: Truth) -> Rows:
    """One code twice, the second time with another name."""
    return _beside(truth, _middle_code(truth))


@wrong(nature=Nature.DEFECT)
def row_twice(truth: Truth) -> Rows:
    """One row twice, without a difference."""
    return [*truth.rows, truth.rows[0]]


@wrong(nature=Nature.DEFECT)
def all_rows_twice(truth: Truth) -> Rows:
    """Every row twice."""
    return truth.rows * 2


@wrong(" ", "\t", "\u3000", "\u00a0", nature=Nature.DEFECT)
def code_with_space_beside_itself(truth: Truth, space: str) -> Rows:
    """A code once more with space after it."""
    return _beside(truth, f"{_middle_code(truth)}{space}")


@wrong(nature=Nature.DEFECT)
def code_after_space_beside_itself(truth: Truth) -> Rows:
    """A code once more with space before it."""
    return _beside(truth, f" {_middle_code(truth)}")


@wrong()
def code_in_full_width_beside_itself(truth: Truth) -> Rows:
    """A code once more in full-width digits."""
    return _beside(truth, _middle_code(truth).translate(_FULL_WIDTH))


@wrong()
def code_in_full_width(truth: Truth) -> Rows:
    """One code in full-width digits."""
    return with_one(truth.rows, Code=_middle_code(truth).translate(_FULL_WIDTH))


@wrong()
def all_codes_in_full_width(truth: Truth) -> Rows:
    """All codes in full-width digits."""
    return [row | {"Code": row["Code"].translate(_FULL_WIDTH)} for row in truth.rows]


@wrong()
def codes_in_lower_case(truth: Truth) -> Rows:
    """All codes with letters in lower case."""
    return [row | {"Code": row["Code"].lower()} for row in truth.rows]


@wrong()
def code_in_lower_case_beside_itself(truth: Truth) -> Rows:
    """A code with a letter once more in lower case."""
    row = next(row for row in truth.rows if not row["Code"].isdigit())
    return [*truth.rows, row | {"Code": row["Code"].lower()}]


@wrong("1301", "130100", "13-01", "1301O\u200b", "13?10", "ABCDE ", "コード一", "A.T", "１３０１")
def malformed_code(truth: Truth, code: str) -> Rows:
    """One row more with the code {}."""
    return _beside(truth, code)


@wrong("-----", "     ", "_____", "?????", "\ufffd" * 5, ".....")
def code_without_text(truth: Truth, code: str) -> Rows:
    """One code that holds no letter and no digit."""
    return with_one(truth.rows, Code=code)


@wrong("NULL0", "AAAAA", "00000", "99999", nature=Nature.OPEN)
def placeholder_as_code(truth: Truth, code: str) -> Rows:
    """One row more with the placeholder {} as its code."""
    return _beside(truth, code)


@wrong()
def codes_of_four_characters(truth: Truth) -> Rows:
    """All codes without their fifth character."""
    return [row | {"Code": row["Code"][:4]} for row in truth.rows]


@wrong("5", "1")
def codes_with_another_end(truth: Truth, end: str) -> Rows:
    """The fifth character of all codes is {}."""
    return [row | {"Code": f"{row['Code'][:4]}{end}"} for row in truth.rows if row["Code"][4] < "1"]


@wrong(needs_reference=True)
def codes_of_the_neighbour(truth: Truth) -> Rows:
    """All codes moved by one row, so that every issue has the attributes of the next."""
    codes = [row["Code"] for row in truth.rows]
    return [
        row | {"Code": code} for row, code in zip(truth.rows, [*codes[1:], codes[0]], strict=True)
    ]


@wrong(5.0, needs_reference=True)
def codes_of_nobody(truth: Truth, share: float) -> Rows:
    """{} of the codes replaced by ones that were never given."""
    used = {row["Code"] for row in [*truth.rows, *truth.stored]}
    free = iter(code for at in range(1300, 10000) if (code := f"{at}0") not in used)
    chosen = truth.positions(share)
    return changed(truth.rows, chosen, lambda row: row | {"Code": next(free)})


@wrong(nature=Nature.LEGITIMATE)
def all_codes_with_space(truth: Truth) -> Rows:
    """Space after every code: surrounding space means nothing."""
    return [row | {"Code": f"{row['Code']} "} for row in truth.rows]
