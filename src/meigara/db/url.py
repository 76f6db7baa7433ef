"""Which database does a URL mean?"""

import re
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from meigara.domain.masking import HIDDEN
from meigara.errors import InvalidSetting

_LARGEST_PORT = 65_535
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_NO_HOST = re.compile(r"[@\s]")
_UNPRINTABLE = re.compile("[\0-\x1f\x7f\ud800-\udfff]")
_HARMLESS = frozenset(
    ("application_name", "connect_timeout", "dbname", "host", "hostaddr", "port", "sslmode", "user")
)


def database_url(text: str) -> sa.URL:
    """Return the URL with the driver that Meigara uses.

    `sqlite:///PATH` and `postgresql://USER@HOST/NAME` are accepted, with any driver or none.

    Raises InvalidSetting for anything else.
    """
    try:
        url = sa.make_url(text)
        backend = "postgresql" if url.get_backend_name() == "postgres" else url.get_backend_name()
        url = url.set(drivername=_DRIVERS[backend])
        _ensure_usable(url)
    except (ArgumentError, KeyError, ValueError):
        reason = (
            "write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME;"
            " in a password, write @ as %40 and / as %2F"
        )
        raise InvalidSetting(name="MEIGARA_DATABASE_URL", reason=reason) from None
    return url


def _ensure_usable(url: sa.URL) -> None:
    """Raise ValueError or ArgumentError for what would fail only when it is opened."""
    if _UNPRINTABLE.search(f"{url.host}{url.database}") or _NO_HOST.search(url.host or ""):
        raise ValueError
    if url.get_backend_name() == "sqlite":
        is_file_alone = not (url.host or url.username or url.port or url.query)
        if not is_file_alone:
            raise ValueError
        return
    if "plugin" in url.query or url.port == 0 or (url.port or 1) > _LARGEST_PORT:
        raise ValueError
    url.get_dialect()().create_connect_args(url)


def shown_url(url: sa.URL) -> str:
    """Return the URL as a person would write it; of its options the harmless ones are shown."""
    plain = url.set(drivername=url.get_backend_name(), query={})
    query = "&".join(
        f"{name}={','.join(values) if name in _HARMLESS else HIDDEN}"
        for name, values in sorted(url.normalized_query.items())
    )
    return plain.render_as_string(hide_password=True) + (f"?{query}" if query else "")


def place_of(text: str) -> str:
    """Return where a database is, for people: the file, or the URL with its password hidden."""
    url = database_url(text)
    return str(sqlite_file(url) or shown_url(url))


def sqlite_file(url: sa.URL) -> Path | None:
    """Return the file of an SQLite database; None for PostgreSQL or a database in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))
