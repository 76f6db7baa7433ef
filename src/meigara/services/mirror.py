"""What would J-Quants answer, as far as the store knows? In its own field names.

Field names, envelope and the rules for dates: J-Quants API v2, "Listed Issue Master" (eq-master)
and "Trading Calendar" (mkt-cal).
"""

import datetime as dt
from collections.abc import Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.labels import labels_on
from meigara.db.rosters import neighbours_of, span_of_rosters
from meigara.domain.classification import label
from meigara.domain.roster import LabelKind
from meigara.errors import BeforeFirstRoster, InvalidDate, NothingSynced
from meigara.services.calendar import business_day_on_or_after, days_between, division_of
from meigara.services.issues import (
    IssueQuery,
    IssueRecord,
    Page,
    find_issues,
    page_of_issues,
)

_MOST_DAYS = 36_525


class MasterRow(msgspec.Struct, frozen=True, gc=False):
    """One row of the master, in the order of J-Quants.

    What the plan did not give is empty, and space around a text is not kept.
    """

    Date: str
    Code: str
    CoName: str
    CoNameEn: str
    S17: str
    S17Nm: str
    S33: str
    S33Nm: str
    ScaleCat: str
    Mkt: str
    MktNm: str
    Mrgn: str
    MrgnNm: str
    ProdCat: str


class CalendarRow(msgspec.Struct, frozen=True, gc=False):
    """One day of the calendar."""

    Date: str
    HolDiv: str


async def master(
    session: AsyncSession, code: str | None, requested: dt.date | None
) -> Sequence[MasterRow]:
    """Return the rows of a day, ordered by code; none for a code that was not listed on it.

    Raises NothingSynced, BeforeFirstRoster.
    """
    day = await day_that_answers(session, requested)
    query = IssueQuery(as_of=day, code=code)
    if code is None:
        found = await find_issues(session, query)
    else:
        found, _, _ = await page_of_issues(session, query, Page(limit=1))
    labels = await labels_on(session, day)
    margins = {"": ""}
    for record in found:
        margin = record.margin_code or ""
        if margin not in margins:
            margins[margin] = label(LabelKind.MARGIN, margin, labels)
    return [_row(record, day, margins[record.margin_code or ""]) for record in found]


async def day_that_answers(session: AsyncSession, requested: dt.date | None) -> dt.date:
    """Return the day whose roster answers a request; None asks for the newest.

    As at J-Quants a day without trading stands for the next business day, and a day after the
    newest roster for the newest. A business day of which no roster is held is answered by the one
    before: `Date` in the rows always says of which day they are.

    Raises NothingSynced, BeforeFirstRoster.
    """
    span = await span_of_rosters(session)
    if span is None:
        raise NothingSynced
    if requested is None or requested >= span.last:
        return span.last
    opened = business_day_on_or_after(requested)
    held = (await neighbours_of(session, opened)).previous
    if held is None:
        raise BeforeFirstRoster(as_of=requested, first=span.first)
    return held


async def calendar(
    session: AsyncSession, first: dt.date | None, last: dt.date | None, division: str | None
) -> Sequence[CalendarRow]:
    """Return the days from `first` to `last`, else those from the oldest to the newest roster.

    Raises InvalidDate if that is more than a century; NothingSynced if a day is not given.
    """
    if first is None or last is None:
        span = await span_of_rosters(session)
        if span is None:
            raise NothingSynced
        first, last = first or span.first, last or span.last
    if (last - first).days > _MOST_DAYS:
        raise InvalidDate(text=f"{first} to {last}")
    rows = (CalendarRow(day.isoformat(), division_of(day)) for day in days_between(first, last))
    return [row for row in rows if division in (None, row.HolDiv)]


def _row(record: IssueRecord, day: dt.date, margin_name: str) -> MasterRow:
    return MasterRow(
        day.isoformat(),
        record.code,
        record.name,
        record.name_en,
        record.sector17_code,
        record.sector17_name,
        record.sector33_code,
        record.sector33_name,
        record.scale,
        record.market_code,
        record.market_name,
        record.margin_code or "",
        margin_name,
        record.product_code or "",
    )
