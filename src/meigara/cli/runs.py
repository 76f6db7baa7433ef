"""`meigara runs`: what happened when, and what to do with a held or running sync?"""

from typing import TYPE_CHECKING

import click

from meigara.cli.edge import State, actor, confirm, run_async

if TYPE_CHECKING:
    from meigara.db.accounts import AuditEntry
    from meigara.db.models import SyncRun
    from meigara.services.assess import Assessment
    from meigara.services.queue import RunRequest

_SHOWN_CHANGES = 20
_MOST_RUNS = 1_000_000

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_yes_option = click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
_run_argument = click.argument("run_id", type=int, metavar="N")


@click.group(
    invoke_without_command=True, help="Show the runs, and apply, discard, retry or cancel one."
)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1, _MOST_RUNS), help="How many."
)
@_json_option
@click.pass_context
def runs(context: click.Context, limit: int, as_json: bool) -> None:
    """Print the newest runs."""
    if context.invoked_subcommand is not None:
        return
    from meigara.cli.output import write_json, write_table
    from meigara.cli.results import record_of, run_row

    state: State = context.obj
    found = run_async(_newest(state, limit))
    if as_json:
        write_json([record_of(run) for run in found])
        return
    t = state.translate
    headings = ("Run", "Started", "Started by", "State", "As of", "Issues", "Changes", "Time")
    write_table([t(heading) for heading in headings], [run_row(state, run) for run in found])


@runs.command(help="Show one run: its result, its cause if it failed, its change set if held.")
@_run_argument
@_json_option
@click.pass_obj
def show(state: State, run_id: int, as_json: bool) -> None:
    """Print one run."""
    from meigara.cli.output import write_json
    from meigara.cli.results import record_of, show_run

    run, proposed = run_async(_with_proposal(state, run_id))
    if as_json:
        write_json(record_of(run))
        return
    show_run(state, run, run_async(_who_took_back(state, run)))
    if proposed is not None:
        _show_proposal(state, proposed)


@runs.command(name="apply", help="Publish the list of a held run.")
@_run_argument
@_yes_option
@click.pass_obj
def apply_(state: State, run_id: int, yes: bool) -> None:
    """Publish a held run, after a confirmation that names the numbers."""
    from meigara.cli.results import change_counts, show_summary

    run, proposed = run_async(_with_proposal(state, run_id))
    if proposed is not None and not proposed.is_defective:
        confirm(state, yes, "Apply {counts} to the list?", counts=change_counts(run))
    followers = run_async(_followers(state, run_id))
    show_summary(state, run_async(_apply(state, run_id)))
    _tell_of_followers(state, followers)


@runs.command(help="Drop a held run; the list stays as it is.")
@_run_argument
@_yes_option
@click.pass_obj
def discard(state: State, run_id: int, yes: bool) -> None:
    """Drop a held run, after a confirmation."""
    run_async(_held(state, run_id))
    confirm(state, yes, "Drop the answer that run {run_id} holds?", run_id=run_id)
    followers = run_async(_followers(state, run_id))
    run_async(_discard(state, run_id))
    state.say("Run {run_id} is discarded. The list is unchanged.", run_id=run_id)
    _tell_of_followers(state, followers)


@runs.command(help="Fetch the list of a held or failed run again; a held one is dropped.")
@_run_argument
@click.pass_obj
def retry(state: State, run_id: int) -> None:
    """Sync again for the day of a run that published nothing."""
    from meigara.cli.results import end_of_run
    from meigara.cli.sync import synced

    wanted = run_async(_request_again(state, run_id))
    again = synced(state, state.settings, wanted.as_of, is_backfill=wanted.is_backfill)
    end_of_run(state, run_async(again), as_json=False)


@runs.command(help="Queue a sync for a running server or worker, and do not wait for it.")
@_json_option
@click.pass_obj
def start(state: State, as_json: bool) -> None:
    """Queue a run, or join the one that is active."""
    from meigara.cli.output import write_json
    from meigara.cli.results import record_of

    run, is_new = run_async(_start(state))
    if as_json:
        write_json(record_of(run))
    elif is_new:
        state.say("Run {run_id} is queued; `meigara serve` or a worker does it.", run_id=run.id)
    else:
        state.say("Run {run_id} is active already.", run_id=run.id)


@runs.command(help="Stop a run that is queued, running, or to be tried again.")
@_run_argument
@click.pass_obj
def cancel(state: State, run_id: int) -> None:
    """Ask the process that works on a run to stop."""
    run = run_async(_cancel(state, run_id))
    state.say("Run {run_id} is asked to stop. The list is unchanged.", run_id=run_id)
    if run.finished_at is None:
        state.say("If its process is gone, the run ends by itself within a minute.")


async def _newest(state: State, limit: int) -> list["SyncRun"]:
    from meigara.bootstrap import open_app
    from meigara.services.runs import HistoryQuery, history

    async with open_app(state.settings) as app, app.database.reading() as session:
        return list(await history(session, HistoryQuery(limit=limit)))


async def _held(state: State, run_id: int) -> "SyncRun":
    from meigara.bootstrap import open_app
    from meigara.services.runs import get_held

    async with open_app(state.settings) as app, app.database.reading() as session:
        return await get_held(session, run_id)


async def _with_proposal(state: State, run_id: int) -> tuple["SyncRun", "Assessment | None"]:
    """Return a run, and for a held one what applying it would do to the list as it is now."""
    from meigara.bootstrap import open_app
    from meigara.domain.run import RunStatus
    from meigara.services.consequences import proposal
    from meigara.services.runs import get_run

    async with open_app(state.settings) as app, app.database.reading() as session:
        run = await get_run(session, run_id)
        if run.status is not RunStatus.HELD:
            return run, None
        return run, await proposal(session, run_id, state.settings.guard_limits, app.now())


async def _who_took_back(state: State, run: "SyncRun") -> "AuditEntry | None":
    from meigara.bootstrap import open_app
    from meigara.services.retracting import who_took_back

    async with open_app(state.settings) as app, app.database.reading() as session:
        return await who_took_back(session, run)


async def _apply(state: State, run_id: int) -> "SyncRun":
    from meigara.bootstrap import open_app
    from meigara.services.held import apply_held

    async with open_app(state.settings) as app:
        return await apply_held(
            app.database, run_id, state.settings.guard_limits, actor(), app.now()
        )


async def _followers(state: State, run_id: int) -> list[int]:
    """Return the numbers of the runs that are held only because of this one."""
    from meigara.bootstrap import open_app
    from meigara.services.consequences import consequences

    async with open_app(state.settings) as app, app.database.reading() as session:
        return [run.id for run in await consequences(session, run_id)]


def _tell_of_followers(state: State, followers: list[int]) -> None:
    if followers:
        numbers = ", ".join(map(str, followers))
        state.say("So were the runs that were held only because of it: {runs}.", runs=numbers)


async def _request_again(state: State, run_id: int) -> "RunRequest":
    from meigara.bootstrap import open_app
    from meigara.domain.run import Trigger
    from meigara.services.held import request_again

    async with open_app(state.settings) as app:
        return await request_again(app.database, run_id, Trigger.CLI, actor(), app.now())


async def _discard(state: State, run_id: int) -> "SyncRun":
    from meigara.bootstrap import open_app
    from meigara.services.held import discard_held

    async with open_app(state.settings) as app:
        return await discard_held(app.database, run_id, actor(), app.now())


async def _start(state: State) -> tuple["SyncRun", bool]:
    from meigara.bootstrap import open_app
    from meigara.domain.run import Trigger
    from meigara.services.queue import RunRequest, start_run

    async with open_app(state.settings, creates_schema=True) as app:
        request = RunRequest(Trigger.CLI, actor())
        return await start_run(app.database, request, app.now(), will_offer=False)


async def _cancel(state: State, run_id: int) -> "SyncRun":
    from meigara.bootstrap import open_app
    from meigara.services.runs import request_cancel

    async with open_app(state.settings) as app:
        return await request_cancel(app.database, run_id, actor(), app.now())


def _show_proposal(state: State, proposed: "Assessment") -> None:
    """Print the beginning of the change set that waits for a decision."""
    from meigara.cli.output import write_table
    from meigara.domain.classification import name_of

    t = state.translate
    found = list(proposed.change_set.changes())
    rows = [
        [
            each.code,
            t(each.kind),
            name_of(each.field, each.before, english=state.language == "en"),
            name_of(each.field, each.after, english=state.language == "en"),
        ]
        for each in found[:_SHOWN_CHANGES]
    ]
    if rows:
        state.say("Applying it would change:")
        write_table([t(heading) for heading in ("Code", "Change", "Before", "After")], rows)
    if len(found) > len(rows):
        state.say("… and {count:,} more.", count=len(found) - len(rows))
