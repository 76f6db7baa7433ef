"""What does the guard say to an answer of J-Quants?

This is the one place where the evaluation of wrong answers meets the program. It asks the rules
themselves; what the store would add (what changed lately, which list was there before) is found
from the older lists, so that thousands of answers are judged in a minute.
"""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from meigara.domain.allowances import WINDOW_DAYS, Days, Recent, counts_of
from meigara.domain.changes import NOTHING_CHANGED, compare
from meigara.domain.guard import (
    DateFacts,
    GuardLimits,
    HoldReason,
    defects_of,
    goes_backwards,
    is_older_list,
    is_unchanged_for_long,
)
from meigara.domain.issue import received_issue_of
from meigara.domain.judgement import StoredList, suspicions_of
from meigara.domain.roster import Roster
from meigara.errors import JQuantsContractBroken
from meigara.jquants.wire import decode_page, roster_from
from meigara.services.calendar import business_day_after, business_days_since, is_business_day

Bodies = tuple[bytes, ...]

REFUSED = "refused"
HELD = "held"
LIMITS = GuardLimits()


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
    stored = [_stored(bodies, day) for day, bodies in older]
    if base is not None and base_date is not None:
        stored.append(_stored(base, base_date))
    try:
        return list(map(_written, _reasons(stored, _roster(answer), now)))
    except (msgspec.DecodeError, UnicodeDecodeError, JQuantsContractBroken) as error:
        return [f"{REFUSED}: {type(error).__name__}"]


def _reasons(stored: Sequence[StoredList], roster: Roster, now: dt.datetime) -> list[HoldReason]:
    """Judge a roster beside the stored lists, the newest of which is the last."""
    as_of = roster.as_of
    facts = None
    if as_of is not None:
        latest = business_day_after(now.date())
        facts = DateFacts(as_of > latest or is_business_day(as_of), latest)
    defects = list(defects_of(roster, facts))
    if defects or as_of is None:
        return defects
    newest = stored[-1] if stored else None
    comparison = compare(newest.contents if newest else frozenset(), roster.contents)
    early: list[HoldReason | None] = [goes_backwards(roster, newest.as_of if newest else None)]
    if comparison.change_set == NOTHING_CHANGED:
        early.append(is_unchanged_for_long(_unchanged_days(stored, as_of), LIMITS))
    else:
        contents = {issue.content for issue in comparison.issues().values()}
        equal = [each.as_of for each in stored[:-1] if each.contents == contents]
        early.append(is_older_list(as_of, equal[-1] if equal else None))
    recent = _recent(stored, as_of)
    suspicions = suspicions_of(roster, newest, recent, comparison, LIMITS)
    return [*(reason for reason in early if reason), *suspicions]


def _recent(stored: Sequence[StoredList], as_of: dt.date) -> Recent | None:
    if not stored:
        return None
    newest, limit = stored[-1], as_of - dt.timedelta(days=WINDOW_DAYS)
    since = next((each for each in reversed(stored) if each.as_of <= limit), stored[0])
    changes = compare(since.contents, newest.contents).change_set
    return Recent(since.as_of, counts_of(changes, Days(since.as_of, newest.as_of)))


def _unchanged_days(stored: Sequence[StoredList], as_of: dt.date) -> int:
    """Return the business days since the list changed last, or since it was first stored."""
    day = stored[-1].as_of
    for each in reversed(stored):
        if each.contents != stored[-1].contents:
            break
        day = each.as_of
    return business_days_since(day, as_of)


def _written(reason: HoldReason) -> str:
    field = reason.details.get("field") or reason.details.get("rule")
    rule = f"{reason.kind}/{field}" if field else str(reason.kind)
    return f"{REFUSED if reason.is_defect else HELD}: {rule}"


def _roster(bodies: Bodies) -> Roster:
    return roster_from([decode_page(body) for body in bodies])


@lru_cache(maxsize=64)
def _stored(bodies: Bodies, day: dt.date) -> StoredList:
    """Return a list as it is stored."""
    roster = _roster(bodies)
    contents = frozenset(received_issue_of(content).content for content in roster.contents)
    return StoredList(day, contents, roster.labels)
