"""What does the guard say to an answer of J-Quants?

This is the one place where the evaluation of wrong answers meets the program.
"""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from meigara.domain.changes import compare
from meigara.domain.guard import (
    GuardLimits,
    Held,
    HoldReason,
    defects_of,
    goes_backwards,
    suspicions_of,
)
from meigara.domain.issue import received_issue_of
from meigara.domain.roster import Roster
from meigara.errors import JQuantsContractBroken
from meigara.jquants.wire import decode_page, roster_from

Bodies = tuple[bytes, ...]

REFUSED = "refused"
HELD = "held"


def judge(
    base: Bodies | None,
    base_date: dt.date | None,
    answer: Bodies,
    now: dt.datetime,
    older: Sequence[tuple[dt.date, Bodies]] = (),
) -> list[str]:
    """Return why an answer is not published by itself; nothing if it is.

    `base` is the newest stored list, None for a first one; `older` are lists stored before it.
    Each reason begins with `refused`, where no person may apply the answer, or `held`, and ends
    with the rule.
    """
    try:
        return list(map(_written, _reasons(base, base_date, _roster(answer))))
    except (msgspec.DecodeError, UnicodeDecodeError, JQuantsContractBroken) as error:
        return [f"{REFUSED}: {type(error).__name__}"]


def _reasons(base: Bodies | None, base_date: dt.date | None, roster: Roster) -> list[HoldReason]:
    defects = list(defects_of(roster))
    if defects or roster.as_of is None:
        return defects
    before = _stored(base) if base else frozenset()
    change_set = compare(before, roster.contents).change_set
    held = Held(base_date, len(before)) if base_date else None
    backwards = goes_backwards(roster, base_date)
    suspicions = suspicions_of(roster, held, change_set, GuardLimits())
    return [*([backwards] if backwards else []), *suspicions]


def _written(reason: HoldReason) -> str:
    field = reason.details.get("field")
    rule = f"{reason.kind}/{field}" if field else str(reason.kind)
    return f"{REFUSED if reason.is_defect else HELD}: {rule}"


def _roster(bodies: Bodies) -> Roster:
    return roster_from([decode_page(body) for body in bodies])


@lru_cache(maxsize=16)
def _stored(bodies: Bodies) -> frozenset[str]:
    """Return the contents of a list as they are stored."""
    return frozenset(received_issue_of(content).content for content in _roster(bodies).contents)
