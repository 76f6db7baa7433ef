"""A way to a server that can fall silent: connections stay open, and what is sent is swallowed."""

import contextlib
import socket
import threading
from collections.abc import Iterator

_PART = 65_536


class Proxy:
    """Passes on what two sides say to each other, until it is told to swallow it."""

    def __init__(self, host: str, port: int) -> None:
        """Listen on a free port for those who want to reach `host` and `port`."""
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._silent: set[socket.socket] = set()
        self._open: set[socket.socket] = set()
        self._is_silent = False
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """Swallow what comes from now on, on the connections there are and on new ones."""
        self._is_silent = True
        self._silent |= self._open

    def let_new_ones_through(self) -> None:
        """Serve new connections again, as after a failover; those there were stay silent."""
        self._is_silent = False

    def close(self) -> None:
        """Cut all connections."""
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                far = socket.create_connection(self._target)
                self._open |= {near, far}
                if self._is_silent:
                    self._silent |= {near, far}
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(_PART):
                if source not in self._silent:
                    target.sendall(part)
        if source not in self._silent:
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def proxy_to(host: str, port: int) -> Iterator[Proxy]:
    """Give a proxy to a server of this machine."""
    proxy = Proxy(host, port)
    try:
        yield proxy
    finally:
        proxy.close()
