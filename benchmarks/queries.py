"""How quick are questions about today's list and about any day of twenty years?"""

import asyncio
import datetime as dt
import time
from collections.abc import Iterator, Mapping
from statistics import median

import msgspec
import sqlalchemy as sa

from benchmarks.rosters import codes
from meigara.db.engine import Database
from meigara.db.history import add
from meigara.db.labels import place_labels
from meigara.db.migrate import upgrade
from meigara.db.models import StoredRoster
from meigara.db.url import database_url
from meigara.domain.issue import ListedIssue
from meigara.domain.roster import LabelKind
from meigara.domain.run import RunStatus, Trigger
from meigara.domain.timeline import Interval
from meigara.services import queue, runs
from meigara.services.issues import IssueQuery, find_issues

CURRENT, GONE = 4_400, 1_100
_FIRST, _LAST = dt.date(2005, 7, 1), dt.date(2025, 7, 1)
_MIDDLE = dt.date(2014, 11, 20)
_VERSIONS_EACH = 4
"""How many earlier versions an issue has: 18,000 and more in all, beside those of the gone."""
_LABELS = {(LabelKind.MARKET, "0111"): "プライム", (LabelKind.SECTOR33, "3650"): "電気機器"}

QUESTIONS: Mapping[str, IssueQuery] = {
    "today, whole list": IssueQuery(),
    "as of a day, whole list": IssueQuery(as_of=_MIDDLE),
    "today, one code": IssueQuery(code="72030"),
    "as of a day, one code": IssueQuery(as_of=_MIDDLE, code="72030"),
    "search, Japanese name": IssueQuery(search="電機 7203"),
    "search, English name": IssueQuery(search="electric 7203"),
    "search as of a day": IssueQuery(as_of=_MIDDLE, search="ＥＬＥＣＴＲＩＣ 7203"),
}


class Asked(msgspec.Struct, frozen=True):
    """A question, how many issues answered it, and the median seconds it took."""

    question: str
    database: str
    found: int
    seconds: float


def ask_all(kind: str, url: str, rounds: int) -> list[Asked]:
    """Write twenty years of history into an empty database and ask each question `rounds` times."""
    upgrade(url)
    return asyncio.run(_ask_all(kind, url, rounds))


async def _ask_all(kind: str, url: str, rounds: int) -> list[Asked]:
    database = Database(database_url(url))
    try:
        await _write_history(database)
        answers: dict[str, list[tuple[int, float]]] = {question: [] for question in QUESTIONS}
        for _ in range(rounds + 1):
            for question, query in QUESTIONS.items():
                answers[question].append(await _ask(database, query))
    finally:
        await database.close()
    return [
        Asked(question, kind, given[0][0], median(seconds for _, seconds in given[1:]))
        for question, given in answers.items()
    ]


async def _ask(database: Database, query: IssueQuery) -> tuple[int, float]:
    start = time.perf_counter()
    async with database.reading() as session:
        found = await find_issues(session, query)
    return len(found), time.perf_counter() - start


async def _write_history(database: Database) -> None:
    now = dt.datetime.now(dt.UTC)
    for day in (_FIRST, _LAST):
        run_id = await queue.begin_run(database, queue.RunRequest(Trigger.CLI), "benchmark", now)
        receipt = {"run_id": run_id, "as_of": day, "fetched_at": now, "digest": ""}
        async with database.writing() as session:
            await session.execute(
                sa.insert(StoredRoster).values(**receipt, row_count=CURRENT, is_published=True)
            )
            sizes = {"as_of": day, "total": CURRENT, "companies": CURRENT}
            await runs.finish(session, run_id, "benchmark", RunStatus.SUCCEEDED, now, **sizes)
    async with database.writing() as session:
        await add(session, _intervals(), run_id)
        await place_labels(session, _LABELS, _FIRST, None)


def _intervals() -> Iterator[Interval[ListedIssue]]:
    """Yield the versions of all issues. About as many come as leave: some 4,400 hold on each day.

    A quarter of today's issues came in the second half of the time, when the gone ones left.
    """
    half = _FIRST + (_LAST - _FIRST) / 2
    for number, code in enumerate(codes(CURRENT + GONE)):
        turn = half + dt.timedelta(days=number % 3000)
        is_current = number < CURRENT
        is_young = is_current and number % 4 == 1
        first, last = turn if is_young else _FIRST, _LAST if is_current else turn
        step = (last - first) / (_VERSIONS_EACH + 1)
        starts = [first + step * version for version in range(_VERSIONS_EACH + 1)]
        ends = [*starts[1:], None if is_current else last]
        for version, (start, end) in enumerate(zip(starts, ends, strict=True)):
            yield Interval(start, end, _version(code, version))


def _version(code: str, version: int) -> ListedIssue:
    name = f"東北{code[:4]}電機工業{'新' * version}"
    name_en = f"TOHOKU {code[:4]} Electric Industry {version} Co.,Ltd."
    return ListedIssue(
        code, name, name_en, "9", "3650", "TOPIX Small 2", "0111", str(version % 2 + 1), "011"
    )
