"""What is a roster: the whole list of one date, as the source gave it?"""

import datetime as dt
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum


class LabelKind(StrEnum):
    """The code tables whose names come with the roster."""

    SECTOR17 = "sector17"
    SECTOR33 = "sector33"
    MARKET = "market"
    MARGIN = "margin"


LabelKey = tuple[LabelKind, str]
"""A code of a code table."""

Labels = Mapping[LabelKey, str]
"""The name the source gives each code, for example (MARKET, "0111") → "プライム"."""


@dataclass(frozen=True, slots=True)
class Defects:
    """What is wrong with an answer in itself, whatever the list before it was.

    `partly_missing` are attributes of an issue that are optional, and that some rows lack.
    """

    is_page_missing: bool = False
    missing_fields: Mapping[str, int] = field(default_factory=dict)
    partly_missing: Mapping[str, int] = field(default_factory=dict)
    doubled_codes: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """All issues of one as-of date, each as its `content` (see `ListedIssue.content`).

    `as_of` is the date the rows carry, never the date asked for or the day of the fetch;
    it is None only where the answer has no row, or rows of several dates.
    A roster with defects is never published.
    """

    as_of: dt.date | None
    contents: Set[str]
    labels: Labels
    row_count: int
    defects: Defects = field(default_factory=Defects)
