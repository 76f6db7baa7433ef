"""`/api/v1/rosters`: of which days is the whole list held? And a wrong one is taken back."""

import datetime as dt
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from meigara.db.rosters import published_rosters
from meigara.services import retracting
from meigara.web.access import ActorDep
from meigara.web.api.runs import Moment
from meigara.web.conditional import NOT_MODIFIED, TaggedRoute
from meigara.web.context import AppDep
from meigara.web.cursors import LONGEST, read_cursor, write_cursor
from meigara.web.problems import PROBLEMS

router = APIRouter(
    prefix="/api/v1/rosters", tags=["rosters"], responses=PROBLEMS, route_class=TaggedRoute
)


class Roster(BaseModel):
    """The receipt of one complete answer of J-Quants that is part of the history."""

    model_config = ConfigDict(from_attributes=True)

    as_of: dt.date
    run_id: int
    row_count: int = Field(description="How many issues it holds.")
    fetched_at: Moment
    digest: str = Field(description="The same for the same content.")


class RosterList(BaseModel):
    """Rosters, the newest day first."""

    rosters: list[Roster]
    next_cursor: str | None = Field(description="Where to go on; null at the end.")


class Retraction(BaseModel):
    """A list that was taken back, and what holds in its time now."""

    model_config = ConfigDict(from_attributes=True)

    as_of: dt.date
    run_ids: list[int] = Field(description="The runs that had published it.")
    issues: int = Field(description="How many issues it held.")
    changes: int = Field(description="How many changes did not happen; the feed says which.")
    previous: dt.date | None = Field(description="The day whose list goes on.")
    following: dt.date | None = Field(description="The next day of which the list is held.")


class RostersAsked(BaseModel):
    """Which part."""

    limit: int = Field(100, ge=1, le=1_000)
    cursor: str = Field("", max_length=LONGEST)


class _Place(msgspec.Struct, frozen=True):
    """The day and the run of the last roster that was read."""

    as_of: dt.date
    run_id: Annotated[int, msgspec.Meta(ge=0, le=2**62)]


@router.get("", responses=NOT_MODIFIED)
async def find(app: AppDep, asked: Annotated[RostersAsked, Query()]) -> RosterList:
    """Return the days of which the list is held; a day fetched twice has two rows."""
    place = read_cursor(_Place, asked.cursor) if asked.cursor else None
    before = (place.as_of, place.run_id) if place else None
    async with app.database.reading() as session:
        found = await published_rosters(session, before, asked.limit + 1)
    shown = [Roster.model_validate(each) for each in found[: asked.limit]]
    goes_on = len(found) > asked.limit
    last = _Place(shown[-1].as_of, shown[-1].run_id) if goes_on else None
    return RosterList(rosters=shown, next_cursor=write_cursor(last) if last else None)


@router.post("/{as_of}/retract", response_model=Retraction)
async def retract(app: AppDep, actor: ActorDep, as_of: dt.date) -> retracting.Retraction:
    """Take the list of a day back, as if it had never come; a run for that day fetches it again."""
    return await retracting.retract(app.database, as_of, actor, app.now())
