"""`/issues`: the list, today's or an earlier day's, and what became of each issue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from meigara.domain import classification
from meigara.domain.classification import CodeTable
from meigara.domain.dates import parse_date
from meigara.domain.issue import parse_issue_code
from meigara.errors import BeforeFirstRoster, InvalidInput, IssueNotFound
from meigara.i18n import Explanation, explain
from meigara.services.changes import changes_of_issue
from meigara.services.issues import (
    IssueQuery,
    IssueRecord,
    Order,
    Page,
    ensure_known,
    find_issues,
    page_of_issues,
)
from meigara.web.context import AppDep
from meigara.web.filters import IssueFilters
from meigara.web.language import language_of_page, translate_page
from meigara.web.render import render

router = APIRouter(include_in_schema=False)
_PAGE_SIZE = 100


class Filters(IssueFilters):
    """What the address of the list says."""

    order: Order = Order.CODE
    desc: bool = False
    page: int = Field(1, ge=1, le=100_000)

    def file(self, format_: str) -> str:
        """Return the address of all that fits as a file; a CSV is marked for Excel."""
        values = IssueFilters.model_validate(self.model_dump()).model_dump(exclude_defaults=True)
        asked = {name: "true" if value is True else value for name, value in values.items()}
        marked = {"bom": "true"} if format_ == "csv" else {}
        return f"/api/v1/exports/issues.{format_}?{urlencode(asked | marked, doseq=True)}"

    def address(self, path: str = "/issues", **changed: object) -> str:
        """Return the address of the same list with some things changed."""
        other = Filters.model_validate(self.model_dump() | changed)
        values = other.model_dump(mode="json", exclude_defaults=True)
        shown = {name: "true" if value is True else value for name, value in values.items()}
        return f"{path}?{urlencode(shown, doseq=True)}" if shown else path


@dataclass(frozen=True, slots=True)
class _Classes:
    """The code tables in the language of the page; a code nobody knows shows itself."""

    english: bool

    def choices(self, table: CodeTable) -> list[tuple[str, str]]:
        return [(code, names.en if self.english else names.ja) for code, names in table.items()]

    def name(self, table: CodeTable, code: str, received: str = "") -> str:
        names = table.get(code)
        return names.en if self.english and names else received or (names.ja if names else code)


@router.get("/issues")
async def show(app: AppDep, request: Request, filters: Annotated[Filters, Query()]) -> HTMLResponse:
    """Show a page of the list; a filter that cannot be read is told in its place."""
    page = Page(filters.order, filters.desc, (filters.page - 1) * _PAGE_SIZE, _PAGE_SIZE)
    told: Explanation | None = None
    wrong_field: object = None
    found: Sequence[IssueRecord] = ()
    total = companies = 0
    async with app.database.reading() as session:
        span = await ensure_known(session, None)
        try:
            found, total, companies = await page_of_issues(session, filters.query(), page)
        except (InvalidInput, BeforeFirstRoster) as error:
            told = explain(error, translate_page(request))
            wrong_field = error.params.get("field", "as_of")
    values = {
        "filters": filters,
        "span": span,
        "shown_as_of": min(filters.as_of or str(span.last), str(span.last)),
        "told": told,
        "wrong_field": wrong_field,
        "issues": found,
        "total": total,
        "companies": companies,
        "pages": max(1, -(-total // _PAGE_SIZE)),
    }
    return render(request, "issues.html", values | _tables(request))


@router.get("/issues/{code}")
async def issue(app: AppDep, request: Request, code: str, as_of: str = "") -> Response:
    """Show one issue: what it is, or was on a day, and what happened to it."""
    full = parse_issue_code(code)
    if full != code:
        return RedirectResponse(f"/issues/{full}", 308)
    day = parse_date(as_of) if as_of else None
    async with app.database.reading() as session:
        found = await find_issues(session, IssueQuery(as_of=day, code=full))
        span = await ensure_known(session, day)
        history = await changes_of_issue(session, full)
    if not found:
        raise IssueNotFound(code=full)
    values = {"issue": found[0], "history": history[::-1], "span": span, "as_of": day}
    return render(request, "issue.html", values | _tables(request))


def _tables(request: Request) -> dict[str, Any]:
    classes = _Classes(language_of_page(request) == "en")
    return {"classes": classes, "tables": classification}
