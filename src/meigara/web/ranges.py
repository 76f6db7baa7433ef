"""Which bytes of a file does a request want? One range of them (RFC 9110, section 14), or all."""

import re

from starlette.datastructures import Headers

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def range_asked(headers: Headers, etag: str, size: int) -> range | None:
    """Return the bytes that are asked for of `size`; None stands for the whole file.

    An empty range is one that the file cannot satisfy. What is no single range, or is meant for a
    file with another ETag, is for the whole file.
    """
    asked = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if asked is None or headers.get("if-range", etag) != etag:
        return None
    first, last = asked.groups()
    if first:
        return _from_to(int(first), int(last) if last else size, size)
    return range(max(0, size - int(last)), size) if last else None


def _from_to(first: int, last: int, size: int) -> range | None:
    return range(first, min(last + 1, size)) if first <= last or first >= size else None
