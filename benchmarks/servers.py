"""On which databases is measured? SQLite in a file and, where it is installed, PostgreSQL."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import psycopg

from tests.servers import postgresql_binaries, running_postgresql


class Server:
    """A place for databases of one kind."""

    def __init__(self, kind: str, place: str) -> None:
        """Make databases in the folder or on the server `place`."""
        self.kind = kind
        self._place = place
        self._numbers = count(1)

    def new_database(self) -> str:
        """Return the URL of a database with nothing in it."""
        name = f"benchmark_{next(self._numbers)}"
        if self.kind == "sqlite":
            return f"sqlite:///{self._place}/{name}.db"
        with psycopg.connect(self._place, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"{self._place.removesuffix('/postgres')}/{name}"


@contextmanager
def running_servers() -> Iterator[list[Server]]:
    """Give a place for each kind of database; all is stopped and removed at the end.

    PostgreSQL runs as it comes: each commit is synced to the disk.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="meigara-benchmark-"))
        servers = [Server("sqlite", str(Path(folder)))]
        if postgresql_binaries() is not None:
            url = stack.enter_context(running_postgresql())
            stack.callback(_disconnect_all, url)
            servers.append(Server("postgresql", url))
        yield servers


def _disconnect_all(url: str) -> None:
    """End what an error may have left connected: the server waits for its clients to leave."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
