"""`meigara changes`: what has changed?"""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from meigara.cli.edge import FORMATS, State, run_async
from meigara.domain.dates import parse_date

if TYPE_CHECKING:
    from meigara.domain.run import RunStatus
    from meigara.services.changes import ChangeRecord

_DAYS = 30


@click.command(help="Show what changed: by one run, or since a day (default: the last 30 days).")
@click.option("--run", "run_id", type=int, metavar="N", help="The change set of run N.")
@click.option(
    "--since", type=parse_date, metavar="DATE", help="Changes on this day and later (YYYY-MM-DD)."
)
@click.option(
    "--format", "format_", type=FORMATS, default="table", show_default=True, help="How to write it."
)
@click.pass_obj
def changes(state: State, run_id: int | None, since: dt.date | None, format_: str) -> None:
    """Print the changes that fit the options."""
    from meigara.cli.output import write_records
    from meigara.services.changes import ChangeRecord

    if run_id is not None and since is not None:
        raise click.UsageError(state.translate("Give --run or --since, not both."))
    found = run_async(_find(state, run_id, since))
    if not found:
        _explain_none(state, run_id)
    if found or format_ != "table":
        write_records(ChangeRecord, found, format_, columns(state))


def _explain_none(state: State, run_id: int | None) -> None:
    """Say why there is nothing to show."""
    from meigara.domain.run import RunStatus

    status = None if run_id is None else run_async(_status_of(state, run_id))
    if status is None:
        state.note("Nothing changed in this time.")
    elif status in (RunStatus.SUCCEEDED, RunStatus.RETRACTED):
        state.note("Nothing changed. The first list is the starting point and not a change.")
    else:
        state.note(
            "Run {run_id} published nothing ({status}); `meigara runs show {run_id}` tells more.",
            run_id=run_id,
            status=state.translate(status),
        )


async def _status_of(state: State, run_id: int) -> "RunStatus":
    from meigara.bootstrap import open_app
    from meigara.services.runs import get_run

    async with open_app(state.settings) as app, app.database.reading() as session:
        return (await get_run(session, run_id)).status


async def _find(
    state: State, run_id: int | None, since: dt.date | None
) -> Sequence["ChangeRecord"]:
    from meigara.bootstrap import open_app
    from meigara.services.changes import changes_of_run, changes_since
    from meigara.services.issues import ensure_known

    async with open_app(state.settings) as app, app.database.reading() as session:
        if run_id is not None:
            return await changes_of_run(session, run_id)
        newest = (await ensure_known(session, None)).last
        return await changes_since(session, since or newest - dt.timedelta(days=_DAYS))


def columns(state: State) -> dict[str, Any]:
    """Return the headings of the table of changes and how a record fills each."""
    from meigara.domain.classification import name_of

    t, english = state.translate, state.language == "en"
    return {
        t("Day"): lambda r: r.as_of.isoformat(),
        t("Code"): lambda r: r.code,
        t("Name"): lambda r: r.name,
        t("Change"): lambda r: t(r.kind),
        t("Before"): lambda r: name_of(r.field, r.before, english=english),
        t("After"): lambda r: name_of(r.field, r.after, english=english),
    }
