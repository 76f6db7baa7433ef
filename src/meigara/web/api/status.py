"""`/api/v1/status`: how does the list stand, in one answer?"""

import datetime as dt

from fastapi import APIRouter
from pydantic import BaseModel, Field

from meigara.domain.standing import Standing
from meigara.web.api.runs import Moment, Run
from meigara.web.conditional import NOT_MODIFIED, TaggedRoute
from meigara.web.context import AppDep, overview_of
from meigara.web.problems import PROBLEMS

router = APIRouter(
    prefix="/api/v1/status", tags=["status"], responses=PROBLEMS, route_class=TaggedRoute
)


class Status(BaseModel):
    """How the list stands, and what happens next."""

    standing: Standing = Field(
        examples=["current"],
        description="`current` only while the list is the newest that the plan lets one have.",
    )
    as_of: dt.date | None = Field(description="The day of the newest list; null before the first.")
    total: int | None = Field(description="How many issues it holds.")
    companies: int | None = Field(description="How many of them are companies.")
    synced_at: Moment | None = Field(description="When it was published or confirmed last.")
    next_run_at: Moment | None = Field(description="The next slot; null while paused.")
    active_run: Run | None
    last_run: Run | None = Field(description="The newest run that ended, missed slots apart.")
    held_runs: list[int] = Field(description="Runs that wait for a decision.")


@router.get("", responses=NOT_MODIFIED)
async def show(app: AppDep) -> Status:
    """Return how the list stands."""
    async with app.database.reading() as session:
        view = await overview_of(app, session)
    published = view.published
    return Status(
        standing=view.standing,
        as_of=published.as_of if published else None,
        total=published.total if published else None,
        companies=published.companies if published else None,
        synced_at=published.finished_at if published else None,
        next_run_at=view.schedule.next_run_at if view.schedule.is_enabled else None,
        active_run=Run.model_validate(view.active) if view.active else None,
        last_run=Run.model_validate(view.last) if view.last else None,
        held_runs=[run.id for run in view.held],
    )
