"""`meigara sync`: fetch the whole list, compare, publish."""

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from meigara.cli.edge import State, actor, run_async
from meigara.domain.dates import parse_date
from meigara.errors import MeigaraError

if TYPE_CHECKING:
    from meigara.config import Settings
    from meigara.db.models import SyncRun
    from meigara.services.assess import Assessment


@click.command(help="Fetch the whole list from J-Quants, compare it and publish what changed.")
@click.option(
    "--as-of",
    type=parse_date,
    metavar="DATE",
    help="Fetch the list of this day instead of the newest.",
)
@click.option("--backfill", is_flag=True, help="Add an older day to the past without asking.")
@click.option("--dry-run", is_flag=True, help="Fetch and compare, but write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.pass_obj
def sync(state: State, as_of: dt.date | None, backfill: bool, dry_run: bool, as_json: bool) -> None:
    """Carry out one sync and print its result."""
    from meigara.cli.results import end_of_run, show_rehearsal

    if dry_run:
        show_rehearsal(state, run_async(_rehearse(state, as_of, backfill)), as_json=as_json)
        return
    work = synced(state, state.settings, as_of, is_backfill=backfill)
    end_of_run(state, run_async(work), as_json=as_json)


async def synced(
    state: State, settings: "Settings", as_of: dt.date | None, *, is_backfill: bool = False
) -> "SyncRun":
    """Carry out one sync of the list, with its progress on standard error; return the run."""
    from meigara.bootstrap import open_app
    from meigara.cli.progress import shown_progress
    from meigara.domain.run import Trigger
    from meigara.services.queue import RunRequest
    from meigara.source import ensure_usable

    async with open_app(settings, creates_schema=True) as app:
        ensure_usable(settings)
        request = RunRequest(Trigger.CLI, actor=actor(), as_of=as_of, is_backfill=is_backfill)
        try:
            with shown_progress(state) as listener:
                return await app.sync().begin(request, app.holder, listener)
        finally:
            with suppress(MeigaraError):  # how the run ended is what the person wants to know
                await app.tell()


async def _rehearse(state: State, as_of: dt.date | None, is_backfill: bool) -> "Assessment":
    from meigara.bootstrap import open_app
    from meigara.cli.progress import shown_progress
    from meigara.source import ensure_usable

    async with open_app(state.settings, creates_schema=True) as app:
        ensure_usable(state.settings)
        with shown_progress(state) as listener:
            return await app.sync().rehearse(as_of, is_backfill, listener)
