"""How can the delivery of a good body go wrong on the wire?"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from meigara.simulator.oversized import OVERSIZED

# Switched on, with no time to linger: closing sends RST instead of FIN.
_NO_LINGER: Final = struct.pack("ii", 1, 0)
_DRIBBLE_SECONDS: Final = 0.1


def _transport(scope: Scope) -> asyncio.Transport:
    """Return the transport of the connection, which the server puts into the scope."""
    transport: asyncio.Transport = scope["state"]["connection"].transport
    return transport


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Reset(Response):
    """No answer: the TCP connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Abort the connection."""
        del send
        transport = _transport(scope)
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
        await _until_disconnected(receive)


class Hang(Response):
    """No answer: the connection stays open until the client or the server ends it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the end of the connection."""
        del scope, send
        await _until_disconnected(receive)


class Truncated(Response):
    """Headers that announce the whole body, half of it, then the end of the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write past the HTTP library, which would refuse to break its own promise."""
        del send
        head = b"".join(name + b": " + value + b"\r\n" for name, value in self.raw_headers)
        transport = _transport(scope)
        transport.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        transport.write(bytes(self.body[: len(self.body) // 2]))
        transport.close()
        await _until_disconnected(receive)


def slow(body: bytes, headers: dict[str, str], seconds: float) -> Response:
    """Return a response whose body dribbles for so many seconds."""
    headers = headers | {"content-length": str(len(body))}
    return StreamingResponse(_dribble(body, seconds), headers=headers)


async def _dribble(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    pieces = max(1, round(seconds / _DRIBBLE_SECONDS))
    size = -(-len(body) // pieces)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / pieces)
        yield body[start : start + size]


def cut_json(body: bytes) -> bytes:
    """Return the first half of the body: valid UTF-8, but no JSON."""
    half = body[: len(body) // 2].decode(errors="ignore")
    return half.encode()


def delivered(name: str | None, body: bytes, headers: dict[str, str], seconds: float) -> Response:
    """Return the response that delivers the body under the transport fault `name`, if any."""
    if name == "slow":
        return slow(body, headers, seconds)
    if name in OVERSIZED:
        return OVERSIZED[name]()
    kinds: dict[str | None, type[Response]] = {
        "reset": Reset,
        "hang": Hang,
        "truncated": Truncated,
    }
    return kinds.get(name, Response)(body, headers=headers)
