"""Whatever was published in whatever order: taking a day out leaves what would be without it."""

import asyncio
import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meigara.db.engine import Database
from meigara.db.url import database_url
from meigara.services.retracting import retract
from tests.integration.conftest import DAY1, NOW
from tests.integration.publishing import assert_as_if_never, published
from tests.rosters import an_issue, by_code

_WRONG_DAY = DAY1 + dt.timedelta(days=2)
_AROUND = tuple(DAY1 + dt.timedelta(days=n) for n in (0, 1, 3, 6))


class Published(NamedTuple):
    """A list that is published: of which day, its issues by number, and the names of classes."""

    day: dt.date
    issues: dict[int, tuple[str, str]]
    suffix: str


_issues = st.dictionaries(
    st.integers(1, 4),
    st.tuples(st.sampled_from("ab"), st.sampled_from(("0111", "0112"))),
    min_size=1,
)
_others = st.builds(Published, st.sampled_from(_AROUND), _issues, st.sampled_from(("", "!")))
_wrong = st.builds(Published, st.just(_WRONG_DAY), _issues, st.sampled_from(("", "?")))
_orders = st.lists(_others, max_size=6, unique_by=lambda each: each.day)


async def _publish(store: Database, lists: list[Published]) -> None:
    for each in lists:
        issues = by_code(
            an_issue(f"{number}0000", name=name, market=market)
            for number, (name, market) in each.issues.items()
        )
        await published(store, each.day, issues, suffix=each.suffix)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=_orders, wrong=st.lists(_wrong, min_size=1, max_size=2), after=_orders)
def test_a_day_that_is_taken_out_was_never_there(
    migrated_file: Path, before: list[Published], wrong: list[Published], after: list[Published]
) -> None:
    days = {each.day for each in before}
    after = [each for each in after if each.day not in days]

    async def compare(folder: Path) -> None:
        stores = []
        for name in ("poisoned.db", "never.db"):
            shutil.copy(migrated_file, folder / name)
            stores.append(Database(database_url(f"sqlite:///{folder / name}")))
        poisoned, never = stores
        await _publish(poisoned, [*before, *wrong, *after])
        await _publish(never, [*before, *after])
        await retract(poisoned, _WRONG_DAY, None, NOW)
        await assert_as_if_never(poisoned, never)
        for store in stores:
            await store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(Path(folder)))
