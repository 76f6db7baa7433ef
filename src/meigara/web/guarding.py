"""What is true of every answer? Headers that keep a page to itself, and a largest body."""

from http import HTTPStatus

from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from meigara.web.marking import marked
from meigara.web.problems import refusal

LARGEST_BODY = 65_536


async def guard(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Refuse a body that is too large, and mark every answer."""
    if int(request.headers.get("content-length", 0)) > LARGEST_BODY:
        text = f"A body may have at most {LARGEST_BODY} bytes."
        return marked(request, refusal(HTTPStatus(413), text))
    return marked(request, await call_next(request))
