"""How does a program that has read a list learn cheaply that it is still the same? By its ETag."""

import hashlib
from typing import Any

import msgspec
from fastapi import Request, Response

from meigara import __version__

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "It is still what the ETag in `If-None-Match` stands for."}
}
"""The documentation of the answer to a program that has the list already."""


def etag_of(request: Request, version: str) -> str:
    """Return the ETag of the answer to `request` while the store is at `version`."""
    asked = f"{__version__} {version} {request.url.path}?{request.url.query}"
    return f'W/"{hashlib.sha256(asked.encode()).hexdigest()[:20]}"'


def is_known(request: Request, etag: str) -> bool:
    """Say whether the program has this answer already."""
    return etag in request.headers.get("if-none-match", "").replace(" ", "").split(",")


def tagged(etag: str, content: object | None) -> Response:
    """Return content as JSON with its ETag; None stands for what the program has already."""
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if content is None:
        return Response(status_code=304, headers=headers)
    return Response(msgspec.json.encode(content), media_type="application/json", headers=headers)
