"""Which requests are not answered at all? Those that another site sent in a person's name."""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from meigara.web.problems import refusal

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 65_536
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self';"
        " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


async def guard(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Refuse a change that a page of another site asks for, and mark every answer.

    A browser says where a request comes from (`Sec-Fetch-Site`, else `Origin`); a program that is
    no browser says neither, and carries no cookies of a person.
    """
    if request.method not in _SAFE_METHODS and _is_from_elsewhere(request):
        return refusal(HTTPStatus.FORBIDDEN, "The request comes from another site.")
    if int(request.headers.get("content-length", 0)) > LARGEST_BODY:
        return refusal(HTTPStatus(413), f"A body may have at most {LARGEST_BODY} bytes.")
    answer = await call_next(request)
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


def _is_from_elsewhere(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")
