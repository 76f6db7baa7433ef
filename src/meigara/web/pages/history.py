"""`/runs` and `…/execution-history`: what ran when, with filters in the address."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from meigara.domain.run import RunStatus, Trigger
from meigara.services.runs import HistoryQuery, history
from meigara.services.schedules import get_schedule
from meigara.web.context import AppDep
from meigara.web.render import render

router = APIRouter(include_in_schema=False)
_PAGE = 50


@router.get("/runs")
@router.get("/data-sources/{source_id}/endpoints/{endpoint_id}/execution-history")
async def show(
    app: AppDep,
    request: Request,
    status: str = "",
    trigger: str = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """Show the runs, the newest first: the fragment for a page that asks for it."""
    query = HistoryQuery(
        RunStatus(status) if status in set(RunStatus) else None,
        Trigger(trigger) if trigger in set(Trigger) else None,
        before,
        _PAGE + 1,
    )
    async with app.database.reading() as session:
        found = list(await history(session, query))
        zone = (await get_schedule(session)).timezone
    values: dict[str, Any] = {
        "runs": found[:_PAGE],
        "older": found[_PAGE - 1].id if len(found) > _PAGE else None,
        "query": query,
        "statuses": list(RunStatus),
        "triggers": list(Trigger),
        "zone": zone,
    }
    is_fragment = "hx-request" in request.headers
    return render(request, "_history.html" if is_fragment else "history.html", values)
