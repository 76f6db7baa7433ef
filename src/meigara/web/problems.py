"""How does an error reach a program that asked over HTTP? As problem+json (RFC 9457)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from meigara import errors
from meigara.domain.access import Permission
from meigara.i18n import explain_outside
from meigara.web.access import admit
from meigara.web.language import translate_for, translate_page
from meigara.web.marking import marked
from meigara.web.render import is_fragment, render

STATUSES: Mapping[type[errors.MeigaraError], HTTPStatus] = {
    errors.ConfigurationError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.AccessRefused: HTTPStatus.FORBIDDEN,
    errors.SignInNeeded: HTTPStatus.UNAUTHORIZED,
    errors.SignInRefused: HTTPStatus.UNAUTHORIZED,
    errors.TooManySignIns: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TooManyPages: HTTPStatus.TOO_MANY_REQUESTS,
    errors.HostUnknown: HTTPStatus.MISDIRECTED_REQUEST,
    errors.RosterHeld: HTTPStatus.CONFLICT,
    errors.RunCancelled: HTTPStatus.CONFLICT,
    errors.LeaseLost: HTTPStatus.CONFLICT,
    errors.UnexpectedFailure: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TooManyExports: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.JQuantsError: HTTPStatus.BAD_GATEWAY,
}


_RETRY_SECONDS = "5"
_KEY_REFUSED = "The incoming api key is invalid or expired."  # in the words of J-Quants
_FOR_PROGRAMS = ("/api/", "/sync/task/", "/jquants/", "/healthz", "/readyz", "/metrics")


class Fault(BaseModel):
    """A part of the request that cannot be read, and why."""

    field: str = Field(examples=["as_of"])
    reason: str


class Problem(BaseModel):
    """What went wrong; `type` is the name of the error, `hint` says what to do."""

    type: str = Field(examples=["RunNotFound"])
    title: str
    status: int = Field(examples=[404])
    detail: str
    hint: str = ""
    run_id: int | None = None
    errors: list[Fault] | None = None


PROBLEM_TYPE = "application/problem+json"
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "content": {PROBLEM_TYPE: {}}},
    "5XX": {"model": Problem, "content": {PROBLEM_TYPE: {}}},
}
"""The answers of every call that can go wrong, for its documentation."""


def status_of(error: errors.MeigaraError) -> HTTPStatus:
    """Return the status of the nearest class that the table names."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def report_problems(api: FastAPI) -> None:
    """Answer every error of `api` as a problem."""

    @api.exception_handler(errors.MeigaraError)
    async def of_ours(request: Request, error: errors.MeigaraError) -> Response:
        if elsewhere := _answered_elsewhere(request, error):
            return elsewhere
        if _is_for_a_person(request):
            page = _page(request, error, status_of(error))
            page.headers.update(headers_of(request, error))
            return page
        translate = translate_page if is_fragment(request) else translate_for
        told = explain_outside(error, translate(request))
        problem = _problem(status_of(error), type(error).__name__, told.message, told.hint)
        run_id, field = error.params.get("run_id"), error.params.get("field")
        known: dict[str, Any] = {"run_id": run_id} if isinstance(run_id, int) else {}
        if isinstance(error, errors.InvalidInput) and isinstance(field, str):
            known["errors"] = [Fault(field=field, reason=told.message)]
        return _answer(problem.model_copy(update=known), headers_of(request, error))

    @api.exception_handler(RequestValidationError)
    async def of_a_request(request: Request, error: RequestValidationError) -> Response:
        faults = [Fault(field=_field_of(e["loc"]), reason=e["msg"]) for e in error.errors()]
        if _is_for_a_person(request):
            where = ", ".join(dict.fromkeys(each.field for each in faults))
            unreadable = errors.AddressUnreadable(where=where)
            return _page(request, unreadable, HTTPStatus.UNPROCESSABLE_ENTITY)
        detail = "; ".join(f"{each.field}: {each.reason}" for each in faults)
        translate = translate_for(request)
        hint = translate("The document says what each part may be: /api/openapi.json")
        problem = _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "InvalidInput", detail, hint)
        return _answer(problem.model_copy(update={"errors": faults}))

    @api.exception_handler(Exception)
    async def of_the_program(request: Request, error: Exception) -> Response:
        failure = errors.UnexpectedFailure(reason=type(error).__name__)
        return marked(request, await of_ours(request, failure))  # no middleware sees this one

    @api.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        headers = {"Allow": _allowed(request)} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
        if _is_for_a_person(request):
            with suppress(errors.MeigaraError):  # a guest gets a page without the ways further in
                await admit(request, Permission.READ)
            page = _page(request, errors.PageNotFound(), status)
            page.headers.update(headers)
            return page
        return refusal(status, str(error.detail), headers)


def refusal(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the problem of a request that is refused before anything looked at it."""
    return _answer(_problem(status, status.name.title().replace("_", ""), detail), headers)


def _allowed(request: Request) -> str:
    """Return the methods by which there is something at the address of a request."""
    routes = [each for each in request.app.router.routes if not isinstance(each, Mount)]
    found = [
        method
        for method in ("GET", "POST", "PUT")
        if any(
            each.matches({**request.scope, "method": method})[0] is Match.FULL for each in routes
        )
    ]
    files_only = ["GET"]
    return ", ".join(found or files_only).replace("GET", "GET, HEAD")


def _field_of(place: Sequence[str | int]) -> str:
    """Return the name of a part of a request; one of several values is named by what it is for."""
    where, *parts = place
    is_one_of_several = where == "query" and len(parts) > 1
    return ".".join(map(str, parts[:1] if is_one_of_several else parts)) or str(where)


def _is_for_a_person(request: Request) -> bool:
    """Say whether a browser asks for a page, and no program for data."""
    is_data = request.url.path.startswith(_FOR_PROGRAMS)
    return "text/html" in request.headers.get("accept", "") and not is_data


def _page(request: Request, error: errors.MeigaraError, status: HTTPStatus) -> Response:
    told = explain_outside(error, translate_page(request))
    return render(request, "problem.html", {"told": told, "kind": type(error).__name__}, status)


def _problem(status: HTTPStatus, kind: str, detail: str, hint: str = "") -> Problem:
    return Problem(type=kind, title=status.phrase, status=status, detail=detail, hint=hint)


def _answered_elsewhere(request: Request, error: errors.MeigaraError) -> Response | None:
    """Return the answer to those who need neither a page nor a problem: others are told why."""
    if not isinstance(error, errors.AccessRefused):
        return None
    if request.url.path.startswith("/jquants/"):
        return JSONResponse({"message": _KEY_REFUSED}, HTTPStatus.FORBIDDEN)
    if isinstance(error, errors.SignInNeeded) and _is_for_a_person(request):
        return RedirectResponse(_way_in(request), HTTPStatus.SEE_OTHER)
    return None


def _way_in(request: Request) -> str:
    """Return the address that asks who it is and leads back."""
    wanted = f"?{request.url.query}" if request.url.query else ""
    back = request.url.path + wanted if request.method == "GET" else "/"
    return f"/sign-in?{urlencode({'back': back})}"


def headers_of(request: Request, error: errors.MeigaraError) -> dict[str, str]:
    """Return what a refusal says beside its text: how to get in, or when to try again."""
    if isinstance(error, errors.TooManySignIns | errors.TooManyExports):
        return {"Retry-After": str(error.params["seconds"])}
    if isinstance(error, errors.StoreUnavailable | errors.TooManyPages):
        return {"Retry-After": _RETRY_SECONDS}
    if not isinstance(error, errors.SignInNeeded):
        return {}
    leads_in = {"HX-Redirect": "/sign-in"} if is_fragment(request) else {}
    return {"WWW-Authenticate": "Bearer", **leads_in}


def _answer(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=problem.status,
        headers=headers,
        media_type=PROBLEM_TYPE,
    )
