"""Beside which stored list is an answer judged, and which true lists are there?

Real lists are read from the folder beside the checkout; where they are missing, the invented
market of the simulator stands in for them.
"""

import datetime as dt
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import combinations
from pathlib import Path
from random import Random

from meigara.simulator import calendar
from meigara.simulator.market import Market
from tests import jpx_files
from tests.wrong_answers import Bodies, Rows, Truth, bodies_of

Lists = dict[dt.date, Rows]

LAST_CODE = "99970"
"""The code with which the list has ended for decades."""
REFORM = dt.date(2022, 4, 4)
"""The day on which the segments of the market were replaced: held once, on purpose."""

_STEPS = {
    "a day": (dt.date(2025, 7, 11), dt.date(2025, 7, 14)),
    "a month": (dt.date(2025, 4, 30), dt.date(2025, 5, 30)),
    "two months": (dt.date(2025, 5, 30), dt.date(2025, 7, 31)),
    "three years": (dt.date(2022, 5, 31), dt.date(2025, 7, 31)),
}


@dataclass(frozen=True)
class Situation:
    """A true list, the list stored before it (none: a first list), and those before that."""

    name: str
    as_of: dt.date
    rows: Rows
    stored: Rows = field(default_factory=list)
    older: list[Rows] = field(default_factory=list)

    @property
    def stored_on(self) -> dt.date | None:
        """The date of the stored list."""
        return _date_of(self.stored) if self.stored else None

    @cached_property
    def base(self) -> Bodies | None:
        """The stored list as an answer; None for a first list."""
        return bodies_of([self.stored]) if self.stored else None

    @cached_property
    def before(self) -> list[tuple[dt.date, Bodies]]:
        """The lists before the stored one as answers, each with its date; the oldest first."""
        return [(_date_of(rows), bodies_of([rows])) for rows in self.older]

    @property
    def days(self) -> int | None:
        """The number of days since the stored list."""
        return (self.as_of - self.stored_on).days if self.stored_on else None

    def truth(self, seed: int) -> Truth:
        """Return the true list to make wrong ones of."""
        return Truth(
            self.rows, self.as_of, Random(seed), self.stored, self.older[-1] if self.older else []
        )


def situations(shared: Path) -> list[Situation]:
    """Return the situations: a first list, then a day, months and years after a stored one."""
    lists, jquants = real_lists(shared), jquants_list(shared)
    if not lists or not jquants:
        return [_first(_invented(_STEPS["a day"][0])), *_beside_invented()]
    return [_first(jquants), _a_day_after(jquants), *_beside_real(lists)]


def _first(rows: Rows) -> Situation:
    return Situation("first list", _date_of(rows), rows)


def _a_day_after(rows: Rows) -> Situation:
    after = next_day(rows, Random(1))
    return Situation("a day", _date_of(after), after, rows, [previous_day(rows, Random(2))])


def _beside_real(lists: Lists) -> list[Situation]:
    return [
        Situation(name, after, lists[after], lists[before], [lists[_before(lists, before)]])
        for name, (before, after) in _STEPS.items()
        if name != "a day"
    ]


def _before(lists: Lists, day: dt.date) -> dt.date:
    return max(other for other in lists if other < day)


def _beside_invented() -> list[Situation]:
    return [
        Situation(
            name,
            after,
            _invented(after),
            _invented(before),
            [_invented(calendar.on_or_before(before - dt.timedelta(days=40)))],
        )
        for name, (before, after) in _STEPS.items()
    ]


@lru_cache(maxsize=1)
def _market() -> Market:
    return Market(7)


def _invented(day: dt.date) -> Rows:
    return [dict(row) for row in _market().roster(calendar.on_or_before(day))]


def real_lists(shared: Path) -> Lists:
    """Return the real lists that can be compared with one another, by their date."""
    folder = shared / "rosters-jpx"
    found = [_read(path) for path in sorted(folder.glob("*.json.gz"))] if folder.is_dir() else []
    lists = {_date_of(rows): rows for rows in found}
    if (shared / "jpx-files").is_dir():
        known = {row["Code"]: row for rows in found for row in rows}
        for path in jpx_files.readable_files(shared / "jpx-files"):
            rows = jpx_files.rows_of(path, known)
            lists.setdefault(_date_of(rows), rows)
    return dict(sorted(lists.items()))


def jquants_list(shared: Path) -> Rows:
    """Return the real answer of J-Quants; nothing where it is missing."""
    path = shared / "rosters-jquants" / "2025-07-11.json.gz"
    return _read(path) if path.is_file() else []


def true_pairs(shared: Path) -> list[Situation]:
    """Return each pair of comparable real lists as the later one beside the earlier one."""
    lists = real_lists(shared)
    return [
        Situation(f"{before} → {after}", after, lists[after], lists[before])
        for before, after in combinations(lists, 2)
    ]


def fields_become_known(shared: Path) -> list[Situation]:
    """Return a true list beside one of the day before, stored without some of its fields."""
    before, after = _two_days(shared)
    lacking = [("Mrgn", "MrgnNm"), ("ProdCat",), ("Mrgn", "MrgnNm", "ProdCat")]
    return [
        Situation(
            f"{', '.join(fields)} becomes known",
            _date_of(after),
            after,
            [{name: row[name] for name in row if name not in fields} for row in before],
        )
        for fields in lacking
    ]


def unchanged(shared: Path, business_days: int) -> Situation:
    """Return a true list that was stored with the same content on each of so many days before."""
    rows, _ = _two_days(shared)
    days = [_date_of(rows)]
    for _ in range(business_days):
        days.append(calendar.next_after(days[-1]))
    lists = [[row | {"Date": day.isoformat()} for row in rows] for day in days]
    name = f"unchanged for {business_days} business days"
    return Situation(name, days[-1], lists[-1], lists[-2], lists[:-2])


def creeping(shared: Path, name: str, step: Callable[[Truth], Rows], days: int) -> Situation:
    """Return a list that became a little more wrong on each of so many days."""
    rows, _ = _two_days(shared)
    random, lists = Random(7), [rows]
    for _ in range(days):
        day = calendar.next_after(_date_of(lists[-1]))
        made = step(Truth(lists[-1], day, random))
        lists.append([row | {"Date": day.isoformat()} for row in made])
    return Situation(f"{name}, day {days}", day, lists[-1], lists[-2], lists[:-2])


def _two_days(shared: Path) -> tuple[Rows, Rows]:
    rows = jquants_list(shared) or _invented(_STEPS["a day"][0])
    return rows, next_day(rows, Random(1))


def next_day(rows: Rows, random: Random) -> Rows:
    """Return the list of the next business day, with the small changes of a true day."""
    day = calendar.next_after(_date_of(rows))
    gone, renamed, moved = random.sample(range(1, len(rows) - 1), 3)
    after = [row | {"Date": day.isoformat()} for row in rows]
    after[renamed]["CoName"] = f"{after[renamed]['CoName']}ホールディングス"
    after[moved] |= {"Mrgn": "1", "MrgnNm": "信用"}
    listed = next(row for row in reversed(after) if row["Mkt"] == "0113")
    new = listed | {"Code": "999A0", "CoName": "新規上場銘柄", "CoNameEn": "NEWLY LISTED"}
    return [*after[:gone], *after[gone + 1 : -1], new, after[-1]]


def previous_day(rows: Rows, random: Random) -> Rows:
    """Return a list of the business day before, from which three names and a code differ."""
    day = calendar.last_before(_date_of(rows)).isoformat()
    before = [row | {"Date": day} for row in rows]
    for at in random.sample(range(1, len(rows) - 1), 3):
        before[at]["CoName"] = f"旧{before[at]['CoName']}"
    del before[random.randrange(1, len(rows) - 1)]
    return before


def _date_of(rows: Rows) -> dt.date:
    return dt.date.fromisoformat(rows[0]["Date"])


def _read(path: Path) -> Rows:
    rows: Rows = json.loads(gzip.decompress(path.read_bytes()))["data"]
    return rows
