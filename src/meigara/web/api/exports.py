"""`/api/v1/exports`: the list of a day, or changes, as a file."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field

from meigara.exports import MEDIA_TYPES, ExportFormat, exported
from meigara.services.changes import PublishedChange
from meigara.services.exports import all_changes, all_issues
from meigara.services.issues import IssueRecord, ensure_known
from meigara.web.api.changes import ChangeFilters
from meigara.web.context import AppDep
from meigara.web.filters import IssueFilters
from meigara.web.problems import PROBLEMS

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for media in MEDIA_TYPES.values()
        },
    }
}
router = APIRouter(
    prefix="/api/v1/exports",
    tags=["exports"],
    responses={**PROBLEMS, **_FILE},
    default_response_class=StreamingResponse,
)
_MARK = Field(False, description="Mark a CSV as UTF-8, as Excel wants it.")


class IssuesExported(IssueFilters):
    """Which issues."""

    model_config = ConfigDict(extra="forbid")

    bom: bool = _MARK


class ChangesExported(ChangeFilters):
    """Which changes."""

    bom: bool = _MARK


@router.get("/issues.{format}")
async def issues(
    app: AppDep, format: ExportFormat, asked: Annotated[IssuesExported, Query()]
) -> StreamingResponse:
    """Return the issues that fit as a file: the list of today or of an earlier day."""
    query = asked.query()
    async with app.database.reading() as session:
        span = await ensure_known(session, query.as_of)
    name = f"meigara-issues-{min(query.as_of or span.last, span.last)}"
    parts = all_issues(app.database, query)
    return _file(format, name, exported(format, IssueRecord, parts, bom=asked.bom))


@router.get("/changes.{format}")
async def changes(
    app: AppDep, format: ExportFormat, asked: Annotated[ChangesExported, Query()]
) -> StreamingResponse:
    """Return the changes that fit as a file, in the order in which they were published."""
    parts = all_changes(app.database, asked.query())
    content = exported(format, PublishedChange, parts, bom=asked.bom)
    return _file(format, "meigara-changes", content)


def _file(format_: ExportFormat, name: str, content: AsyncIterator[bytes]) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{format_}"'}
    return StreamingResponse(content, media_type=MEDIA_TYPES[format_], headers=headers)
