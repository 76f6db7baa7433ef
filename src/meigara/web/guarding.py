"""What is true of every answer? Headers that keep a page to itself, and a largest body."""

from http import HTTPStatus

from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from meigara.web.access import caller_of, is_secure
from meigara.web.problems import refusal

LARGEST_BODY = 65_536
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self';"
        " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


async def guard(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Refuse a body that is too large, and mark every answer."""
    if int(request.headers.get("content-length", 0)) > LARGEST_BODY:
        return refusal(HTTPStatus(413), f"A body may have at most {LARGEST_BODY} bytes.")
    answer = await call_next(request)
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    if caller_of(request).name is not None and "ETag" not in answer.headers:
        answer.headers.setdefault("Cache-Control", "no-store")  # "Back" shows it to nobody else
    if is_secure(request):
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return answer
