"""What holds for any history, in whatever order its rosters were inserted."""

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from meigara.domain.timeline import History, place

FIRST = dt.date(2025, 1, 1)
days = st.integers(min_value=0, max_value=30).map(lambda n: FIRST + dt.timedelta(days=n))
rosters = st.dictionaries(days, st.one_of(st.none(), st.sampled_from("ABC")), min_size=1)


def insert(order: list[dt.date], values: dict[dt.date, str | None]) -> History[str]:
    """Insert one value after the other, each until the next date that is held by then."""
    history: History[str] = ()
    held: set[dt.date] = set()
    for day in order:
        until = min((other for other in held if other > day), default=None)
        history = place(history, day, until, values[day])
        held.add(day)
    return history


def value_on(history: History[str], day: dt.date) -> str | None:
    found = [
        each.value
        for each in history
        if each.valid_from <= day and (each.valid_to is None or day < each.valid_to)
    ]
    assert len(found) <= 1
    return found[0] if found else None


@given(values=rosters, data=st.data())
def test_a_history_is_the_same_in_any_order(
    values: dict[dt.date, str | None], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(sorted(values)))
    assert insert(list(shuffled), values) == insert(sorted(values), values)


@given(values=rosters, data=st.data())
def test_each_roster_is_answered_on_its_day_and_until_the_next(
    values: dict[dt.date, str | None], data: st.DataObject
) -> None:
    history = insert(list(data.draw(st.permutations(sorted(values)))), values)
    for day, value in values.items():
        assert value_on(history, day) == value
    for earlier, later in pairwise(sorted(values)):
        assert value_on(history, later - dt.timedelta(days=1)) == values[earlier]


@given(values=rosters)
def test_a_history_is_as_short_as_it_can_be(values: dict[dt.date, str | None]) -> None:
    history = insert(sorted(values), values)
    for earlier, later in pairwise(history):
        assert earlier.valid_to is not None
        assert earlier.valid_to <= later.valid_from
        assert earlier.valid_to < later.valid_from or earlier.value != later.value


@given(values=rosters, correction=st.one_of(st.none(), st.sampled_from("ABC")))
def test_a_correction_of_the_same_day_replaces_what_was_said(
    values: dict[dt.date, str | None], correction: str | None
) -> None:
    newest = max(values)
    corrected = place(insert(sorted(values), values), newest, None, correction)
    assert corrected == insert(sorted(values), values | {newest: correction})
