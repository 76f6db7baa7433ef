"""Where does a program go on reading? A cursor says it, in a text that only this program reads."""

import base64
import binascii
import hashlib
from typing import TypeVar

import msgspec

from meigara.errors import InvalidCursor

LONGEST = 500
Place = TypeVar("Place", bound=msgspec.Struct)


def write_cursor(place: msgspec.Struct) -> str:
    """Return the text of a place."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(kind: type[Place], text: str) -> Place:
    """Return the place that a text means. Raises InvalidCursor."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise InvalidCursor(field="cursor") from None


def digest_of(*asked: object) -> str:
    """Return a short text that is the same for the same question, to be kept in a cursor."""
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:12]
