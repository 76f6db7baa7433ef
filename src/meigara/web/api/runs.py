"""`/api/v1/runs` and `/sync/task`: start a run, watch it, stop it."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from meigara.bootstrap import TOKYO
from meigara.db.models import SyncRun
from meigara.db.rosters import size_of_newest
from meigara.domain.run import RunStatus, Trigger
from meigara.errors import RunNotFound
from meigara.sentences import sentence_of
from meigara.services import held, runs
from meigara.services.progress import percent_done
from meigara.services.queue import RunRequest
from meigara.web.access import ActorDep
from meigara.web.conditional import NOT_MODIFIED, TaggedRoute
from meigara.web.context import AppDep, StageDep, TranslateDep
from meigara.web.cursors import LONGEST, read_cursor, write_cursor
from meigara.web.problems import PROBLEMS
from meigara.web.promptness import LONGEST_START_SECONDS, answering_within
from meigara.web.stage import Stage

Moment = Annotated[dt.datetime, AfterValidator(lambda moment: moment.astimezone(dt.UTC))]
"""A moment, always in UTC."""

router = APIRouter(tags=["runs"], responses=PROBLEMS, route_class=TaggedRoute)
starts = APIRouter(
    tags=["runs"], responses=PROBLEMS, route_class=answering_within(LONGEST_START_SECONDS)
)


class Run(BaseModel):
    """One attempt to make the list equal to that of J-Quants."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    status: RunStatus
    trigger: Trigger
    actor: str | None
    scheduled_for: Moment | None = Field(description="The slot, for a run of the schedule.")
    missed_reason: str | None
    attempt: int = Field(description="1 for the first try.")
    retry_at: Moment | None = Field(description="When the next try is due, if one is.")
    requested_as_of: dt.date | None
    queued_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    phase: str | None
    pages: int | None
    rows: int | None
    waiting: dict[str, Any] | None = Field(
        description="What the run waits for, if it does: `rate_limit`, `retry` or `broker`."
    )
    as_of: dt.date | None = Field(description="The day of which the list is true.")
    total: int | None
    companies: int | None
    listed: int | None
    delisted: int | None
    changed: int | None
    unchanged: int | None
    phases: dict[str, float] | None = Field(description="Milliseconds of each phase.")
    hold_reasons: list[dict[str, Any]] | None
    warnings: list[dict[str, Any]] | None = Field(
        description="What to know of an answer that was believed: `unchanged`, `text_mended`."
    )
    consequence_of: int | None = Field(
        description="The held run that alone is why this one is held; its decision decides both."
    )
    error: dict[str, Any] | None


class RunList(BaseModel):
    """Runs, the newest first."""

    runs: list[Run]
    next_cursor: str | None = Field(description="Where to go on; null at the end.")


class RunsAsked(BaseModel):
    """Which runs, in which parts."""

    status: list[RunStatus] = Field(default_factory=list)
    trigger: list[Trigger] = Field(default_factory=list)
    limit: int = Field(50, ge=1, le=1_000)
    cursor: str = Field("", max_length=LONGEST)


class _Place(msgspec.Struct, frozen=True):
    """The number of the last run that was read."""

    before: Annotated[int, msgspec.Meta(ge=1, le=runs.LARGEST_NUMBER)]


class NewRun(BaseModel):
    """What to fetch: nothing said, the newest list."""

    model_config = ConfigDict(extra="forbid")

    as_of: dt.date | None = None
    backfill: bool = False


class TaskState(StrEnum):
    """Where a task stands, in the words of Celery."""

    PENDING = "PENDING"
    PROGRESS = "PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


class Task(BaseModel):
    """A run as a task: `current` of `total`, a sentence, and the result or the error."""

    task_id: str
    state: TaskState
    current: int = Field(ge=0, le=100)
    total: int = 100
    status: str
    result: Run | None = None
    error: str | None = None


_JOINED: dict[int | str, dict[str, Any]] = {
    200: {"model": Run, "description": "One was active for the same list; this is it."}
}


@starts.post("/api/v1/runs", response_model=Run, status_code=202, responses=_JOINED)
async def start(
    stage: StageDep,
    actor: ActorDep,
    response: Response,
    new: Annotated[NewRun, Body(default_factory=NewRun)],
) -> SyncRun:
    """Start a run: 202 with it. While one is active for the same list: 200 with that one."""
    request = RunRequest(Trigger.API, actor, new.as_of, new.backfill)
    return await _started(stage, request, response)


@starts.post("/api/v1/runs/{run_id}/retry", response_model=Run, status_code=202, responses=_JOINED)
async def retry(stage: StageDep, actor: ActorDep, response: Response, run_id: int) -> SyncRun:
    """Start a new run for the list of one that published none; a held one is discarded."""
    app = stage.app
    request = await held.request_again(app.database, run_id, Trigger.API, actor, app.now())
    return await _started(stage, request, response)


async def _started(stage: Stage, request: RunRequest, response: Response) -> SyncRun:
    run, is_new = await stage.start(request)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    if not is_new:
        response.status_code = 200
    return run


@router.get("/api/v1/runs", responses=NOT_MODIFIED)
async def find(app: AppDep, asked: Annotated[RunsAsked, Query()]) -> RunList:
    """Return the runs that fit, the newest first."""
    before = read_cursor(_Place, asked.cursor).before if asked.cursor else None
    query = runs.HistoryQuery(asked.status, asked.trigger, before, asked.limit + 1)
    async with app.database.reading() as session:
        found = await runs.history(session, query)
    shown = [Run.model_validate(each) for each in found[: asked.limit]]
    goes_on = len(found) > asked.limit
    return RunList(runs=shown, next_cursor=write_cursor(_Place(shown[-1].id)) if goes_on else None)


@router.get("/api/v1/runs/{run_id}", response_model=Run, responses=NOT_MODIFIED)
async def show(app: AppDep, run_id: int) -> SyncRun:
    """Return a run as it stands."""
    async with app.database.reading() as session:
        return await runs.get_run(session, run_id)


@router.post("/api/v1/runs/{run_id}/cancel", response_model=Run)
async def cancel(app: AppDep, actor: ActorDep, run_id: int) -> SyncRun:
    """Ask a run to stop; the list stays as it is."""
    return await runs.request_cancel(app.database, run_id, actor, app.now())


@router.post("/api/v1/runs/{run_id}/apply", response_model=Run)
async def apply(app: AppDep, actor: ActorDep, run_id: int) -> SyncRun:
    """Publish the list of a held run."""
    return await held.apply_held(app.database, run_id, app.settings.guard_limits, actor, app.now())


@router.post("/api/v1/runs/{run_id}/discard", response_model=Run)
async def discard(app: AppDep, actor: ActorDep, run_id: int) -> SyncRun:
    """Drop the list of a held run."""
    return await held.discard_held(app.database, run_id, actor, app.now())


@router.get("/sync/task/{task_id}", response_model=Task, responses=NOT_MODIFIED)
async def task(app: AppDep, translate: TranslateDep, task_id: str) -> Task:
    """Return how far a run is, and its result once it has ended."""
    if not task_id.isdecimal() or len(task_id) > 18:
        raise RunNotFound(run_id=task_id)
    async with app.database.reading() as session:
        run = await runs.get_run(session, int(task_id))
        expected = await size_of_newest(session)
    sentence = sentence_of(run, translate, TOKYO)
    state = _STATES.get(run.status, TaskState.FAILURE)
    return Task(
        task_id=task_id,
        state=state,
        current=percent_done(run, expected),
        status=sentence,
        result=Run.model_validate(run) if state is TaskState.SUCCESS else None,
        error=sentence if state is TaskState.FAILURE else None,
    )


_STATES = {
    RunStatus.QUEUED: TaskState.PENDING,
    RunStatus.RUNNING: TaskState.PROGRESS,
    RunStatus.SUCCEEDED: TaskState.SUCCESS,
}
