"""How does a bare script reach its database, without anything of ours in between?

Both databases are as durable as in the product: SQLite with a write-ahead log that is synced at
each commit, PostgreSQL as it comes.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

Values = Sequence[object]


class Bare:
    """One connection and the few things in which the two drivers differ."""

    def __init__(self, url: str) -> None:
        """Connect to `sqlite:///PATH` or `postgresql://…`."""
        self.is_sqlite = url.startswith("sqlite:")
        self.mark = "?" if self.is_sqlite else "%s"
        self._connection: Any
        if self.is_sqlite:
            self._connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
        else:
            self._connection = psycopg.connect(url, autocommit=True)
        self.cursor = self._connection.cursor()

    def execute(self, statement: str, values: Values = ()) -> None:
        """Execute one statement."""
        self.cursor.execute(statement, values)

    def execute_many(self, statement: str, rows: Iterable[Values]) -> None:
        """Execute one statement for each of `rows`, as fast as the driver can."""
        self.cursor.executemany(statement, rows)

    def value(self, statement: str) -> Any:
        """Return the first value of the first row, None if there is none."""
        row = self.cursor.execute(statement).fetchone()
        return row[0] if row else None

    def begin(self) -> None:
        """Begin a transaction that writes."""
        self.execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")

    def commit(self) -> None:
        """End the transaction."""
        self.execute("COMMIT")

    def copy(self, table: str, text: str) -> None:
        """Load rows in PostgreSQL's text format."""
        with self.cursor.copy(f"COPY {table} FROM STDIN") as copy:
            copy.write(text)

    def empty(self, *tables: str) -> None:
        """Remove all rows."""
        if self.is_sqlite:
            for table in tables:
                self.execute(f"DELETE FROM {table}")
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            self.execute(f"TRUNCATE {', '.join(tables)}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
