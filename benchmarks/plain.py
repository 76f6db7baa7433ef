"""What does the plain way cost: deactivate all rows, then upsert each one?

This is what a first script does: the standard library's JSON, one `execute` per row, one
transaction. It is right, and it writes every row every day.
"""

import json
import time
from typing import Any

from benchmarks.bare import Bare

_FIELDS = (
    *("Code", "Date", "CoName", "CoNameEn", "S17", "S17Nm", "S33", "S33Nm"),
    *("ScaleCat", "Mkt", "MktNm", "Mrgn", "MrgnNm", "ProdCat"),
)
_COLUMNS = ", ".join(_FIELDS)
_UPDATES = ", ".join(f"{field} = excluded.{field}" for field in _FIELDS[1:])


class Plain:
    """The plain way."""

    name = "plain"

    def __init__(self, url: str) -> None:
        """Connect and create the table where it is not there."""
        self._bare = Bare(url)
        columns = ", ".join(f"{field} TEXT NOT NULL" for field in _FIELDS[1:])
        self._bare.execute(
            f"CREATE TABLE IF NOT EXISTS issue (Code TEXT PRIMARY KEY, {columns},"
            " is_active BOOLEAN NOT NULL)"
        )
        marks = ", ".join([self._bare.mark] * len(_FIELDS))
        self._upsert = (
            f"INSERT INTO issue ({_COLUMNS}, is_active) VALUES ({marks}, true)"
            f" ON CONFLICT (Code) DO UPDATE SET {_UPDATES}, is_active = true"
        )

    def clear(self) -> None:
        """Forget the list."""
        self._bare.empty("issue")

    def begin(self) -> None:
        """Nothing comes before the answer."""

    def sync(self, body: bytes) -> float:
        """Make the list equal to the answer; return the seconds it took."""
        start = time.perf_counter()
        rows = json.loads(body)["data"]
        self._bare.begin()
        self._bare.execute("UPDATE issue SET is_active = false")
        execute = self._bare.cursor.execute
        for row in rows:
            execute(self._upsert, [row[field] for field in _FIELDS])
        self._bare.commit()
        return time.perf_counter() - start

    def value(self, statement: str) -> Any:
        """Return the first value that a statement gives on the connection of the contestant."""
        return self._bare.value(statement)

    def close(self) -> None:
        """Close the connection."""
        self._bare.close()
