"""Which database does a URL mean?"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from meigara.errors import InvalidSetting

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}


def database_url(text: str) -> sa.URL:
    """Return the URL with the driver that Meigara uses.

    `sqlite:///PATH` and `postgresql://USER@HOST/NAME` are accepted, with any driver or none.

    Raises InvalidSetting for anything else.
    """
    try:
        url = sa.make_url(text)
        backend = "postgresql" if url.get_backend_name() == "postgres" else url.get_backend_name()
        return url.set(drivername=_DRIVERS[backend])
    except (ArgumentError, KeyError, ValueError):
        reason = "write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        raise InvalidSetting(name="MEIGARA_DATABASE_URL", reason=reason) from None


def shown_url(url: sa.URL) -> str:
    """Return the URL as a person would write it, its password hidden."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


def place_of(text: str) -> str:
    """Return where a database is, for people: the file, or the URL with its password hidden."""
    url = database_url(text)
    return str(sqlite_file(url) or shown_url(url))


def sqlite_file(url: sa.URL) -> Path | None:
    """Return the file of an SQLite database; None for PostgreSQL or a database in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))
