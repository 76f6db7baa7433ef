"""How does a program that has read a list learn cheaply that it is still the same? By its ETag."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute

from meigara import __version__

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "It is still what the ETag in `If-None-Match` stands for."}
}
"""The documentation of the answer to a program that has the list already."""


def etag_of(request: Request, version: str) -> str:
    """Return the ETag of the answer to `request` while the store is at `version`."""
    store = request.app.state.stage.app.database.name  # a demo has another one
    asked = f"{__version__} {store} {version} {request.url.path}?{request.url.query}"
    return f'W/"{hashlib.sha256(asked.encode()).hexdigest()[:20]}"'


def exact(etag: str, encoding: str) -> str:
    """Return the ETag of the very bytes, which a range of them can be asked by."""
    return f'{etag.removeprefix("W/")[:-1]}{encoding and f"-{encoding}"}"'


def is_known(request: Request, etag: str) -> bool:
    """Say whether the program has this answer already."""
    known = request.headers.get("if-none-match", "").replace(" ", "").split(",")
    return etag.removeprefix("W/") in {each.removeprefix("W/") for each in known}


class TaggedRoute(APIRoute):
    """A route whose good answers carry an ETag of what they say: for answers that are small."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler; it answers 304 to whoever has the answer already."""
        handle = super().get_route_handler()

        async def handle_tagged(request: Request) -> Response:
            answer = await handle(request)
            if request.method != "GET" or answer.status_code != 200:
                return answer
            etag = f'W/"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
            if is_known(request, etag):
                return tagged(etag, None)
            answer.headers.update({"ETag": etag, "Cache-Control": "private, no-cache"})
            return answer

        return handle_tagged


def tagged(etag: str, content: object | None) -> Response:
    """Return content as JSON with its ETag; None stands for what the program has already."""
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if content is None:
        return Response(status_code=304, headers=headers)
    return Response(msgspec.json.encode(content), media_type="application/json", headers=headers)
