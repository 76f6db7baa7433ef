"""How is a simulator started on a socket, and how does it end?

`serve` blocks until a signal; `running` runs one in a thread of its own.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import signal
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from meigara.simulator.app import create_app
from meigara.simulator.config import SimulatorConfig
from meigara.simulator.errors import SimulatorError
from meigara.simulator.faults import describe_faults
from meigara.simulator.simulation import RecordedRequest, Simulation

__all__ = [
    "RecordedRequest",
    "RunningSimulator",
    "SimulatorConfig",
    "SimulatorError",
    "describe_faults",
    "running",
    "serve",
]

_START_SECONDS = 30
_STOP_SECONDS = 5


class _Protocol(H11Protocol):
    """HTTP/1.1 that lets the application reach its connection, and keeps no access log."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app_state = {**self.app_state, "connection": self}
        self.access_log = False


class _Server(uvicorn.Server):
    """A server that says when it accepts connections, and ends without waiting for clients."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """End quietly on a signal: uvicorn would raise it again after the end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del sig, frame
        self.should_exit = True


class RunningSimulator:
    """A simulator that runs in a thread; every method may be called from any other."""

    def __init__(self, base_url: str, simulation: Simulation) -> None:
        """Wrap a simulation that is served at `base_url`."""
        self.base_url = base_url
        self._simulation = simulation

    @property
    def requests(self) -> list[RecordedRequest]:
        """Return the requests that arrived so far, the oldest first."""
        return list(self._simulation.requests)

    def set_faults(self, *names: str) -> None:
        """Replace the faults from the next request on; no name: none."""
        self._simulation.set_faults(*names)

    def set_today(self, today: dt.date | None) -> None:
        """Replace the simulated day from the next request on; None: the clock's."""
        self._simulation.set_today(today)


def serve(config: SimulatorConfig, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; call `on_ready` with the base URL once it listens.

    Raises SimulatorError if the configuration or the port cannot be used.
    """
    simulation = Simulation(config)
    with _bound(config.host, config.port) as listener:
        url = _base_url(listener)
        server = _server(simulation, lambda: on_ready(url))
        with _quiet_uvicorn():
            asyncio.run(server.serve([listener]))


@contextlib.contextmanager
def running(config: SimulatorConfig) -> Iterator[RunningSimulator]:
    """Run a simulator in a thread of its own while the context lasts.

    Raises SimulatorError if the configuration or the port cannot be used.
    """
    simulation = Simulation(config)
    is_ready = threading.Event()
    with _bound(config.host, config.port) as listener:
        server = _server(simulation, is_ready.set)
        thread = threading.Thread(
            target=_run, args=(server, listener, is_ready), name="jquants-simulator", daemon=True
        )
        thread.start()
        try:
            if not is_ready.wait(_START_SECONDS) or not server.started:
                raise SimulatorError("The simulator did not start; run it alone to see why.")
            yield RunningSimulator(_base_url(listener), simulation)
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)


def _run(server: _Server, listener: socket.socket, is_ready: threading.Event) -> None:
    try:
        with _quiet_uvicorn():
            asyncio.run(server.serve([listener]))
    finally:
        is_ready.set()


def _server(simulation: Simulation, on_ready: Callable[[], None]) -> _Server:
    config = uvicorn.Config(
        create_app(simulation),
        http=_Protocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=0,
    )
    return _Server(config, on_ready)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise SimulatorError(
            f"The simulator cannot listen on {host}, port {port} ({error});"
            " choose another port, or 0 for a free one."
        ) from error
    return listener


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    # "Every address" is none that a client can ask.
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - only read
    return f"http://{f'[{reachable}]' if ':' in reachable else reachable}:{port}/v2"


@contextlib.contextmanager
def _quiet_uvicorn() -> Iterator[None]:
    """Drop what uvicorn logs from this thread; another server of the process keeps its log."""
    thread = threading.get_ident()

    def is_of_another(record: logging.LogRecord) -> bool:
        return record.thread != thread

    logger = logging.getLogger("uvicorn.error")
    logger.addFilter(is_of_another)
    try:
        yield
    finally:
        logger.removeFilter(is_of_another)
