"""`/api/v1/issues`: the list of any day, and what became of one issue."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.rosters import version_of_lists
from meigara.domain.dates import parse_date
from meigara.domain.issue import parse_issue_code
from meigara.errors import InvalidCursor, IssueNotFound, UnknownField
from meigara.services.changes import changes_of_issue
from meigara.services.issues import (
    IssueQuery,
    IssueRecord,
    count_issues,
    ensure_known,
    find_issues,
)
from meigara.web.conditional import NOT_MODIFIED, etag_of, is_known, tagged
from meigara.web.context import AppDep
from meigara.web.cursors import LONGEST, digest_of, read_cursor, write_cursor
from meigara.web.filters import IssueFilters, named
from meigara.web.problems import PROBLEMS

router = APIRouter(prefix="/api/v1/issues", tags=["issues"], responses=PROBLEMS)


class Issue(BaseModel):
    """One issue (銘柄) as it is, or was on a day."""

    code: str = Field(description="Five characters.", examples=["72030"])
    name: str = Field(examples=["トヨタ自動車"])
    name_en: str = Field(examples=["TOYOTA MOTOR CORPORATION"])
    market_code: str = Field(examples=["0111"])
    market_name: str = Field(examples=["プライム"])
    sector17_code: str = Field(examples=["6"])
    sector17_name: str = Field(examples=["自動車・輸送機"])
    sector33_code: str = Field(examples=["3700"])
    sector33_name: str = Field(examples=["輸送用機器"])
    scale: str = Field(examples=["TOPIX Core30"])
    margin_code: str | None = Field(description="None where the plan has no such field.")
    product_code: str | None = Field(examples=["011"])
    is_company: bool = Field(description="The ordinary share of an issuer (社).")
    is_listed: bool
    valid_from: dt.date = Field(description="The first day on which it is known to be so.")
    valid_to: dt.date | None = Field(description="The first day on which it was no longer so.")


class IssueList(BaseModel):
    """A part of a list, ordered by code."""

    as_of: dt.date = Field(description="The day of which the list is true.")
    total: int = Field(description="How many issues fit in all.")
    companies: int = Field(description="How many of them are companies.")
    issues: list[Issue] | list[dict[str, Any]] = Field(
        description="With `fields`, only those of each issue."
    )
    next_cursor: str | None = Field(description="Where to go on; null at the end.")


class IssueEvent(BaseModel):
    """One field of an issue that became another; `as_of` is the first day on which it was so."""

    as_of: dt.date
    code: str
    name: str
    kind: str = Field(examples=["renamed"])
    field: str = Field(examples=["name"])
    before: str | None
    after: str | None


class IssueHistory(BaseModel):
    """One issue, and what happened to it since the oldest list that is held."""

    as_of: dt.date
    issue: Issue
    history: list[IssueEvent] = Field(description="The oldest first.")


class ListQuery(IssueFilters):
    """Which issues, in which parts, with which fields."""

    fields: str = Field(
        "", max_length=500, description="Names of fields, parted by commas.", examples=["code,name"]
    )
    limit: int = Field(100, ge=1, le=10_000, description="How many issues at most.")
    cursor: str = Field("", max_length=LONGEST, description="`next_cursor` of the part before.")


class _Place(msgspec.Struct, frozen=True):
    """The last code that was read, of which day's list, to which question."""

    after: str
    as_of: dt.date
    asked: str


@router.get("", response_model=IssueList, responses=NOT_MODIFIED)
async def find(app: AppDep, request: Request, asked: Annotated[ListQuery, Query()]) -> Response:
    """Return the issues that fit, ordered by code.

    All parts that a cursor leads to are of the day of the first one.
    """
    query, names = asked.query(), _fields(asked.fields)
    question = digest_of(query)
    place = read_cursor(_Place, asked.cursor) if asked.cursor else None
    if place is not None and place.asked != question:
        raise InvalidCursor(field="cursor")
    async with app.database.reading() as session:
        etag = etag_of(request, await version_of_lists(session))
        if is_known(request, etag):
            return tagged(etag, None)
        as_of = await _day_of(session, query, place)
        if place is not None:
            query = replace(query, as_of=as_of)
        after = place.after if place else ""
        found = await find_issues(session, query, after=after, limit=asked.limit + 1)
        total, companies = await count_issues(session, query)
    shown = found[: asked.limit]
    goes_on = len(found) > asked.limit
    content = {
        "as_of": as_of,
        "total": total,
        "companies": companies,
        "issues": _with_fields(shown, names) if names else shown,
        "next_cursor": write_cursor(_Place(shown[-1].code, as_of, question)) if goes_on else None,
    }
    return tagged(etag, content)


async def _day_of(session: AsyncSession, query: IssueQuery, place: _Place | None) -> dt.date:
    """Return the day of the list that is shown. Raises NothingSynced, BeforeFirstRoster."""
    newest = (await ensure_known(session, query.as_of)).last
    return place.as_of if place else min(query.as_of or newest, newest)


@router.get("/{code}", response_model=IssueHistory, responses=NOT_MODIFIED)
async def show(
    app: AppDep,
    request: Request,
    code: str,
    as_of: Annotated[str, Query(max_length=20, examples=["2026-11-20"])] = "",
) -> Response:
    """Return one issue by its code of 4 or 5 characters, today's or as it was on a day."""
    full = named("code", parse_issue_code, code)
    day = named("as_of", parse_date, as_of) if as_of else None
    async with app.database.reading() as session:
        etag = etag_of(request, await version_of_lists(session))
        if is_known(request, etag):
            return tagged(etag, None)
        span = await ensure_known(session, day)
        found = await find_issues(session, IssueQuery(as_of=day, code=full))
        if not found:
            raise IssueNotFound(code=full)
        history = await changes_of_issue(session, full)
    shown_as_of = min(day or span.last, span.last)
    return tagged(etag, {"as_of": shown_as_of, "issue": found[0], "history": history})


def _fields(text: str) -> list[str]:
    """Return the names in a list of fields. Raises UnknownField."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    known = IssueRecord.__struct_fields__
    for name in names:
        if name not in known:
            raise UnknownField(text=name, choices=", ".join(known), field="fields")
    return names


def _with_fields(records: Sequence[IssueRecord], names: Sequence[str]) -> list[dict[str, object]]:
    return [{name: getattr(each, name) for name in names} for each in records]
