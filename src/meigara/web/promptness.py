"""How soon is an answer promised, whatever the database does meanwhile?"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from meigara.db.engine import TOO_LATE
from meigara.errors import Reason, StoreUnavailable

LONGEST_START_SECONDS = 4.5
"""Whoever starts a run has an answer after so long."""


def answering_within(seconds: float) -> type[APIRoute]:
    """Return a kind of route that says so when the database has kept it waiting for so long."""

    class Prompt(APIRoute):
        """A route whose work is given up after a time, together with who asks being let in."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """Return the handler. It raises StoreUnavailable."""
            handle = super().get_route_handler()

            async def handle_promptly(request: Request) -> Response:
                await request.body()  # a slow sender is no sign of a slow database
                working = asyncio.ensure_future(handle(request))
                try:
                    done, _ = await asyncio.wait({working}, timeout=seconds)
                finally:
                    working.cancel()  # its end is not waited for: that may be what takes so long
                if done:
                    return working.result()
                working.add_done_callback(_forget)
                name = request.app.state.stage.app.database.name
                raise StoreUnavailable(database=name, reason=Reason(TOO_LATE))

            return handle_promptly

    return Prompt


def _forget(work: "asyncio.Future[Response]") -> None:
    """Look at how given-up work ended, so that nobody reports that nobody did."""
    if not work.cancelled():
        work.exception()
