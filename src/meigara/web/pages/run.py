"""`/runs/…`: one run, its change set, and the decision on a held one."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.bootstrap import App
from meigara.db.models import SyncRun
from meigara.domain.changes import ChangeSet
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import RosterNotFound
from meigara.reasons import explain_hold, explain_warning
from meigara.sentences import retraction_sentences
from meigara.services import held, retracting, runs
from meigara.services.assess import Assessment
from meigara.services.changes import ChangeRecord, changes_of_run
from meigara.services.consequences import consequences, proposal
from meigara.services.retracting import Retraction
from meigara.services.schedules import get_schedule
from meigara.web.access import ActorDep
from meigara.web.context import AppDep, StageDep
from meigara.web.language import translate_page
from meigara.web.promptness import LONGEST_START_SECONDS, answering_within
from meigara.web.render import render

router = APIRouter(include_in_schema=False)
starts = APIRouter(include_in_schema=False, route_class=answering_within(LONGEST_START_SECONDS))
_CHANGES_SHOWN = 500


@router.get("/runs/{run_id}")
async def show(app: AppDep, request: Request, run_id: int) -> HTMLResponse:
    """Show a run with its change set, or with the one that waits for a decision."""
    return render(request, "run.html", await _values(app, request, run_id))


@router.get("/runs/{run_id}/{decision}")
async def confirm(app: AppDep, request: Request, run_id: int, decision: str) -> Response:
    """Ask before a run is decided on or its list is taken back; the question names the numbers."""
    values = await _values(app, request, run_id)
    if decision == "retract" and values["retraction"]:
        return render(request, "confirm.html", values | {"decision": decision})
    run = values["run"]
    is_open = run.status is RunStatus.HELD and run.consequence_of is None
    if decision not in _DECISIONS or not is_open:
        return RedirectResponse(f"/runs/{run_id}", 303)
    return render(request, "confirm.html", values | {"decision": decision})


@router.post("/runs/{run_id}/apply")
async def apply(app: AppDep, actor: ActorDep, run_id: int) -> RedirectResponse:
    """Publish the list of a held run."""
    await held.apply_held(app.database, run_id, app.settings.guard_limits, actor, app.now())
    return RedirectResponse(f"/runs/{run_id}", 303)


@router.post("/runs/{run_id}/discard")
async def discard(app: AppDep, actor: ActorDep, run_id: int) -> RedirectResponse:
    """Drop the list of a held run."""
    await held.discard_held(app.database, run_id, actor, app.now())
    return RedirectResponse(f"/runs/{run_id}", 303)


@starts.post("/runs/{run_id}/retry")
async def retry(stage: StageDep, actor: ActorDep, run_id: int) -> RedirectResponse:
    """Drop the list of a held run and fetch it again."""
    app = stage.app
    request = await held.request_again(app.database, run_id, Trigger.WEB, actor, app.now())
    await stage.start(request)
    return RedirectResponse("/", 303)


@router.post("/runs/{run_id}/retract")
async def retract(app: AppDep, actor: ActorDep, run_id: int) -> RedirectResponse:
    """Take the list back that a run published."""
    await retracting.retract_run(app.database, run_id, actor, app.now())
    return RedirectResponse(f"/runs/{run_id}", 303)


_DECISIONS = frozenset({"apply", "discard", "retry"})


def _as_records(change_set: ChangeSet, as_of: dt.date | None) -> Sequence[ChangeRecord]:
    names = change_set.names
    return [
        ChangeRecord(as_of, each.code, names[each.code], *each[1:]) for each in change_set.changes()
    ]


async def _values(app: App, request: Request, run_id: int) -> dict[str, Any]:
    translate = translate_page(request)
    async with app.database.reading() as session:
        zone = (await get_schedule(session)).timezone
        run = await runs.get_run(session, run_id)
        proposed: Assessment | None = None
        if run.status is RunStatus.HELD:
            proposed = await proposal(session, run_id, app.settings.guard_limits, app.now())
            changes = _as_records(proposed.change_set, run.as_of)
        else:
            changes = await changes_of_run(session, run_id)
        retraction = await _retraction(session, run)
        taken_back = await retracting.who_took_back(session, run)
        followers = await consequences(session, run_id) if proposed else ()
    return {
        "run": run,
        "zone": zone,
        "proposed": proposed,
        "changes": changes[:_CHANGES_SHOWN],
        "change_count": len(changes),
        "followers": len(followers),
        "taken_back": taken_back,
        "retraction": [*retraction_sentences(retraction, translate)] if retraction else [],
        "reasons": [explain_hold(reason, translate) for reason in run.hold_reasons or []],
        "warnings": [explain_warning(each, translate) for each in run.warnings or []],
    }


async def _retraction(session: AsyncSession, run: SyncRun) -> Retraction | None:
    """Return what taking back the list of a run would do; None where there is none to take."""
    if run.status is not RunStatus.SUCCEEDED:
        return None
    try:
        return await retracting.outlook_of_run(session, run.id)
    except RosterNotFound:  # the days before some day were deleted
        return None
