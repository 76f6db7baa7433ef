"""`/api/v1/changes`: what runs have changed, for a program that follows the list."""

import datetime as dt
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from meigara.db.rosters import version_of_lists
from meigara.domain.changes import ChangeKind
from meigara.domain.issue import parse_issue_code
from meigara.errors import InvalidCursor
from meigara.services.changes import ChangeQuery, follow_changes
from meigara.services.runs import LARGEST_NUMBER
from meigara.web.conditional import NOT_MODIFIED, etag_of, is_known, tagged
from meigara.web.context import AppDep
from meigara.web.cursors import LONGEST, digest_of, read_cursor, write_cursor
from meigara.web.filters import Texts, named
from meigara.web.problems import PROBLEMS

router = APIRouter(prefix="/api/v1/changes", tags=["changes"], responses=PROBLEMS)


class Change(BaseModel):
    """One field of one issue that a run changed; codes of classes are as J-Quants gives them."""

    id: int = Field(description="Grows with each change that is published.")
    run_id: int
    as_of: dt.date = Field(description="The day from which it is true.")
    code: str = Field(examples=["72030"])
    name: str = Field(examples=["トヨタ自動車"])
    kind: ChangeKind = Field(examples=["segment"])
    field: str = Field(examples=["market"])
    before: str | None = Field(description="Null for a listing.", examples=["0112"])
    after: str | None = Field(description="Null for a delisting.", examples=["0111"])
    retracts: int | None = Field(
        description="The `id` of an earlier change that, as this one says, did not happen."
    )


class ChangeList(BaseModel):
    """Changes in the order in which they were published."""

    changes: list[Change]
    next_cursor: str = Field(description="Where to go on, now or after the next run.")
    has_more: bool = Field(description="Whether there are more already.")


class ChangeFilters(BaseModel):
    """Which changes."""

    run_id: int | None = Field(None, ge=1, le=LARGEST_NUMBER)
    code: Texts = Field(description="Codes of 4 or 5 characters.", examples=[["7203"]])
    kind: list[ChangeKind] = Field(default_factory=list)
    since: dt.date | None = Field(None, description="True from this day or later.")
    until: dt.date | None = Field(None, description="True from this day or earlier.")

    def query(self) -> ChangeQuery:
        """Return the question. Raises InvalidIssueCode."""
        codes = tuple(named("code", parse_issue_code, code) for code in self.code if code)
        return ChangeQuery(self.run_id, codes, tuple(self.kind), self.since, self.until)


class ChangesAsked(ChangeFilters):
    """Which changes, in which parts."""

    limit: int = Field(1_000, ge=1, le=10_000, description="How many changes at most.")
    cursor: str = Field("", max_length=LONGEST, description="`next_cursor` of the part before.")


class _Place(msgspec.Struct, frozen=True):
    """The number of the last change that was read, in answer to which question."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**62)]
    asked: str


@router.get("", response_model=ChangeList, responses=NOT_MODIFIED)
async def follow(
    app: AppDep, request: Request, asked: Annotated[ChangesAsked, Query()]
) -> Response:
    """Return what was published after the cursor.

    Ask again with `next_cursor` whenever you like: no change is missed and none comes twice.
    """
    query = asked.query()
    question = digest_of(query)
    place = read_cursor(_Place, asked.cursor) if asked.cursor else _Place(0, question)
    if place.asked != question:
        raise InvalidCursor(field="cursor")
    async with app.database.reading() as session:
        etag = etag_of(request, await version_of_lists(session))
        if is_known(request, etag):
            return tagged(etag, None)
        found = await follow_changes(session, query, place.after, asked.limit + 1)
    shown = found[: asked.limit]
    last = shown[-1].id if shown else place.after
    content = {
        "changes": shown,
        "next_cursor": write_cursor(_Place(last, question)),
        "has_more": len(found) > asked.limit,
    }
    return tagged(etag, content)
