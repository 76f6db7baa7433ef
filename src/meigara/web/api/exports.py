"""`/api/v1/exports`: the list of a day, or changes, as a file."""

from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from meigara.db.rosters import version_of_lists
from meigara.exports import MEDIA_TYPES, PACKED, ExportFormat, export
from meigara.services.changes import PublishedChange
from meigara.services.exports import all_changes, all_issues
from meigara.services.issues import IssueRecord, ensure_known
from meigara.web.api.changes import ChangeFilters
from meigara.web.conditional import NOT_MODIFIED, etag_of, exact, is_known
from meigara.web.context import StageDep
from meigara.web.downloads import Make, compressed
from meigara.web.filters import IssueFilters
from meigara.web.problems import PROBLEMS
from meigara.web.stage import Stage

_TEXT, _BYTES = {"type": "string"}, {"type": "string", "format": "binary"}
_CONTENT = {
    media.partition(";")[0]: {"schema": _BYTES if format_ in PACKED else _TEXT}
    for format_, media in MEDIA_TYPES.items()
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": _CONTENT},
    206: {"description": "The range of it that `Range` asks for.", "content": _CONTENT},
    416: {"description": "It has no such range; `Content-Range` says how long it is."},
}
router = APIRouter(
    prefix="/api/v1/exports",
    tags=["exports"],
    responses={**PROBLEMS, **_FILE},
    default_response_class=Response,
)
_MARK = Field(False, description="Make a CSV for Excel: marked as UTF-8, without formulas.")


class IssuesExported(IssueFilters):
    """Which issues."""

    bom: bool = _MARK


class ChangesExported(ChangeFilters):
    """Which changes."""

    bom: bool = _MARK


@router.get("/issues.{format}", responses=NOT_MODIFIED)
async def issues(
    stage: StageDep,
    request: Request,
    format: ExportFormat,
    asked: Annotated[IssuesExported, Query()],
) -> Response:
    """Return the issues that fit as a file: the list of today or of an earlier day."""
    query, database = asked.query(), stage.app.database
    async with database.reading() as session:
        span = await ensure_known(session, query.as_of)
        content = etag_of(request, await version_of_lists(session))

    async def make(file: BinaryIO) -> None:
        await export(file, format, IssueRecord, all_issues(database, query), bom=asked.bom)

    name = f"meigara-issues-{min(query.as_of or span.last, span.last)}"
    return await _file(stage, request, format, make, content=content, name=name)


@router.get("/changes.{format}", responses=NOT_MODIFIED)
async def changes(
    stage: StageDep,
    request: Request,
    format: ExportFormat,
    asked: Annotated[ChangesExported, Query()],
) -> Response:
    """Return the changes that fit as a file, in the order in which they were published."""
    query, database = asked.query(), stage.app.database
    async with database.reading() as session:
        content = etag_of(request, await version_of_lists(session))

    async def make(file: BinaryIO) -> None:
        await export(file, format, PublishedChange, all_changes(database, query), bom=asked.bom)

    return await _file(stage, request, format, make, content=content, name="meigara-changes")


async def _file(
    stage: Stage, request: Request, format_: ExportFormat, make: Make, *, content: str, name: str
) -> Response:
    """Return the file that `make` writes; `content` is the ETag of what is in it."""
    encoding = _encoding(request, format_)
    etag = exact(content, encoding)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if format_ not in PACKED:
        headers["Vary"] = "Accept-Encoding, Range"
    if is_known(request, etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{name}.{format_}"'
    if encoding:
        headers["Content-Encoding"] = encoding
        make = compressed(make)
    return await stage.downloads.response(etag, make, headers, MEDIA_TYPES[format_])


def _encoding(request: Request, format_: ExportFormat) -> str:
    """Return how the file is packed on its way. A range is one of the file itself."""
    is_plain = format_ in PACKED or "range" in request.headers
    return "gzip" if not is_plain and "gzip" in request.headers.get("accept-encoding", "") else ""
