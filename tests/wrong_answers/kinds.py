"""What is a kind of wrong answer, and how is one registered?"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any

import msgspec

Row = dict[str, Any]
Rows = list[Row]
Bodies = tuple[bytes, ...]
"""The bodies of the pages of one answer, in the order in which they are asked for."""

LABEL_OF = {"S17": "S17Nm", "S33": "S33Nm", "Mkt": "MktNm", "Mrgn": "MrgnNm"}
"""The field that names the code in another field."""


class Nature(StrEnum):
    """What must become of an answer."""

    DEFECT = "defect"
    """Broken in itself: nobody can apply it."""
    SUSPICION = "suspicion"
    """It can be read, but a person must look at it first."""
    CLEANED = "cleaned"
    """Published, with the character replaced that cannot be stored or shown."""
    LEGITIMATE = "legitimate"
    """Right: published as it is. A counter-example."""
    OPEN = "open"
    """Either is right; no figure counts it."""

    @property
    def is_wrong(self) -> bool:
        """Say whether such an answer must not be published by itself."""
        return self in (Nature.DEFECT, Nature.SUSPICION)


@dataclass(frozen=True)
class Truth:
    """The true list that a wrong answer is made of, and what was stored before.

    `stored` is the newest stored list, `older` one before it; both are empty for a first list.
    """

    rows: Rows
    as_of: dt.date
    random: Random
    stored: Rows = field(default_factory=list)
    older: Rows = field(default_factory=list)

    def positions(self, share: float) -> set[int]:
        """Draw that share of the rows, or that many if it is 1 or more."""
        return drawn(self.random, range(len(self.rows)), share)


@dataclass(frozen=True)
class Kind:
    """One way in which an answer is wrong.

    family: the name without its argument.
    needs_reference: it shows only beside an earlier list.
    within: the days since the stored list after which nobody could tell it from the truth.
    after: the days since the stored list before which it is legitimate.
    """

    name: str
    family: str
    module: str
    says: str
    nature: Nature
    needs_reference: bool
    within: int | None
    after: int
    make: Callable[[Truth], Rows | Bodies]

    def bodies(self, truth: Truth) -> Bodies:
        """Return the wrong answer; the truth stays as it is."""
        made = self.make(truth)
        return made if isinstance(made, tuple) else bodies_of([made])

    def nature_after(self, days: int | None) -> Nature:
        """Return what must become of it so many days after the stored list; None: a first list."""
        if not self.nature.is_wrong:
            return self.nature
        if days is None:
            return Nature.OPEN if self.needs_reference else self.nature
        if days < self.after:
            return Nature.LEGITIMATE
        return Nature.OPEN if self.within is not None and days > self.within else self.nature


REGISTERED: dict[str, Kind] = {}
"""The kinds of the modules imported so far, by name."""


def wrong(
    *arguments: float | str,
    nature: Nature = Nature.SUSPICION,
    needs_reference: bool = False,
    within: int | None = None,
    after: int = 0,
) -> Callable[[Callable[..., Rows | Bodies]], Callable[..., Rows | Bodies]]:
    """Register a function as a kind, or as one kind for each of the arguments.

    The docstring says what is wrong, with `{}` for the argument.
    """

    def register(make: Callable[..., Rows | Bodies]) -> Callable[..., Rows | Bodies]:
        for given in [(argument,) for argument in arguments] if arguments else [()]:
            family, written = make.__name__.replace("_", "-"), [_written(each) for each in given]
            name = "-".join([family, *written])
            if name in REGISTERED:
                raise ValueError(f"two kinds of wrong answer are called {name}")
            REGISTERED[name] = Kind(
                name=name,
                family=family,
                module=make.__module__,
                says=(make.__doc__ or "").strip().format(*written),
                nature=nature,
                needs_reference=needs_reference,
                within=within,
                after=after,
                make=_with(make, given),
            )
        return make

    return register


def _with(
    make: Callable[..., Rows | Bodies], given: Sequence[float | str]
) -> Callable[[Truth], Rows | Bodies]:
    return lambda truth: make(truth, *given)


def _written(argument: float | str) -> str:
    """Return an argument as text in which every character can be seen."""
    if isinstance(argument, float):
        return f"{argument:.4g}%"
    text = str(argument)
    seen = (c if c.isprintable() and not c.isspace() else f"U+{ord(c):04X}" for c in text)
    return "".join(seen) or "nothing"


def bodies_of(pages: Sequence[Rows]) -> Bodies:
    """Return the bodies of pages, each but the last with the key of the next."""
    last = len(pages) - 1
    keys = [{"pagination_key": f"page{n + 1}."} if n < last else {} for n in range(len(pages))]
    return tuple(_json({"data": rows} | key) for rows, key in zip(pages, keys, strict=True))


def _json(page: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(page)
    except UnicodeEncodeError:  # half of a surrogate pair, which the slower way can write
        return json.dumps(page).encode()


def quarters(rows: Rows) -> list[Rows]:
    """Return the rows in four pages."""
    size = -(-len(rows) // 4)
    return [rows[at : at + size] for at in range(0, 4 * size, size)]


def drawn(random: Random, positions: Iterable[int], share: float) -> set[int]:
    """Draw that percentage of the positions if it is a float, that many if it is a whole number."""
    known = list(positions)
    count = share if isinstance(share, int) else round(len(known) * share / 100)
    return set(random.sample(known, min(count, len(known))))


def without(rows: Rows, positions: Iterable[int]) -> Rows:
    """Return the rows except those at some positions."""
    gone = set(positions)
    return [row for at, row in enumerate(rows) if at not in gone]


def where(rows: Rows, holds: Callable[[Row], bool]) -> list[int]:
    """Return the positions of the rows for which something holds."""
    return [at for at, row in enumerate(rows) if holds(row)]


def changed(rows: Rows, positions: Iterable[int], change: Callable[[Row], Row]) -> Rows:
    """Return the rows, changed at some positions."""
    chosen = set(positions)
    return [change(row) if at in chosen else row for at, row in enumerate(rows)]


def with_all(rows: Rows, **values: Any) -> Rows:
    """Return the rows with the same values in all of them."""
    return [row | values for row in rows]


def with_one(rows: Rows, **values: Any) -> Rows:
    """Return the rows with values in the middle one."""
    return changed(rows, [len(rows) // 2], lambda row: row | values)


def moved(rows: Rows, positions: Iterable[int], field_: str, random: Random) -> Rows:
    """Give the rows at some positions the class of a random row that is in another one."""

    def other(row: Row) -> Row:
        while True:
            taken = random.choice(rows)
            if taken[field_] != row[field_]:
                return row | {name: taken[name] for name in (field_, LABEL_OF.get(field_, field_))}

    return changed(rows, positions, other)


def exchanged(rows: Rows, field_: str, one: str, two: str, *, labels: bool = True) -> Rows:
    """Exchange two classes, with or without their labels."""
    label = LABEL_OF.get(field_) if labels else None
    names = {row[field_]: row[label] for row in rows} if label else {}
    swap = {one: two, two: one}

    def swapped(row: Row) -> Row:
        code = swap.get(row[field_], row[field_])
        return row | {field_: code} | ({label: names.get(code, row[label])} if label else {})

    return [swapped(row) for row in rows]
