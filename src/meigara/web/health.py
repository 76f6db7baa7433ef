"""`/healthz` and `/readyz`: is the server alive, and may it be given work?"""

import asyncio
from collections.abc import Coroutine
from http import HTTPStatus

import sqlalchemy as sa
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from meigara import __version__
from meigara.bootstrap import App
from meigara.db.schema import current_revision, ensure_current
from meigara.errors import MeigaraError
from meigara.services.metrics import overdue_seconds
from meigara.services.schedules import get_schedule
from meigara.web.context import AppDep
from meigara.web.problems import PROBLEMS
from meigara.web.promptness import answering_within

_LONGEST_SECONDS = 1.5
_LONGEST_PART_SECONDS = 3.0
_SILENT = "The database does not answer."
_MUTE = "The broker does not answer."
_NOBODY_KNOWS = dict.fromkeys(("broker", "worker", "beat"), _MUTE)
READY = "ok"
_Parts = dict[str, str]
"""Each part by its name, and how it is."""

router = APIRouter(
    tags=["health"], responses=PROBLEMS, route_class=answering_within(_LONGEST_SECONDS)
)
readiness = APIRouter(tags=["health"], responses=PROBLEMS)


class Health(BaseModel):
    """A server that is well."""

    status: str
    version: str
    mode: str


class Readiness(BaseModel):
    """Whether every part may be relied on, and what is the matter with those that may not."""

    ready: bool
    parts: dict[str, str] = Field(
        description="`ok`, or what is the matter.",
        examples=[{"database": READY, "broker": READY, "schedule": READY}],
    )


@router.get("/healthz")
async def healthz(app: AppDep) -> Health:
    """Answer 200 if the database can be read, 503 if not."""
    await app.database.look(sa.select(sa.literal(1)))
    return Health(status="ok", version=__version__, mode=app.settings.mode)


@readiness.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(app: AppDep, response: Response) -> Readiness:
    """Answer 200 if all parts are ready, else 503; either way say how each part is.

    In distributed mode a worker and a beat, which leave signs of life, are parts as well.
    """
    asked = [_within(_database(app), {"database": _SILENT})]
    asked.append(_within(_schedule(app), {"schedule": _SILENT}))
    if app.settings.broker_url is not None:
        asked.append(_within(_cluster(app.settings.broker_url), _NOBODY_KNOWS))
    parts = {name: said for part in await asyncio.gather(*asked) for name, said in part.items()}
    is_ready = all(said == READY for said in parts.values())
    response.status_code = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Readiness(ready=is_ready, parts=parts)


async def _within(asking: Coroutine[None, None, _Parts], otherwise: _Parts) -> _Parts:
    """Return what parts say of themselves, or what stands for their silence."""
    saying = asyncio.ensure_future(asking)
    done, _ = await asyncio.wait({saying}, timeout=_LONGEST_PART_SECONDS)
    saying.cancel()  # its end is not waited for: that may be what takes so long
    return saying.result() if done else otherwise


async def _database(app: App) -> _Parts:
    """Say whether the database answers and has the schema of this program."""
    try:
        ensure_current(await current_revision(app.database))
    except MeigaraError as error:
        return {"database": error.said_outside()}
    return {"database": READY}


async def _schedule(app: App) -> _Parts:
    """Say whether somebody opens the slots of the schedule."""
    try:
        async with app.database.reading() as session:
            late = overdue_seconds(await get_schedule(session), app.now())
    except MeigaraError:
        return {"schedule": _SILENT}
    said = f"A run has been due for {late:.0f} seconds, and nobody began it." if late else READY
    return {"schedule": said}


async def _cluster(broker_url: str) -> _Parts:
    """Say whether the broker answers, and whether a worker and a beat are there."""
    from meigara.execution import signs  # noqa: PLC0415 - for its mode only

    found = await signs.look(broker_url)
    if found is None:
        return _NOBODY_KNOWS
    missing = f"No {{}} has given a sign of life for {signs.SILENCE_SECONDS} seconds."
    return {
        "broker": READY,
        "worker": READY if found.worker else missing.format("worker"),
        "beat": READY if found.beat else missing.format("beat"),
    }
