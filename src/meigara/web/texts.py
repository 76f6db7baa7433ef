"""Is what comes in text? NUL and halves of a character are none, and no database holds both."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from fastapi import Request
from starlette.requests import ClientDisconnect

from meigara.errors import TextUnstorable

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_WITHOUT_BODY = ("GET", "HEAD")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def ensure_text(request: Request) -> None:
    """Raise TextUnstorable if the address, a form or JSON holds what is no text."""
    given = [*request.path_params.items(), *request.query_params.multi_items()]
    for name, value in [*given, *await _sent(request)]:
        if any(_NO_TEXT.search(text) for text in _texts_in(value)):
            raise TextUnstorable(field=_NO_TEXT.sub("�", name))


async def _sent(request: Request) -> Iterable[tuple[str, object]]:
    """Return what the body says by name; nothing if it cannot be read, which others refuse."""
    if request.method in _WITHOUT_BODY:
        return []
    if request.headers.get("content-type", "").startswith(_FORMS):
        return (await request.form()).multi_items()
    with suppress(ValueError, RecursionError, ClientDisconnect):
        return [("body", await request.json())] if await request.body() else []
    return []


def _texts_in(value: object) -> Iterator[str]:
    """Yield all texts in a value of JSON, however deep."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            left += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            left += each
