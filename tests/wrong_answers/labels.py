"""Names of classes that are not those of the code beside them."""

import unicodedata

from tests.wrong_answers.kinds import (
    LABEL_OF,
    Nature,
    Rows,
    Truth,
    changed,
    with_all,
    wrong,
)

FIELDS = tuple(LABEL_OF)


def _relabelled(truth: Truth, field: str, names: dict[str, str]) -> Rows:
    label = LABEL_OF[field]
    return [row | {label: names.get(row[field], row[label])} for row in truth.rows]


def _names(truth: Truth, field: str) -> dict[str, str]:
    return {row[field]: row[LABEL_OF[field]] for row in truth.rows}


@wrong(*FIELDS)
def labels_replaced(truth: Truth, field: str) -> Rows:
    """All names of {} replaced by one that no table has."""
    return with_all(truth.rows, **{LABEL_OF[field]: "区分"})


@wrong()
def all_labels_replaced(truth: Truth) -> Rows:
    """All names of markets and sectors replaced by invented ones."""
    rows = truth.rows
    for field in ("Mkt", "S17", "S33"):
        invented = {code: f"新{name[::-1]}" for code, name in _names(truth, field).items()}
        label = LABEL_OF[field]
        rows = [row | {label: invented[row[field]]} for row in rows]
    return rows


@wrong(*FIELDS)
def labels_exchanged(truth: Truth, field: str) -> Rows:
    """The names of {} exchanged in pairs."""
    names = _names(truth, field)
    codes = sorted(names)
    paired = dict(zip(codes[0::2], codes[1::2], strict=False))
    other = paired | {two: one for one, two in paired.items()}
    return _relabelled(truth, field, {code: names[other.get(code, code)] for code in codes})


@wrong(*FIELDS)
def two_labels_exchanged(truth: Truth, field: str) -> Rows:
    """The names of the two most frequent classes of {} exchanged."""
    codes = [row[field] for row in truth.rows]
    one, two = sorted(set(codes), key=codes.count)[-2:]
    names = _names(truth, field)
    return _relabelled(truth, field, {one: names[two], two: names[one]})


@wrong(*FIELDS)
def labels_moved_by_one_class(truth: Truth, field: str) -> Rows:
    """Every name of {} moved to the next class."""
    names = _names(truth, field)
    codes = sorted(names)
    return _relabelled(truth, field, {code: names[codes[at - 1]] for at, code in enumerate(codes)})


@wrong("S33", "Mkt")
def labels_moved_by_one_row(truth: Truth, field: str) -> Rows:
    """Every name of {} moved by one row, so that one code has many."""
    label = LABEL_OF[field]
    names = [row[label] for row in truth.rows]
    return [
        row | {label: name} for row, name in zip(truth.rows, [*names[1:], names[0]], strict=True)
    ]


@wrong("S33", "Mkt")
def one_label_a_row(truth: Truth, field: str) -> Rows:
    """Another name of {} in every row."""
    label = LABEL_OF[field]
    return [row | {label: f"{row[label]}{at}"} for at, row in enumerate(truth.rows)]


@wrong("S33", "Mkt")
def one_label_differs(truth: Truth, field: str) -> Rows:
    """One row with the name of another class of {}."""
    label, last = LABEL_OF[field], truth.rows[-1]
    other = next(row[label] for row in truth.rows if row[label] != last[label])
    return [*truth.rows[:-1], last | {label: other}]


@wrong("S33", "Mkt", "S17")
def labels_in_the_wrong_field(truth: Truth, field: str) -> Rows:
    """The names of the margin class in the field for the name of {}."""
    return [row | {LABEL_OF[field]: row["MrgnNm"]} for row in truth.rows]


@wrong("S33", "Mkt")
def labels_unreadable(truth: Truth, field: str) -> Rows:
    """All names of {} in UTF-8 read as cp932."""
    label = LABEL_OF[field]
    return [
        row | {label: row[label].encode().decode("cp932", errors="replace")} for row in truth.rows
    ]


@wrong("S33", "Mkt")
def labels_in_english(truth: Truth, field: str) -> Rows:
    """All names of {} in English."""
    return _relabelled(truth, field, {code: f"Class {code}" for code in _names(truth, field)})


@wrong(*FIELDS, nature=Nature.OPEN)
def labels_blank(truth: Truth, field: str) -> Rows:
    """All names of {} blank: those of the table stand."""
    return with_all(truth.rows, **{LABEL_OF[field]: ""})


@wrong(nature=Nature.OPEN)
def one_class_renamed(truth: Truth) -> Rows:
    """One sector under a new name, as a reform might give it."""
    return _relabelled(truth, "S33", {"5250": "情報･通信･デジタル業"})


@wrong(nature=Nature.LEGITIMATE)
def labels_in_full_width(truth: Truth) -> Rows:
    """The dot in the names of sectors in full width, as some sources write it."""
    names = {code: unicodedata.normalize("NFKC", n) for code, n in _names(truth, "S33").items()}
    return _relabelled(truth, "S33", names)


@wrong(nature=Nature.LEGITIMATE)
def labels_with_space(truth: Truth) -> Rows:
    """Space after the names of sectors, as one release of JPX had it."""
    return [row | {"S17Nm": f"{row['S17Nm']} ", "S33Nm": f"{row['S33Nm']} "} for row in truth.rows]


@wrong(nature=Nature.LEGITIMATE)
def labels_blank_in_a_few_rows(truth: Truth) -> Rows:
    """Three rows without the name of their sector."""
    return changed(truth.rows, truth.positions(3), lambda row: row | {"S33Nm": ""})
