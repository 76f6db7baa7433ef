"""How does a command reach the database of the settings?"""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from meigara.cli.edge import State, run_async

if TYPE_CHECKING:
    from meigara.db.engine import Database

Result = TypeVar("Result")


def with_database(state: State, work: Callable[["Database"], Awaitable[Result]]) -> Result:
    """Return what `work` makes of the database; an empty one gets its tables first."""

    async def opened() -> Result:
        from meigara.bootstrap import open_app

        async with open_app(state.settings, creates_schema=True) as app:
            return await work(app.database)

    return run_async(opened())


def now() -> dt.datetime:
    """Return the present moment."""
    from meigara.bootstrap import TOKYO

    return dt.datetime.now(TOKYO)
