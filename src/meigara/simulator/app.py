"""How does the simulated J-Quants API answer a request?

The checks come in the order seen on the real one: path, key, call limit, plan, parameters.
"""

import datetime as dt
import re
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meigara.simulator import calendar, plans, refusals, transport
from meigara.simulator.answers import Ask, Body, UnknownPage
from meigara.simulator.errors import SimulatorError
from meigara.simulator.faults import Fault, FaultKind
from meigara.simulator.plans import OutsideWindow
from meigara.simulator.resolution import parse_date
from meigara.simulator.simulation import RecordedRequest, Simulation

_CODE: Final = re.compile(r"[0-9A-Z]{4,5}")
_MARK: Final = {"x-invented-market": "1"}
_JSON: Final = "application/json"
# From about the end of March the calendar holds the next year as well.
_NEXT_YEAR_KNOWN: Final = (3, 31)


class _BadParameter(Exception):
    """A parameter cannot be read; the text is the answer."""


def create_app(simulation: Simulation) -> ASGIApp:
    """Return the ASGI application that answers from `simulation` and records there."""

    async def master(request: Request) -> Response:
        return _checked(simulation, request) or _master(simulation, request)

    async def markets_calendar(request: Request) -> Response:
        return _checked(simulation, request) or _calendar(simulation, request)

    async def unknown(_request: Request, _error: Exception) -> Response:
        return refusals.refusal(403, plans.UNKNOWN_PATH)

    app = Starlette(
        routes=[
            Route("/v2/equities/master", master, methods=["GET"]),
            Route("/v2/markets/calendar", markets_calendar, methods=["GET"]),
        ],
        exception_handlers={404: unknown, 405: unknown},
    )
    return _recording(app, simulation)


def _recording(app: ASGIApp, simulation: Simulation) -> ASGIApp:
    async def record(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        params = dict(request.query_params)
        entry = RecordedRequest(request.url.path, params, simulation.clock())
        simulation.record(entry)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        await app(scope, receive, noting)

    return record


def _checked(simulation: Simulation, request: Request) -> Response | None:
    """Return the refusal of a request whose key or frequency does not pass, else None."""
    key = request.headers.get("x-api-key", "").strip()
    if not key:
        return refusals.refusal(403, plans.API_KEY_REQUIRED)
    if not simulation.accepts(key):
        return refusals.refusal(403, plans.API_KEY_INVALID)
    return None if simulation.allows_call(key) else refusals.too_many_requests()


def _master(simulation: Simulation, request: Request) -> Response:
    key = request.query_params.get("pagination_key", "")
    struck = simulation.faults.striking(simulation.clock(), is_first_page=not key)
    if struck and struck[0].kind is FaultKind.REFUSAL:
        return refusals.named(struck[0].name, simulation.window())
    try:
        ask, number = (
            simulation.answers.follow(key) if key else (_ask(simulation, request, struck), 0)
        )
        body = simulation.answers.page(ask, number)
    except (_BadParameter, OutsideWindow) as error:
        return refusals.refusal(400, str(error))
    except UnknownPage:
        return refusals.refusal(400, "The pagination_key is invalid.")
    except SimulatorError as error:
        return refusals.refusal(500, str(error))
    return _deliver(request, body, struck, _MARK if simulation.is_invented else {})


def _ask(simulation: Simulation, request: Request, struck: tuple[Fault, ...]) -> Ask:
    """Read the parameters of a first page."""
    code = request.query_params.get("code") or None
    if code is not None:
        code = _full_code(code)
    on = simulation.resolve(_date(request, "date"))
    shaping = (fault.name for fault in struck if fault.kind is not FaultKind.TRANSPORT)
    return Ask(on, code, tuple(shaping))


def _full_code(text: str) -> str:
    """Return the five-character code; four characters mean the ordinary share."""
    code = text.upper()
    if not _CODE.fullmatch(code):
        raise _BadParameter(f"The code is invalid: {text}. Specify 4 or 5 characters.")
    return code if len(code) == 5 else f"{code}0"


def _date(request: Request, name: str) -> dt.date | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return parse_date(text)
    except ValueError:
        raise _BadParameter(
            f"The {name} is invalid: {text}. Specify YYYYMMDD or YYYY-MM-DD."
        ) from None


def _deliver(
    request: Request, body: Body, struck: tuple[Fault, ...], mark: dict[str, str]
) -> Response:
    """Return the response with the body, compressed only if the client accepts that."""
    names = {fault.name for fault in struck}
    wire = next((f for f in struck if f.kind is FaultKind.TRANSPORT and f.name != "bad-json"), None)
    headers = {"content-type": _JSON, "vary": "Accept-Encoding", **mark}
    if "bad-json" in names:
        content = transport.cut_json(body.plain)
    elif _accepts_gzip(request.headers.get("accept-encoding", "")):
        content = body.zipped
        headers["content-encoding"] = "gzip"
    else:
        content = body.plain
    name, seconds = (wire.name, wire.seconds) if wire else (None, 0.0)
    return transport.delivered(name, content, headers, seconds)


def _accepts_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0"}
    return False


def _calendar(simulation: Simulation, request: Request) -> Response:
    window, today = simulation.window(), simulation.today()
    try:
        first = _covered(_date(request, "from"), window) or window.start
        last = _covered(_date(request, "to"), window) or dt.date.max
    except (_BadParameter, OutsideWindow) as error:
        return refusals.refusal(400, str(error))
    first, last = max(first, calendar.DATA_BEGIN), min(last, window.end or _calendar_end(today))
    wanted = request.query_params.get("hol_div")
    days = map(dt.date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    rows = ({"Date": day.isoformat(), "HolDiv": calendar.holiday_division(day)} for day in days)
    return JSONResponse({"data": [row for row in rows if wanted in {None, "", row["HolDiv"]}]})


def _covered(day: dt.date | None, window: plans.Window) -> dt.date | None:
    """Return the day; raise OutsideWindow if the plan does not cover it."""
    if day is None:
        return None
    is_early = day < window.start and window.start > calendar.DATA_BEGIN
    if is_early or (window.end is not None and day > window.end):
        raise OutsideWindow(window.refusal)
    return day


def _calendar_end(today: dt.date) -> dt.date:
    years = 1 if (today.month, today.day) >= _NEXT_YEAR_KNOWN else 0
    return dt.date(today.year + years, 12, 31)
