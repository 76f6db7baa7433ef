"""`/data-sources/…/schedule`: the dialog that sets the time, and its preview."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from meigara.bootstrap import App
from meigara.domain.schedule import DailyTime, parse_wall_time, parse_zone
from meigara.errors import InvalidSchedule, MeigaraError, ScheduleChanged
from meigara.i18n import explain
from meigara.services import schedules
from meigara.web.api.schedule import ScheduleFields
from meigara.web.context import AppDep
from meigara.web.language import translate_page
from meigara.web.problems import status_of
from meigara.web.render import render

router = APIRouter(include_in_schema=False)
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
    try:
        daily = DailyTime(parse_wall_time(execution_time), parse_zone(timezone))
        slots = daily.preview(app.now())
    except InvalidSchedule:
        slots = []
    return render(request, "_preview.html", {"slots": slots})


@router.post(_PATH)
async def change(
    app: AppDep, request: Request, source_id: int, wanted: Annotated[ScheduleFields, Form()]
) -> Response:
    """Save the schedule, and go back to the page."""
    try:
        await schedules.edit(app.database, wanted.as_edit(), None, app.now())
    except (InvalidSchedule, ScheduleChanged) as error:
        return await _form(app, request, source_id, error)
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return RedirectResponse("/", 303)


async def _form(
    app: App, request: Request, source_id: int, error: MeigaraError | None = None
) -> HTMLResponse:
    found = await schedules.view(app.database, app.now())
    daily = schedules.daily_of(found.schedule)
    told = explain(error, translate_page(request)) if error else None
    values: dict[str, Any] = {
        "schedule": found.schedule,
        "slots": daily.preview(app.now()),
        "source_id": source_id,
        "told": told,
        "has_run_today": await schedules.has_run_today(app.database, app.now()),
    }
    template = "_schedule.html" if "hx-request" in request.headers else "schedule.html"
    return render(request, template, values, status_of(error) if error else 200)
