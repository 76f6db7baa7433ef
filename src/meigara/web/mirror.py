"""`/jquants/v2`: what J-Quants would answer, from the local store and without a limit of calls.

A program that speaks to J-Quants works with this by another base URL. The envelope, the field
names and the refusals are those of J-Quants. Where people sign in, the key is an API token; else
any key will do.
"""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from meigara.db.rosters import version_of_lists
from meigara.domain.dates import parse_date
from meigara.domain.issue import parse_issue_code
from meigara.errors import BeforeFirstRoster, InvalidDate, InvalidIssueCode, NothingSynced
from meigara.services import mirror
from meigara.web.conditional import etag_of, is_known, tagged
from meigara.web.context import AppDep

router = APIRouter(prefix="/jquants", include_in_schema=False)
_REFUSALS = {
    InvalidDate: HTTPStatus.BAD_REQUEST,
    InvalidIssueCode: HTTPStatus.BAD_REQUEST,
    BeforeFirstRoster: HTTPStatus.BAD_REQUEST,
    NothingSynced: HTTPStatus.SERVICE_UNAVAILABLE,
}


@router.get("/v2/equities/master")
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


@router.get("/v2/markets/calendar")
async def calendar(app: AppDep, request: Request, hol_div: str = "") -> Response:
    """Return which days are business days; the official command line writes `holidayDivision`."""
    asked = request.query_params
    division = hol_div or asked.get("holidayDivision") or None
    try:
        first = parse_date(asked["from"]) if asked.get("from") else None
        last = parse_date(asked["to"]) if asked.get("to") else None
        async with app.database.reading() as session:
            rows = await mirror.calendar(session, first, last, division)
    except tuple(_REFUSALS) as error:
        return _refused(error)
    return JSONResponse({"data": [{"Date": row.Date, "HolDiv": row.HolDiv} for row in rows]})


@router.get("/{path:path}")
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
