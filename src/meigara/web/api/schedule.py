"""`/api/v1/companies/schedule`: when is the list synced by itself?"""

import datetime as dt
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field

from meigara.services import schedules
from meigara.web.access import ActorDep
from meigara.web.api.runs import Run
from meigara.web.conditional import NOT_MODIFIED, TaggedRoute
from meigara.web.context import AppDep
from meigara.web.problems import PROBLEMS

router = APIRouter(tags=["schedule"], responses=PROBLEMS, route_class=TaggedRoute)


class Schedule(BaseModel):
    """The schedule as it is in force, and what it did last."""

    status: str = Field(examples=["enabled"], description="enabled or paused")
    schedule_type: str = Field(examples=["daily"])
    execution_time: str = Field(examples=["05:00"])
    timezone: str = Field(examples=["Asia/Tokyo"])
    catch_up_minutes: int = Field(description="How late a slot is still run.")
    revision: int = Field(description="Counts the edits; send it to be told of those of others.")
    next_run_at: dt.datetime | None
    next_slots: list[dt.datetime]
    last_run: Run | None


class ScheduleFields(BaseModel):
    """What is to be different; what is left out stays."""

    execution_time: str | None = Field(default=None, examples=["05:00"])
    timezone: str | None = Field(default=None, examples=["Asia/Tokyo"])
    is_enabled: bool | None = None
    revision: int | None = None

    def as_edit(self) -> schedules.ScheduleEdit:
        """Return the edit that is asked for."""
        return schedules.ScheduleEdit(**self.model_dump())


class ScheduleChange(ScheduleFields):
    """What a program asks to be different; a misspelt field is refused."""

    model_config = ConfigDict(extra="forbid")


@router.get("/api/v1/companies/schedule", responses=NOT_MODIFIED)
async def show(app: AppDep) -> Schedule:
    """Return the schedule, its next slots and the last run."""
    found = await schedules.view(app.database, app.now())
    schedule = found.schedule
    return Schedule(
        status="enabled" if schedule.is_enabled else "paused",
        schedule_type=schedule.schedule_type,
        execution_time=f"{schedule.execution_time:%H:%M}",
        timezone=schedule.timezone,
        catch_up_minutes=schedule.catch_up_minutes,
        revision=schedule.revision,
        next_run_at=found.next_slots[0] if found.next_slots else None,
        next_slots=list(found.next_slots),
        last_run=Run.model_validate(found.last_run) if found.last_run else None,
    )


@router.put("/api/v1/companies/schedule")
async def change(
    app: AppDep,
    actor: ActorDep,
    body: Annotated[ScheduleChange, Body(default_factory=ScheduleChange)],
    execution_time: Annotated[str | None, Query(examples=["05:00"])] = None,
) -> Schedule:
    """Change the schedule, effective at once; the time may also stand in the query."""
    edit = body.as_edit()
    if edit.execution_time is None:
        edit = replace(edit, execution_time=execution_time)
    await schedules.edit(app.database, edit, actor, app.now())
    return await show(app)
