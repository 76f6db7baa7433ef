"""How many wrong answers does the guard catch, and how many true ones does it hold?

`python -m tests.evaluation [--seed N] [--missed] [--only TEXT]` prints a table: each
kind of wrong answer in each situation, then the true lists that are judged wrongly.
"""

import argparse
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tests.conftest import SHARED
from tests.judging import judge
from tests.situations import (
    LAST_CODE,
    REFORM,
    Situation,
    creeping,
    fields_become_known,
    situations,
    true_pairs,
    unchanged,
)
from tests.wrong_answers import KINDS, Kind, Nature, Rows, Truth, bodies_of
from tests.wrong_answers.kinds import changed, without
from tests.wrong_answers.listings import invented_rows

TOKYO = ZoneInfo("Asia/Tokyo")

CREEPING: Mapping[str, Callable[[Truth], Rows]] = {
    "0.3 % missing each day": lambda truth: without(truth.rows, truth.positions(0.3)),
    "12 invented each day": lambda truth: [*truth.rows, *invented_rows(truth, 12)],
    "0.3 % renamed each day": lambda truth: changed(
        truth.rows, truth.positions(0.3), lambda row: row | {"CoName": f"{row['CoName']}新"}
    ),
}
"""What is little enough on one day, and too much when it goes on for eight."""


@dataclass(frozen=True)
class Verdict:
    """What became of an answer, and what must become of it."""

    kind: str
    situation: str
    nature: Nature
    reasons: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Say whether it became what it must; always so where either is right."""
        if self.nature is Nature.OPEN:
            return True
        return bool(self.reasons) == self.nature.is_wrong

    @property
    def cell(self) -> str:
        """The verdict in a word: `published`, or the first rule that spoke."""
        mark = "" if self.is_right else "**"
        more = f" +{len(self.reasons) - 1}" if len(self.reasons) > 1 else ""
        return f"{mark}{self.reasons[0] + more if self.reasons else 'published'}{mark}"


def verdict(kind: Kind, situation: Situation, seed: int) -> Verdict:
    """Apply a kind to the later true list, and ask the guard."""
    answer = kind.bodies(situation.truth(seed))
    return Verdict(
        kind.name, situation.name, kind.nature_after(situation.days), _judged(situation, answer)
    )


def verdicts(seed: int, only: str = "") -> Iterator[Verdict]:
    """Judge every kind whose name holds `only` in every situation for which it can be made."""
    kinds = [kind for kind in KINDS.values() if only in kind.name]
    for situation in situations(SHARED):
        for kind in kinds:
            if situation.stored or not kind.needs_reference:
                yield verdict(kind, situation, seed)


def true_verdicts() -> Iterator[Verdict]:
    """Judge every real list: each as a first one, and each beside each earlier one."""
    pairs = true_pairs(SHARED)
    lists = {pair.as_of: pair for pair in pairs}.values()
    first = [Situation(f"{pair.as_of} first", pair.as_of, pair.rows) for pair in lists]
    for situation in (*first, *pairs, *situations(SHARED), *fields_become_known(SHARED)):
        answer = bodies_of([situation.rows])
        yield Verdict("truth", situation.name, _nature_of(situation), _judged(situation, answer))
    for name, step in CREEPING.items():
        situation = creeping(SHARED, name, step, days=8)
        answer = bodies_of([situation.rows])
        yield Verdict("truth", situation.name, Nature.SUSPICION, _judged(situation, answer))
    for days in (1, 4, 9, 11, 20):
        situation = unchanged(SHARED, days)
        nature = Nature.SUSPICION if days > 10 else Nature.LEGITIMATE
        answer = bodies_of([situation.rows])
        yield Verdict("truth", situation.name, nature, _judged(situation, answer))


def _nature_of(situation: Situation) -> Nature:
    """Return what must become of a true list: across the reform, either is right.

    Some files of 2023 and 2024 lack their last row, an issue that never left the list.
    """
    before = situation.stored_on
    if (
        before is not None
        and situation.rows[-1]["Code"] < LAST_CODE <= situation.stored[-1]["Code"]
    ):
        return Nature.SUSPICION
    crosses = before is not None and before < REFORM <= situation.as_of
    return Nature.OPEN if crosses else Nature.LEGITIMATE


def _judged(situation: Situation, answer: tuple[bytes, ...]) -> tuple[str, ...]:
    now = dt.datetime.combine(situation.as_of, dt.time(12), TOKYO)
    return tuple(judge(situation.base, situation.stored_on, answer, now, situation.before))


def table(found: Iterable[Verdict]) -> str:
    """Return a table in Markdown: a row for each kind, a column for each situation."""
    cells: dict[str, dict[str, str]] = {}
    names: dict[str, None] = {}
    for each in found:
        cells.setdefault(each.kind, {})[each.situation] = each.cell
        names[each.situation] = None
    lines = ["| " + " | ".join(["kind", "must be", *names]) + " |", "|---" * (len(names) + 2) + "|"]
    for kind, row in cells.items():
        must = KINDS[kind].nature.value if kind in KINDS else ""
        lines.append("| " + " | ".join([kind, must, *(row.get(n, "·") for n in names)]) + " |")
    return "\n".join(lines)


def shares(found: list[Verdict]) -> str:
    """Return how many wrong answers were caught, and how many right ones were not published."""
    lines: list[str] = []
    for name in [*dict.fromkeys(each.situation for each in found), "all"]:
        of_name = [each for each in found if name in (each.situation, "all")]
        wrong = [each for each in of_name if each.nature.is_wrong]
        right = [each for each in of_name if not each.nature.is_wrong]
        caught, refused = sum(each.is_right for each in wrong), Counter(e.is_right for e in right)
        share = f"{caught / len(wrong):.1%}" if wrong else "–"
        lines.append(
            f"{name}: {caught} of {len(wrong)} wrong answers caught ({share});"
            f" {refused[False]} of {len(right)} right ones not published"
        )
    return "\n".join(lines)


def families(found: list[Verdict]) -> str:
    """Return how many families of kinds are caught in each of their forms and situations."""
    wrong = [each for each in found if each.nature.is_wrong]
    every = {KINDS[each.kind].family for each in wrong}
    missed = {KINDS[each.kind].family for each in wrong if not each.is_right}
    share = (len(every) - len(missed)) / len(every)
    return f"{len(every) - len(missed)} of {len(every)} families caught throughout ({share:.1%})"


def main() -> None:
    """Print the table of wrong answers, the true lists that were held, and the shares."""
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="of what is drawn at random")
    parser.add_argument("--missed", action="store_true", help="only the kinds that went wrong")
    parser.add_argument("--only", default="", help="only the kinds whose name holds this")
    given = parser.parse_args()
    found = list(verdicts(given.seed, given.only))
    bad = {each.kind for each in found if not each.is_right}
    print(table(each for each in found if each.kind in bad or not given.missed))
    true = list(true_verdicts())
    print("\nTrue lists that are not published, and stale or creeping ones that are:\n")
    for each in true:
        if each.reasons or not each.is_right:
            said = "; ".join(each.reasons) or "published"
            print(f"- {each.situation}: {said} (must be {each.nature})")
    print(
        f"\n{len(true)} lists without a kind, {sum(not e.is_right for e in true)} judged wrongly\n"
    )
    print(shares(found))
    print(families(found))


if __name__ == "__main__":
    main()
