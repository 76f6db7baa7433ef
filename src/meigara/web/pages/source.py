"""`/` and `/data-sources/…`: how does the list stand, and syncing it now."""

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from meigara.domain.run import Trigger
from meigara.services import runs
from meigara.services.queue import RunRequest
from meigara.web.access import ActorDep, CallerDep, authorise
from meigara.web.context import THE_SOURCE, AppDep, StageDep, known_place, overview_of
from meigara.web.headline import values_of
from meigara.web.plots import plots_of
from meigara.web.promptness import LONGEST_START_SECONDS, answering_within
from meigara.web.render import is_fragment, render
from meigara.web.stage import Stage

router = APIRouter(include_in_schema=False, dependencies=[Depends(known_place)])
starts = APIRouter(
    include_in_schema=False,
    dependencies=[Depends(known_place)],
    route_class=answering_within(LONGEST_START_SECONDS),
)
_RUNS_SHOWN = 10
_ADMITTED_SECONDS = 2.0
_ANY = asyncio.FIRST_COMPLETED


@router.get("/")
@router.get("/data-sources/{source_id}")
async def show(stage: StageDep, request: Request, source_id: int = THE_SOURCE) -> HTMLResponse:
    """Show how the list of a data source stands."""
    return render(request, "source.html", await _values(stage, request, source_id))


@router.get("/data-sources/{source_id}/live")
async def live(
    stage: StageDep, caller: CallerDep, request: Request, source_id: int, seen: str = ""
) -> Response:
    """Return the live part as soon as it differs from what was seen; 204 if it does not."""
    with stage.watcher.page_of(caller.account):
        if not await _changes(stage, request, seen):
            return Response(status_code=204)
        await authorise(request)  # who waits may have been disabled meanwhile
        return await _live(stage, request, source_id)


async def _changes(stage: Stage, request: Request, seen: str) -> bool:
    """Wait for a change as long as whoever asks is there and may see it; say whether one came."""
    await request.body()  # what comes after it is the end of the connection
    changing = asyncio.ensure_future(stage.watcher.changed_from(seen))
    leaving = asyncio.ensure_future(request.receive())
    both: set[asyncio.Future[Any]] = {changing, leaving}
    try:
        while not (await asyncio.wait(both, timeout=_ADMITTED_SECONDS, return_when=_ANY))[0]:
            await authorise(request)
        return changing.done() and changing.result()
    finally:
        for each in both:
            each.cancel()


@starts.post("/sync-companies-action")
async def sync_now(stage: StageDep, actor: ActorDep, request: Request) -> Response:
    """Start a sync, or join the one under way; answer the live part with its task id."""
    await stage.start(RunRequest(Trigger.WEB, actor))
    if not is_fragment(request):
        return RedirectResponse("/", 303)
    return await _live(stage, request, THE_SOURCE)


@router.post("/runs/{run_id}/cancel")
async def cancel(app: AppDep, actor: ActorDep, request: Request, run_id: int) -> Response:
    """Ask a run to stop."""
    await runs.request_cancel(app.database, run_id, actor, app.now())
    if not is_fragment(request):
        return RedirectResponse("/", 303)
    return Response(status_code=204)


async def _live(stage: Stage, request: Request, source_id: int) -> HTMLResponse:
    async with stage.drawing:
        return render(request, "_live.html", await _values(stage, request, source_id))


async def _values(stage: Stage, request: Request, source_id: int) -> dict[str, Any]:
    app = stage.app
    async with app.database.reading() as session:
        view = await overview_of(app, session, source_id)
        return {
            "runs": await runs.history(session, runs.HistoryQuery(limit=_RUNS_SHOWN)),
            "plots": plots_of(await stage.trends.at(session, view.fingerprint)),
            **values_of(view, request, app.now()),
        }
