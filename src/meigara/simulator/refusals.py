"""With which answers can a request be refused?"""

from typing import Final

from starlette.responses import HTMLResponse, JSONResponse, Response

from meigara.simulator import plans

_HTML: Final = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
TOO_MANY: Final = "Rate limit exceeded. Please wait before retrying."
SERVER_ERROR: Final = "Unexpected error. Please try again later."


def refusal(status: int, message: str) -> Response:
    """Return {"message": ...} with the status."""
    return JSONResponse({"message": message}, status)


def too_many_requests() -> Response:
    """Return 429; like the real API without Retry-After."""
    return refusal(429, TOO_MANY)


def html(status: int, title: str) -> Response:
    """Return a page, such as a gateway in front of the API sends."""
    return HTMLResponse(_HTML.format(title), status)


def named(name: str, window: plans.Window) -> Response:
    """Return the answer of the refusing fault `name`."""
    answers: dict[str, tuple[int, str]] = {
        "429": (429, TOO_MANY),
        "block": (429, TOO_MANY),
        "500": (500, SERVER_ERROR),
        "wrong-key": (403, plans.API_KEY_INVALID),
        "no-subscription": (403, plans.NO_SUBSCRIPTION),
        "not-in-plan": (403, plans.NOT_IN_PLAN),
        "outside-window": (400, window.refusal),
    }
    if name == "503-html":
        return html(503, "503 Service Temporarily Unavailable")
    if name == "html-200":
        return html(200, "ただいまメンテナンス中です")
    return refusal(*answers[name])
