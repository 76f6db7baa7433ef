"""`/runs` and `…/execution-history`: what ran when, with filters in the address."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from meigara.domain.run import RunStatus, Trigger
from meigara.services.runs import LARGEST_NUMBER, HistoryQuery, history
from meigara.services.schedules import get_schedule
from meigara.web.context import AppDep, known_place
from meigara.web.render import is_fragment, render

Kind = TypeVar("Kind", bound=StrEnum)

router = APIRouter(include_in_schema=False, dependencies=[Depends(known_place)])
_PAGE = 50


@router.get("/runs")
@router.get("/data-sources/{source_id}/endpoints/{endpoint_id}/execution-history")
async def show(
    app: AppDep,
    request: Request,
    status: Annotated[list[str], Query(default_factory=list)],
    trigger: Annotated[list[str], Query(default_factory=list)],
    before: Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)] = None,
) -> HTMLResponse:
    """Show the runs, the newest first: the fragment for a page that asks for it."""
    query = HistoryQuery(_known(RunStatus, status), _known(Trigger, trigger), before, _PAGE + 1)
    known = {*query.status, *query.trigger, ""}
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
        "filters": urlencode({"status": query.status, "trigger": query.trigger}, doseq=True),
        "unknown": [text for text in (*status, *trigger) if text not in known],
    }
    template = "_history.html" if is_fragment(request) else "history.html"
    return render(request, template, values)


def _known(kind: type[Kind], texts: Sequence[str]) -> tuple[Kind, ...]:
    return tuple(kind(text) for text in texts if text in set(kind))
