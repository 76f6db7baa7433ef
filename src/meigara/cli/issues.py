"""`meigara issues`: which issues are, or were, on the list?"""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from meigara.cli.edge import FORMATS, State, run_async
from meigara.cli.selection import of_some
from meigara.domain.dates import parse_date
from meigara.domain.issue import parse_issue_code

if TYPE_CHECKING:
    from meigara.config import Settings
    from meigara.services.changes import ChangeRecord
    from meigara.services.issues import IssueQuery, IssueRecord


@click.command(help="Show the list of issues, today's or any earlier day's, or one issue.")
@click.argument("code", type=parse_issue_code, required=False)
@click.option(
    "--as-of", type=parse_date, metavar="DATE", help="The list as it was on this day (YYYY-MM-DD)."
)
@of_some
@click.option(
    "--format", "format_", type=FORMATS, default="table", show_default=True, help="How to write it."
)
@click.pass_obj
def issues(state: State, /, format_: str, **options: Any) -> None:
    """Print the issues that fit the options."""
    from meigara.cli.output import write_records
    from meigara.services.issues import IssueRecord

    _ensure_alone(state, **options)
    query = query_of(**options)
    found, newest = run_async(found_by(state.settings, query))
    if query.as_of is not None and query.as_of > newest:
        state.note("The newest list that is held is of {newest}; it is shown.", newest=newest)
    write_records(IssueRecord, found, format_, columns(state))
    if format_ == "table" and query.code:
        _show_history(state, query.code)
    elif format_ == "table":
        as_of = min(query.as_of or newest, newest)
        state.note("{size} as of {as_of}", as_of=as_of, size=_size(state, found))


def _ensure_alone(state: State, code: str | None, **options: Any) -> None:
    """Refuse filters beside a code. Raises UsageError."""
    filters = (options[name] for name in ("search", "market", "sector33", "companies"))
    if code and (any(filters) or not options["is_listed"]):
        raise click.UsageError(
            state.translate("A code is looked up alone: leave the filters away, or the code.")
        )


def query_of(
    market: Sequence[str], sector33: Sequence[str], code: str | None = None, **options: Any
) -> "IssueQuery":
    """Return the question that the options mean. Raises UnknownClass."""
    from meigara.domain.classification import MARKETS, SECTORS33, find_code
    from meigara.services.issues import IssueQuery, Presence

    return IssueQuery(
        code=code,
        as_of=options["as_of"],
        search=options["search"],
        classes={
            "market": tuple(find_code(MARKETS, text) for text in market),
            "sector33": tuple(find_code(SECTORS33, text) for text in sector33),
        },
        companies_only=options["companies"],
        presence=Presence.LISTED if options["is_listed"] else Presence.GONE,
    )


async def found_by(
    settings: "Settings", query: "IssueQuery"
) -> tuple[Sequence["IssueRecord"], dt.date]:
    """Return the issues that fit a query, and the date of the newest list that is held."""
    from meigara.bootstrap import open_app
    from meigara.services.issues import ensure_known, find_issues

    async with open_app(settings) as app, app.database.reading() as session:
        found = await find_issues(session, query)
        return found, (await ensure_known(session, query.as_of)).last


def _show_history(state: State, code: str) -> None:
    """Print what happened to one issue since the oldest list that is held."""
    from meigara.cli.changes import columns as columns_of_changes
    from meigara.cli.output import write_records
    from meigara.services.changes import ChangeRecord

    history = run_async(_history_of(state.settings, code))
    if history:
        click.echo()
        write_records(ChangeRecord, history, "table", columns_of_changes(state))


async def _history_of(settings: "Settings", code: str) -> Sequence["ChangeRecord"]:
    from meigara.bootstrap import open_app
    from meigara.services.changes import changes_of_issue

    async with open_app(settings) as app, app.database.reading() as session:
        return await changes_of_issue(session, code)


def _size(state: State, found: Sequence["IssueRecord"]) -> str:
    from meigara.counted import size

    return size(state.translate, len(found), sum(each.is_company for each in found))


def columns(state: State) -> dict[str, Any]:
    """Return the headings of the table and how a record fills each."""
    english = state.language == "en"
    t = state.translate
    return {
        t("Code"): lambda r: r.code,
        t("Name"): lambda r: r.name_en if english and r.name_en else r.name,
        t("Market"): lambda r: _named(state, "MARKETS", r.market_code, r.market_name),
        t("Sector"): lambda r: _named(state, "SECTORS33", r.sector33_code, r.sector33_name),
        t("Scale"): lambda r: r.scale.removeprefix("TOPIX "),
        t("From"): lambda r: r.valid_from.isoformat(),
        t("Until"): lambda r: r.valid_to.isoformat() if r.valid_to else "",
    }


def _named(state: State, /, table: str, code: str, received: str) -> str:
    """Return the name of a code in the person's language; an unknown code shows itself."""
    from meigara.domain import classification

    names = getattr(classification, table).get(code)
    if state.language == "en" and names:
        return str(names.en)
    return received or code
