"""How is the schema created, or brought to the newest revision?"""

import re
import sqlite3
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from meigara.db.engine import first_line
from meigara.db.file import sign
from meigara.db.private import close_to_others, make_private_file, make_private_folder
from meigara.db.url import database_url, shown_url, sqlite_file
from meigara.errors import SchemaNewer, StoreUnavailable

_REVISION = re.compile(r"'([^']+)'")


def upgrade(url: str) -> None:
    """Create the schema, or bring an older one to the newest revision.

    Several processes may do it at once: one works, the others find nothing left to do.

    Raises SchemaNewer for a schema of a newer program, StoreUnavailable if it cannot be written.
    """
    target = database_url(url)
    _make_place(target)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = target
    try:
        command.upgrade(config, "head")
        if (file := sqlite_file(target)) is not None:
            sign(file)
    except CommandError as error:
        named = _REVISION.search(str(error))
        raise SchemaNewer(found=named[1] if named else str(error)) from error
    except (sa.exc.DBAPIError, sqlite3.Error, OSError) as error:
        raise StoreUnavailable(database=shown_url(target), reason=first_line(error)) from error


def _make_place(url: sa.URL) -> None:
    file = sqlite_file(url)
    if file is None:
        return
    try:
        make_private_folder(file.parent)
        make_private_file(file)
        close_to_others(file)
    except OSError as error:
        raise StoreUnavailable(database=shown_url(url), reason=str(error)) from error
