"""Which headers has every answer, a page as well as a refusal or a failure?"""

from starlette.requests import Request
from starlette.responses import Response

from meigara.web.access import caller_of, is_secure

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


def marked(request: Request, answer: Response) -> Response:
    """Return an answer with the headers that keep it to itself."""
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    if caller_of(request).name is not None and "ETag" not in answer.headers:
        answer.headers.setdefault("Cache-Control", "no-store")  # "Back" shows it to nobody else
    if is_secure(request):
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return answer
