"""Which wrong answers are caught, and that no true list is held.

All kinds in all situations are judged by `python -m tests.evaluation`; here each family of kinds
is judged once, in one situation after the other.
"""

from itertools import cycle

import pytest

from tests.conftest import SHARED
from tests.evaluation import Verdict, true_verdicts, verdict
from tests.situations import Situation, situations
from tests.wrong_answers import KINDS, Kind

LEAST_SHARE = 0.98


@pytest.fixture(scope="module")
def judged() -> list[Verdict]:
    """Judge one kind of each family, each beside another stored list."""
    families: dict[str, Kind] = {}
    for kind in KINDS.values():
        families.setdefault(kind.family, kind)
    places = cycle(situations(SHARED))
    return [verdict(kind, _fitting(kind, next(places)), seed=7) for kind in families.values()]


def _fitting(kind: Kind, place: Situation) -> Situation:
    """Return the place, or one with a stored list for a kind that shows only beside one."""
    if place.stored or not kind.needs_reference:
        return place
    return next(each for each in situations(SHARED) if each.stored)


def test_wrong_answers_of_every_family_are_caught(judged: list[Verdict]) -> None:
    wrong = [each for each in judged if each.nature.is_wrong]
    missed = [f"{each.kind} ({each.situation})" for each in wrong if not each.is_right]
    assert len(wrong) > 150
    assert 1 - len(missed) / len(wrong) >= LEAST_SHARE, missed


def test_what_is_right_however_odd_is_published(judged: list[Verdict]) -> None:
    right = [each for each in judged if not each.nature.is_wrong]
    assert [f"{each.kind}: {each.cell}" for each in right if not each.is_right] == []


def test_no_true_list_is_held_and_no_stale_or_creeping_one_is_published() -> None:
    found = list(true_verdicts())
    assert len(found) > 10
    assert [f"{each.situation}: {each.cell}" for each in found if not each.is_right] == []
