"""Years of the schedule in seconds, with every disaster at random; `make soak` does far more."""

import pytest

from tests.soak import soak, violations_in


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_slot_is_lost_or_doubled_whatever_happens(database_url: str, seed: int) -> None:
    found = soak(database_url, seed, slots=100)
    assert found["crashes"] > 0
    assert found["slots"] >= 50
    assert violations_in(found) == {}
