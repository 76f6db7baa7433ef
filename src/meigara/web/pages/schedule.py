"""`/data-sources/…/schedule`: the dialog that sets the time, and its preview."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from meigara.bootstrap import App
from meigara.domain.schedule import DailyTime, parse_wall_time, parse_zone
from meigara.errors import InvalidSchedule, MeigaraError, ScheduleChanged
from meigara.i18n import explain
from meigara.services import schedules
from meigara.web.access import ActorDep
from meigara.web.api.schedule import ScheduleFields
from meigara.web.context import AppDep, known_place
from meigara.web.language import translate_page
from meigara.web.problems import status_of
from meigara.web.render import is_fragment, render

router = APIRouter(include_in_schema=False, dependencies=[Depends(known_place)])
_PATH = "/data-sources/{source_id}/schedule"


@router.get(_PATH)
async def show(app: AppDep, request: Request, source_id: int) -> HTMLResponse:
    """Show the dialog: a fragment for a page that asks for it, else a page of its own."""
    return await _form(app, request, source_id)


@router.get(f"{_PATH}/preview")
async def preview(
    app: AppDep, request: Request, source_id: int, execution_time: str = "", timezone: str = ""
) -> HTMLResponse:
    """Return the next five times of a schedule that is not saved yet."""
    del source_id
    wanted = ScheduleFields(execution_time=execution_time, timezone=timezone)
    return render(request, "_preview.html", {"slots": _slots(wanted, app.now())})


@router.post(_PATH)
async def change(
    app: AppDep,
    actor: ActorDep,
    request: Request,
    source_id: int,
    wanted: Annotated[ScheduleFields, Form()],
) -> Response:
    """Save the schedule, and go back to the page; what was typed is kept if it cannot be saved."""
    try:
        await schedules.edit(app.database, wanted.as_edit(), actor, app.now())
    except (InvalidSchedule, ScheduleChanged) as error:
        return await _form(app, request, source_id, wanted, error)
    if is_fragment(request):
        return Response(status_code=204, headers={"HX-Trigger": "saved"})
    return RedirectResponse("/", 303)


async def _form(
    app: App,
    request: Request,
    source_id: int,
    typed: ScheduleFields | None = None,
    error: MeigaraError | None = None,
) -> HTMLResponse:
    found = await schedules.view(app.database, app.now())
    schedule = found.schedule
    in_force = ScheduleFields(
        execution_time=f"{schedule.execution_time:%H:%M}", timezone=schedule.timezone
    )
    shown = in_force.model_copy(update=typed.model_dump(exclude_none=True) if typed else {})
    values: dict[str, Any] = {
        "revision": schedule.revision,
        "in_force": in_force,
        "shown": shown,
        "slots": _slots(shown, app.now()),
        "source_id": source_id,
        "told": explain(error, translate_page(request)) if error else None,
        "wrong_field": error.params.get("field") if error else None,
        "has_run_today": await schedules.has_run_today(app.database, app.now()),
        "in_dialog": is_fragment(request),
    }
    fragment = "_schedule_form.html" if typed else "_schedule.html"
    template = fragment if is_fragment(request) else "schedule.html"
    return render(request, template, values, status_of(error) if error else 200)


def _slots(wanted: ScheduleFields, now: dt.datetime) -> Sequence[dt.datetime]:
    """Return the next five times of a schedule, none if it cannot be read."""
    try:
        time = parse_wall_time(wanted.execution_time or "")
        return DailyTime(time, parse_zone(wanted.timezone or "")).preview(now)
    except InvalidSchedule:
        return []
