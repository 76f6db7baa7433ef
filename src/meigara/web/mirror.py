"""`/jquants/v2`: what J-Quants would answer, from the local store and without a limit of calls.

A program that speaks to J-Quants works with this by another base URL. The envelope, the field
names and the refusals are those of J-Quants. Where people sign in, the key is an API token; else
any key will do.
"""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, create_model

from meigara.db.rosters import version_of_lists
from meigara.domain.dates import parse_date
from meigara.domain.issue import parse_issue_code
from meigara.errors import BeforeFirstRoster, InvalidDate, InvalidIssueCode, NothingSynced
from meigara.services import mirror
from meigara.web.conditional import NOT_MODIFIED, etag_of, is_known, tagged
from meigara.web.context import AppDep
from meigara.web.problems import PROBLEM_TYPE


class MirrorMessage(BaseModel):
    """A refusal, in the envelope of J-Quants."""

    message: str


def _model(name: str, of: type[msgspec.Struct], text: str) -> type[BaseModel]:
    """Return the documentation of an answer: rows of texts in the envelope of J-Quants."""
    fields: dict[str, Any] = dict.fromkeys(of.__struct_fields__, (str, ...))
    row = create_model(f"{name}Row", **fields, __doc__=of.__doc__)
    return create_model(name, data=(list[row], ...), __doc__=text)  # type: ignore[valid-type]


_REFUSED: dict[int | str, dict[str, Any]] = {
    status: {
        "description": "Refused, as J-Quants would, or by the server itself.",
        "model": MirrorMessage,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in ("4XX", "5XX")
}
_MASTER = _model("MirrorMaster", mirror.MasterRow, "The list of a day, or one issue of it.")
_CALENDAR = _model("MirrorCalendar", mirror.CalendarRow, "Days, and what kind each one is.")
router = APIRouter(prefix="/jquants", tags=["mirror"], responses=_REFUSED)
_REFUSALS = {
    InvalidDate: HTTPStatus.BAD_REQUEST,
    InvalidIssueCode: HTTPStatus.BAD_REQUEST,
    BeforeFirstRoster: HTTPStatus.BAD_REQUEST,
    NothingSynced: HTTPStatus.SERVICE_UNAVAILABLE,
}


@router.get("/v2/equities/master", response_model=_MASTER, responses=NOT_MODIFIED)
async def master(app: AppDep, request: Request, code: str = "", date: str = "") -> Response:
    """Return the list of a day, or one issue of it."""
    try:
        full = parse_issue_code(code) if code else None
        day = parse_date(date) if date else None
        async with app.database.reading() as session:
            etag = etag_of(request, await version_of_lists(session))
            if is_known(request, etag):
                return tagged(etag, None)
            return tagged(etag, {"data": await mirror.master(session, full, day)})
    except tuple(_REFUSALS) as error:
        return _refused(error)


class CalendarAsked(BaseModel):
    """Which days; the official command line writes `holidayDivision`."""

    hol_div: str = ""
    division: str = Field("", alias="holidayDivision")
    first: str = Field("", alias="from")
    last: str = Field("", alias="to")

    @property
    def span(self) -> tuple[dt.date | None, dt.date | None]:
        """The first and the last day. Raises InvalidDate."""
        first, last = (parse_date(text) if text else None for text in (self.first, self.last))
        return first, last


@router.get("/v2/markets/calendar", response_model=_CALENDAR)
async def calendar(app: AppDep, asked: Annotated[CalendarAsked, Query()]) -> Response:
    """Return which days are business days."""
    division = asked.hol_div or asked.division or None
    try:
        first, last = asked.span
        async with app.database.reading() as session:
            rows = await mirror.calendar(session, first, last, division)
    except tuple(_REFUSALS) as error:
        return _refused(error)
    return JSONResponse({"data": [{"Date": row.Date, "HolDiv": row.HolDiv} for row in rows]})


@router.get("/{path:path}", include_in_schema=False)
async def unknown(path: str) -> Response:
    """Refuse what this mirror does not hold, as J-Quants refuses what there is not."""
    return JSONResponse({"message": f"The requested endpoint does not exist: /{path}"}, 403)


def _refused(error: Exception) -> Response:
    """Return a refusal in the envelope of J-Quants."""
    status = next(status for kind, status in _REFUSALS.items() if isinstance(error, kind))
    if isinstance(error, BeforeFirstRoster):
        message = f"Your subscription covers the following dates: {error.params['first']} ~ ."
        return JSONResponse({"message": message}, status)
    return JSONResponse({"message": str(error)}, status)
