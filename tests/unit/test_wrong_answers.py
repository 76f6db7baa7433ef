"""The generator of wrong answers makes what it says, and the evaluation counts it rightly."""

import datetime as dt
import json
from pathlib import Path
from random import Random

import pytest

from meigara.simulator.market import Market
from tests.evaluation import Verdict, shares, table
from tests.situations import Situation, next_day, previous_day, situations
from tests.wrong_answers import KINDS, MODULES, Nature, Truth, bodies_of

AS_OF = dt.date(2025, 7, 14)
ONE_OF_EACH_FAMILY = list({kind.family: kind for kind in KINDS.values()}.values())


@pytest.fixture(scope="module")
def truth() -> Truth:
    stored = [dict(row) for row in Market(7).roster(dt.date(2025, 7, 11))]
    rows = next_day(stored, Random(1))
    return Truth(rows, AS_OF, Random(7), stored, previous_day(stored, Random(2)))


def test_there_are_at_least_ninety_families_of_kinds_and_each_says_what_is_wrong() -> None:
    assert len(ONE_OF_EACH_FAMILY) >= 90
    assert [kind.name for kind in KINDS.values() if not kind.says] == []
    assert {kind.module for kind in KINDS.values()} == {module.__name__ for module in MODULES}


def test_each_kind_differs_from_the_truth_and_leaves_it_alone(truth: Truth) -> None:
    right = bodies_of([truth.rows])
    assert [kind.name for kind in ONE_OF_EACH_FAMILY if kind.bodies(truth) == right] == []
    assert bodies_of([truth.rows]) == right


def test_the_same_seed_draws_the_same_rows(truth: Truth) -> None:
    def made(seed: int) -> tuple[bytes, ...]:
        drawn = Truth(truth.rows, AS_OF, Random(seed), truth.stored, truth.older)
        return KINDS["delisted-10%"].bodies(drawn)

    assert made(1) == made(1) != made(2)


def test_each_page_but_the_last_names_the_next() -> None:
    pages = [json.loads(body) for body in bodies_of([[{"Code": "1"}], [{"Code": "2"}], []])]
    assert [page.get("pagination_key") for page in pages] == ["page1.", "page2.", None]


def test_what_only_an_earlier_list_shows_is_not_counted_for_a_first_one() -> None:
    assert KINDS["delisted-10%"].nature_after(None) is Nature.OPEN
    assert KINDS["empty"].nature_after(None) is Nature.DEFECT


def test_what_nobody_could_tell_after_years_is_not_counted_then() -> None:
    kind = KINDS["delisted-in-a-month-1%"]
    assert (kind.nature_after(30), kind.nature_after(900)) == (Nature.SUSPICION, Nature.OPEN)


def test_an_unchanged_list_is_right_on_the_next_day_and_wrong_a_month_later() -> None:
    kind = KINDS["stored-list-under-a-new-date"]
    assert (kind.nature_after(1), kind.nature_after(30)) == (Nature.LEGITIMATE, Nature.SUSPICION)


def test_the_report_counts_what_was_caught_and_what_was_refused_wrongly() -> None:
    found = [
        Verdict("empty", "a day", Nature.DEFECT, ("refused: empty_answer",)),
        Verdict("row-twice", "a day", Nature.DEFECT, ()),
        Verdict("long-name", "a day", Nature.LEGITIMATE, ("held: too_long",)),
        Verdict("labels-blank-Mkt", "a day", Nature.OPEN, ()),
    ]
    assert "1 of 2 wrong answers caught (50.0%); 1 of 2 right ones not" in shares(found)
    assert "| row-twice | defect | **published** |" in table(found)


def test_the_invented_market_stands_in_where_the_real_lists_are_missing(tmp_path: Path) -> None:
    found = situations(tmp_path)
    assert [each.name for each in found[:2]] == ["first list", "a day"]
    assert [each.days for each in found] == [None, 3, 30, 62, 1157]


def test_a_situation_knows_how_many_days_lie_between(truth: Truth) -> None:
    beside = Situation("a day", AS_OF, truth.rows, truth.stored)
    assert (beside.days, Situation("first", AS_OF, truth.rows).days) == (3, None)
