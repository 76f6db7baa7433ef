"""A J-Quants on a socket that gives one answer, whatever is asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.wrong_answers.kinds import Bodies


class Answering(ThreadingHTTPServer):
    """A server whose answer can be replaced between two requests."""

    daemon_threads = True

    def __init__(self, bodies: Bodies) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies = bodies

    @property
    def base_url(self) -> str:
        """The address to give to a client."""
        return f"http://127.0.0.1:{self.server_port}/v2"


class _Handler(BaseHTTPRequestHandler):
    server: Answering

    def do_GET(self) -> None:
        """Give the page that the key names, or else the first."""
        key = parse_qs(urlsplit(self.path).query).get("pagination_key", ["page0."])[0]
        body = self.server.bodies[int(key.removeprefix("page").removesuffix("."))]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests for the tests."""


@contextmanager
def answering(bodies: Bodies) -> Iterator[Answering]:
    """Serve the pages of one answer; set `bodies` to give another one."""
    with Answering(bodies) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
