"""How does the server start, and how does it end?"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Generator

import uvicorn

from meigara.config import Settings
from meigara.errors import AccountsMissing, AddressUnusable
from meigara.services.accounts import can_anybody_sign_in
from meigara.web.access import is_loopback
from meigara.web.app import create_app
from meigara.web.connections import BACKLOG, limits_here, protocol_within
from meigara.web.stage import Stage

_GRACE_SECONDS = 5
_UNSENT_BYTES = 131_072


Ready = Callable[[Stage, str], Awaitable[None]]
"""What is awaited with the stage and the address once the server listens."""


async def serve(settings: Settings, host: str, port: int, on_ready: Ready) -> None:
    """Serve until SIGINT or SIGTERM; await `on_ready` once the address is taken.

    In embedded mode this process also ticks and works. A sync under way at the end is given back,
    or finished if it is being published.

    Raises AddressUnusable, AccountsMissing where others can reach it and nobody could sign in,
    ConfigurationError, StoreUnavailable.
    """
    with _bound(host, port) as listener:
        address, bound_port = listener.getsockname()[:2]
        async with Stage(settings, is_local=is_loopback(address)) as stage:
            await _ensure_accounts(stage, address)
            config = uvicorn.Config(
                create_app(stage),
                http=protocol_within(limits_here()),
                ws="none",
                backlog=BACKLOG,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
                server_header=False,
            )
            shown = f"[{address}]" if ":" in address else address
            await on_ready(stage, f"http://{shown}:{bound_port}")
            await _Server(config, stage).serve([listener])


async def _ensure_accounts(stage: Stage, address: str) -> None:
    async with stage.app.database.reading() as session:
        if not stage.is_local and not await can_anybody_sign_in(session):
            raise AccountsMissing(host=address)


class _Server(uvicorn.Server):
    """A server that ends on a signal, keeps nobody waiting, and lets the process end by itself."""

    def __init__(self, config: uvicorn.Config, stage: Stage) -> None:
        super().__init__(config)
        self._stage = stage
        self._ending: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take the signals while serving: uvicorn would raise them again after the end."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self._end)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)

    def _end(self) -> None:
        self.should_exit = True
        self._ending = asyncio.create_task(self._stage.let_go())


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises AddressUnusable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AddressUnusable(host=host, port=port, reason=reason) from None
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # the system keeps little for a reader that is slow
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
    return listener
