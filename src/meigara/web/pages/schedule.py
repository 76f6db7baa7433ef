"""`/data-sources/…/schedule`: the dialog that sets the time, and its preview."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from meigara.bootstrap import App
from meigara.domain.schedule import DailyTime, parse_wall_time, parse_zone
from meigara.errors import InvalidSchedule, MeigaraError, ScheduleChanged
from meigara.i18n import explain, translator
from meigara.services import schedules
from meigara.web.context import AppDep
from meigara.web.language import language_of_page
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


class Change(BaseModel):
    """What the form sends; what it leaves out stays."""

    execution_time: str | None = None
    timezone: str | None = None
    is_enabled: bool | None = None
    revision: int | None = None


@router.post(_PATH)
async def change(
    app: AppDep, request: Request, source_id: int, wanted: Annotated[Change, Form()]
) -> Response:
    """Save the schedule, and go back to the page."""
    edit = schedules.ScheduleEdit(**wanted.model_dump())
    try:
        await schedules.edit(app.database, edit, None, app.now())
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
    told = explain(error, translator(language_of_page(request))) if error else None
    values: dict[str, Any] = {
        "schedule": found.schedule,
        "slots": daily.preview(app.now()),
        "source_id": source_id,
        "told": told,
        "has_run_today": await schedules.has_run_today(app.database, app.now()),
    }
    template = "_schedule.html" if "hx-request" in request.headers else "schedule.html"
    return render(request, template, values, status_of(error) if error else 200)
