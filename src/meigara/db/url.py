"""Which database does a URL mean?"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from meigara.errors import InvalidSetting

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}


def database_url(text: str) -> sa.URL:
    """Return the URL with the driver that Meigara uses.

    `sqlite:///PATH` and `postgresql://USER@HOST/NAME` are accepted with and without a driver.

    Raises InvalidSetting for anything else.
    """
    try:
        url = sa.make_url(text)
        backend = "postgresql" if url.get_backend_name() == "postgres" else url.get_backend_name()
        return url.set(drivername=_DRIVERS[backend])
    except (ArgumentError, KeyError, ValueError):
        reason = "write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        raise InvalidSetting(name="MEIGARA_DATABASE_URL", reason=reason) from None


def sqlite_url(path: Path) -> str:
    """Return the URL of the SQLite database in the file `path`."""
    return f"sqlite:///{path}"


def sqlite_file(url: sa.URL) -> Path | None:
    """Return the file of an SQLite database; None for PostgreSQL or a database in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))
