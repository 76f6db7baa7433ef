"""Answers that are too short, too long, or no answer at all."""

import json

from tests.wrong_answers.kinds import (
    Bodies,
    Nature,
    Rows,
    Truth,
    bodies_of,
    quarters,
    without,
    wrong,
)


@wrong(nature=Nature.DEFECT)
def empty(truth: Truth) -> Rows:
    """No row."""
    return []


@wrong(1, 10, 1001, 3000, 3400)
def first_rows(truth: Truth, count: int) -> Rows:
    """Only the first {} rows."""
    return truth.rows[:count]


@wrong(1000, 3000)
def last_rows(truth: Truth, count: int) -> Rows:
    """Only the last {} rows."""
    return truth.rows[-count:]


@wrong(50.0, 70.0)
def cut_to(truth: Truth, share: float) -> Rows:
    """Cut to the first {} of the rows."""
    return truth.rows[: round(len(truth.rows) * share / 100)]


@wrong(95.0, 99.0, needs_reference=True)
def cut_at_the_end_to(truth: Truth, share: float) -> Rows:
    """Cut to the first {} of the rows."""
    return truth.rows[: round(len(truth.rows) * share / 100)]


@wrong(50.0, 70.0)
def at_random(truth: Truth, share: float) -> Rows:
    """Only {} of the rows, drawn at random."""
    return without(truth.rows, truth.positions(100 - share))


@wrong(90.0, 95.0, needs_reference=True)
def almost_all_at_random(truth: Truth, share: float) -> Rows:
    """Only {} of the rows, drawn at random."""
    return without(truth.rows, truth.positions(100 - share))


@wrong(1, 10, 100, needs_reference=True)
def without_the_first(truth: Truth, count: int) -> Rows:
    """The first {} rows missing."""
    return truth.rows[count:]


@wrong(1, 10, 100, needs_reference=True)
def without_the_last(truth: Truth, count: int) -> Rows:
    """The last {} rows missing."""
    return truth.rows[:-count]


@wrong(20, 100, 440, needs_reference=True)
def without_the_middle(truth: Truth, count: int) -> Rows:
    """A block of {} rows in the middle missing."""
    middle = len(truth.rows) // 2
    return truth.rows[:middle] + truth.rows[middle + count :]


@wrong(2)
def without_every_second(truth: Truth, nth: int) -> Rows:
    """Every row number {} missing."""
    return without(truth.rows, range(nth - 1, len(truth.rows), nth))


@wrong(6, 20, needs_reference=True)
def without_every(truth: Truth, nth: int) -> Rows:
    """Every row number {} missing."""
    return without(truth.rows, range(nth - 1, len(truth.rows), nth))


@wrong(70, needs_reference=True, within=35)
def without_every_few(truth: Truth, nth: int) -> Rows:
    """Every row number {} missing."""
    return without(truth.rows, range(nth - 1, len(truth.rows), nth))


@wrong(0, 1, 2, 3)
def without_page(truth: Truth, page: int) -> Bodies:
    """Four pages of which number {}, counted from 0, is left out without a word."""
    return bodies_of([rows for at, rows in enumerate(quarters(truth.rows)) if at != page])


@wrong(nature=Nature.DEFECT)
def empty_page(truth: Truth) -> Bodies:
    """Four pages, the third without a row."""
    pages = quarters(truth.rows)
    return bodies_of([*pages[:2], [], pages[3]])


@wrong(0, 1, 3, nature=Nature.DEFECT)
def page_twice(truth: Truth, page: int) -> Bodies:
    """Four pages of which number {}, counted from 0, comes twice."""
    pages = quarters(truth.rows)
    return bodies_of([*pages[: page + 1], *pages[page:]])


@wrong(nature=Nature.DEFECT)
def page_in_place_of_another(truth: Truth) -> Bodies:
    """Four pages, the third with the rows of the second."""
    pages = quarters(truth.rows)
    return bodies_of([*pages[:2], pages[1], pages[3]])


@wrong(nature=Nature.DEFECT)
def overlapping_pages(truth: Truth) -> Bodies:
    """Four pages, each beginning with the last row of the one before."""
    pages = quarters(truth.rows)
    seams = zip([[]] + [page[-1:] for page in pages[:-1]], pages, strict=True)
    return bodies_of([before + page for before, page in seams])


@wrong(nature=Nature.LEGITIMATE)
def four_pages(truth: Truth) -> Bodies:
    """The true list in four pages."""
    return bodies_of(quarters(truth.rows))


@wrong(nature=Nature.LEGITIMATE)
def in_any_order(truth: Truth) -> Rows:
    """The true list in an order of its own: the order of the rows is not documented."""
    return truth.random.sample(truth.rows, len(truth.rows))


@wrong(nature=Nature.DEFECT)
def html_page(truth: Truth) -> Bodies:
    """A page of HTML in place of JSON."""
    return (b"<!DOCTYPE html><html><body>Just a moment</body></html>",)


@wrong(nature=Nature.DEFECT)
def cut_json(truth: Truth) -> Bodies:
    """JSON cut in the middle."""
    body = bodies_of([truth.rows])[0]
    return (body[: len(body) // 2],)


@wrong(nature=Nature.DEFECT)
def not_utf8(truth: Truth) -> Bodies:
    """JSON in Shift_JIS in place of UTF-8."""
    text = json.dumps({"data": truth.rows}, ensure_ascii=False)
    return (text.encode("cp932", errors="replace"),)


@wrong(
    *("null", "{}", "[]", "7", '{"message": "ok"}'),
    *('{"data": null}', '{"data": {}}', '{"data": [[]]}', '{"data": [null]}'),
    nature=Nature.DEFECT,
)
def other_json(truth: Truth, text: str) -> Bodies:
    """The JSON {} in place of an answer."""
    return (text.encode(),)


@wrong(nature=Nature.DEFECT)
def version_one(truth: Truth) -> Bodies:
    """An answer of version 1 of the API, its rows under another key."""
    return (json.dumps({"info": truth.rows}).encode(),)
