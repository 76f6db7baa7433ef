"""Names that are missing, unreadable or another issue's."""

import unicodedata
from collections.abc import Callable

from tests.wrong_answers.kinds import (
    Nature,
    Row,
    Rows,
    Truth,
    changed,
    with_all,
    with_one,
    wrong,
)


def _renamed(truth: Truth, name: Callable[[Row], str]) -> Rows:
    return [row | {"CoName": name(row)} for row in truth.rows]


def _named_as(rows: Rows, names: list[str]) -> Rows:
    return [row | {"CoName": name} for row, name in zip(rows, names, strict=True)]


def _with_neighbours(truth: Truth, positions: set[int]) -> Rows:
    """Exchange the names of the rows at some positions with those of the rows after them."""
    names = [row["CoName"] for row in truth.rows]
    free = set(range(len(names) - 1))
    for at in sorted(positions & free):
        if at in free:
            names[at], names[at + 1] = names[at + 1], names[at]
            free.discard(at + 1)
    return _named_as(truth.rows, names)


@wrong("", "  ", "\u3000", nature=Nature.DEFECT)
def all_names_blank(truth: Truth, name: str) -> Rows:
    """All names blank."""
    return with_all(truth.rows, CoName=name)


@wrong("", "\u3000 ", nature=Nature.DEFECT)
def one_name_blank(truth: Truth, name: str) -> Rows:
    """One name blank."""
    return with_one(truth.rows, CoName=name)


@wrong("-", "・・・", "？？？", "\ufffd\ufffd", "…", "***", "\u200b")
def all_names(truth: Truth, name: str) -> Rows:
    """All names are {}."""
    return with_all(truth.rows, CoName=name)


@wrong("-", "????", "\ufffd\ufffd\ufffd")
def names_without_text(truth: Truth, name: str) -> Rows:
    """Thirty names are {}."""
    return changed(truth.rows, truth.positions(30), lambda row: row | {"CoName": name})


@wrong("-", "\ufffd\ufffd\ufffd")
def one_name_without_text(truth: Truth, name: str) -> Rows:
    """One name is {}."""
    return with_one(truth.rows, CoName=name)


@wrong()
def letters_replaced(truth: Truth) -> Rows:
    """Every character of every name replaced by a question mark of the same width."""
    return _renamed(truth, lambda row: "？" * len(row["CoName"]))


@wrong()
def characters_lost(truth: Truth) -> Rows:
    """Every character of every name replaced by U+FFFD."""
    return _renamed(truth, lambda row: "\ufffd" * len(row["CoName"]))


@wrong("日本株式", "null", "None", "nan", "#N/A", "undefined", "0")
def same_name_for_all(truth: Truth, name: str) -> Rows:
    """All names are {}."""
    return with_all(truth.rows, CoName=name)


@wrong(12, 40, 400, needs_reference=True)
def same_name_for(truth: Truth, count: int) -> Rows:
    """{} issues take the name of one other issue."""
    name = truth.rows[0]["CoName"]
    return changed(truth.rows, truth.positions(count), lambda row: row | {"CoName": name})


@wrong(12, 40, needs_reference=True)
def name_of_another(truth: Truth, count: int) -> Rows:
    """{} issues each take the name of some other issue."""
    chosen = truth.positions(count)
    return changed(
        truth.rows, chosen, lambda row: row | {"CoName": truth.random.choice(truth.rows)["CoName"]}
    )


@wrong(needs_reference=True)
def names_with_the_neighbour(truth: Truth) -> Rows:
    """All names exchanged with the neighbour's."""
    return _with_neighbours(truth, set(range(0, len(truth.rows), 2)))


@wrong(6, 20, 60, needs_reference=True)
def every_name_with_the_neighbour(truth: Truth, nth: int) -> Rows:
    """Every name number {} exchanged with the neighbour's."""
    return _with_neighbours(truth, set(range(0, len(truth.rows), nth)))


@wrong(5.0, 2.0, 1.0, needs_reference=True)
def names_with_the_neighbour_for(truth: Truth, share: float) -> Rows:
    """{} of the issues exchange their name with the neighbour's."""
    return _with_neighbours(truth, truth.positions(share / 2))


@wrong(1, 3, 10, 100, needs_reference=True)
def names_moved_by(truth: Truth, rows: int) -> Rows:
    """All names moved by {} rows."""
    names = [row["CoName"] for row in truth.rows]
    return _named_as(truth.rows, names[rows:] + names[:rows])


@wrong(needs_reference=True)
def names_moved_from_the_middle(truth: Truth) -> Rows:
    """The names of the second half moved by one row, as after a row that was left out."""
    names, half = [row["CoName"] for row in truth.rows], len(truth.rows) // 2
    return _named_as(truth.rows, [*names[:half], *names[half + 1 :], names[half]])


@wrong(100, needs_reference=True)
def names_moved_in_a_block_of(truth: Truth, count: int) -> Rows:
    """The names of {} rows in the middle moved by one row."""
    names, at = [row["CoName"] for row in truth.rows], len(truth.rows) // 2
    block = names[at : at + count]
    names[at : at + count] = [*block[1:], block[0]]
    return _named_as(truth.rows, names)


@wrong(100.0, 15.0, 5.0, needs_reference=True)
def names_shuffled(truth: Truth, share: float) -> Rows:
    """{} of the names shuffled among themselves."""
    chosen = sorted(truth.positions(share))
    names = [row["CoName"] for row in truth.rows]
    mixed = truth.random.sample(chosen, len(chosen))
    for at, other in zip(chosen, mixed, strict=True):
        names[at] = truth.rows[other]["CoName"]
    return _named_as(truth.rows, names)


@wrong(needs_reference=True)
def english_names(truth: Truth) -> Rows:
    """English names in place of the Japanese ones, where there are any."""
    return _renamed(truth, lambda row: row["CoNameEn"] or row["CoName"])


@wrong(10.0, needs_reference=True)
def english_names_for(truth: Truth, share: float) -> Rows:
    """English names in place of the Japanese ones for {} of the issues."""
    chosen = truth.positions(share)
    return changed(
        truth.rows, chosen, lambda row: row | {"CoName": row["CoNameEn"] or row["CoName"]}
    )


@wrong(needs_reference=True)
def names_and_english_names_exchanged(truth: Truth) -> Rows:
    """The Japanese and the English name exchanged, where there are both."""
    return [
        row | {"CoName": row["CoNameEn"] or row["CoName"], "CoNameEn": row["CoName"]}
        for row in truth.rows
    ]


@wrong("latin-1", "cp932", "euc-jp", "cp1252", needs_reference=True)
def names_read_as(truth: Truth, encoding: str) -> Rows:
    """All names in UTF-8 read as {}."""
    return _renamed(truth, lambda row: row["CoName"].encode().decode(encoding, errors="replace"))


@wrong("latin-1", "cp932", needs_reference=True)
def some_names_read_as(truth: Truth, encoding: str) -> Rows:
    """A tenth of the names in UTF-8 read as {}."""
    return changed(
        truth.rows,
        truth.positions(10.0),
        lambda row: row | {"CoName": row["CoName"].encode().decode(encoding, errors="replace")},
    )


@wrong(1, 3, needs_reference=True)
def names_cut_to(truth: Truth, count: int) -> Rows:
    """All names cut to {} characters."""
    return _renamed(truth, lambda row: row["CoName"][:count])


@wrong(needs_reference=True)
def names_backwards(truth: Truth) -> Rows:
    """All names written backwards."""
    return _renamed(truth, lambda row: row["CoName"][::-1])


@wrong("株式会社{}", "{}（株）", "<b>{}</b>", "&lt;{}&gt;", '"{}"', needs_reference=True)
def names_written_as(truth: Truth, form: str) -> Rows:
    """All names written as {}."""
    return _renamed(truth, lambda row: form.format(row["CoName"]))


@wrong(needs_reference=True)
def names_in_half_width(truth: Truth) -> Rows:
    """All names in compatibility form: full-width letters become half-width."""
    return _renamed(truth, lambda row: unicodedata.normalize("NFKC", row["CoName"]))


@wrong(needs_reference=True)
def codes_as_names(truth: Truth) -> Rows:
    """The code in place of every name."""
    return _renamed(truth, lambda row: str(row["Code"]))


@wrong(needs_reference=True)
def sectors_as_names(truth: Truth) -> Rows:
    """The name of the sector in place of every name."""
    return _renamed(truth, lambda row: str(row["S33Nm"]))


@wrong(needs_reference=True)
def english_names_gone(truth: Truth) -> Rows:
    """All English names blank."""
    return with_all(truth.rows, CoNameEn="")


@wrong(needs_reference=True)
def english_names_moved(truth: Truth) -> Rows:
    """All English names moved by one row."""
    names = [row["CoNameEn"] for row in truth.rows]
    return [
        row | {"CoNameEn": name}
        for row, name in zip(truth.rows, [*names[1:], names[0]], strict=True)
    ]


@wrong(
    *("\x00", "\x07", "\x1f", "\n", "\x7f", "\x85", "\x9b"),
    *("\u202e", "\u2066", "\u200f"),
    needs_reference=True,
)
def control_in_all_names(truth: Truth, character: str) -> Rows:
    """A character in every name that cannot be stored or shown."""
    return _renamed(truth, lambda row: f"{row['CoName'][:1]}{character}{row['CoName'][1:]}")


@wrong(
    *("\x00", "\x07", "\x1f", "\n", "\t", "\x7f", "\x85", "\x9b"),
    *("\u202e", "\u2066", "\u200f", "\u2028", "\ufeff"),
    nature=Nature.CLEANED,
)
def control_in_one_name(truth: Truth, character: str) -> Rows:
    """A character in one name that cannot be stored or shown."""
    return with_one(truth.rows, CoName=f"日本{character}銘柄")


@wrong(nature=Nature.CLEANED)
def control_in_one_english_name(truth: Truth) -> Rows:
    """A control character in one English name."""
    return with_one(truth.rows, CoNameEn="NIPPON\x1fMEIGARA")


@wrong(nature=Nature.OPEN)
def half_a_character(truth: Truth) -> Rows:
    """Half of a surrogate pair in one name."""
    return with_one(truth.rows, CoName="日本\ud83d")


@wrong(
    "<script>alert(1)</script>銘柄",
    "＜銘柄＞",
    "=1+1銘柄",
    "Ａ&Ｂ銘柄",
    "𠮷野家銘柄",
    "Ｑ'銘柄\"",
    nature=Nature.LEGITIMATE,
)
def unusual_name(truth: Truth, name: str) -> Rows:
    """One name is {}, which is shown as text."""
    return with_one(truth.rows, CoName=name)


@wrong(nature=Nature.LEGITIMATE)
def long_name(truth: Truth) -> Rows:
    """One name of 5,000 characters."""
    return with_one(truth.rows, CoName="長" * 5_000)


@wrong(nature=Nature.LEGITIMATE)
def names_with_space_around(truth: Truth) -> Rows:
    """Space around every name: surrounding space means nothing."""
    return _renamed(truth, lambda row: f" {row['CoName']}\u3000")


@wrong(nature=Nature.OPEN)
def two_of_one_name(truth: Truth) -> Rows:
    """One issue takes the name of another: three real names occur twice."""
    return with_one(truth.rows, CoName=truth.rows[0]["CoName"])
