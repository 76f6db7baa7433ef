"""`/audit`: who changed what, and when."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from meigara.domain.auditing import Action
from meigara.services.auditing import TrailQuery, trail
from meigara.services.schedules import get_schedule
from meigara.web.context import AppDep
from meigara.web.render import render

router = APIRouter(include_in_schema=False)
_PAGE = 100
_LARGEST = 2**62


@router.get("/audit")
async def show(
    app: AppDep,
    request: Request,
    action: str = "",
    before: Annotated[int | None, Query(ge=1, le=_LARGEST)] = None,
) -> HTMLResponse:
    """Show the audit trail, the newest entry first."""
    wanted = Action(action) if action in set(Action) else None
    async with app.database.reading() as session:
        found = list(await trail(session, TrailQuery(wanted, before, _PAGE + 1)))
        zone = (await get_schedule(session)).timezone
    values = {
        "entries": found[:_PAGE],
        "older": found[_PAGE - 1].id if len(found) > _PAGE else None,
        "actions": list(Action),
        "action": wanted or "",
        "zone": zone,
    }
    return render(request, "audit.html", values)
