"""`meigara backup`, `restore` and `purge`: keep everything in a file, bring it back, delete it."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meigara.cli.edge import State, actor, confirm
from meigara.cli.store import now, with_database
from meigara.domain.dates import parse_date

if TYPE_CHECKING:
    from meigara.db.engine import Database
    from meigara.services.keeping import Contents

_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command(
    help="Write everything that the database holds to a new FILE, also while it is used."
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Write over a FILE that is there.")
@click.pass_obj
def backup(state: State, /, file: Path, force: bool) -> None:
    """Write a backup."""
    from meigara.services import keeping

    if file.exists() and not force:
        raise click.UsageError(state.translate("There is a file already; write over it: --force."))
    try:
        found = with_database(state, lambda database: keeping.backup(database, file))
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from None
    state.say("Written to {file}: {contents}.", file=file, contents=_told_whole(state, found))


@click.command(help="Bring back what a backup FILE holds, into the database of the settings.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Drop what the database holds.")
@_YES
@click.pass_obj
def restore(state: State, /, file: Path, replace: bool, yes: bool) -> None:
    """Restore a backup."""
    from meigara.services import keeping

    if replace:
        held = _contents(state)
        confirm(state, yes, "Drop {contents}?", contents=_told_whole(state, held))
    found = with_database(
        state,
        lambda database: keeping.restore(database, file, actor(), now(), replaces=replace),
    )
    state.say("Restored: {contents}.", contents=_told_whole(state, found))
    if found.accounts:
        state.say("The accounts and tokens are those of the backup: whoever had one is let in.")


@click.command(help="Delete what came from J-Quants, as its terms ask for after leaving it.")
@click.option(
    "--before", type=parse_date, metavar="DATE", help="Only what is known of days before this one."
)
@click.option(
    "--runs-before",
    type=parse_date,
    metavar="DATE",
    help="Only runs that ended before this day and published no list.",
)
@_YES
@click.pass_obj
def purge(state: State, /, before: dt.date | None, runs_before: dt.date | None, yes: bool) -> None:
    """Delete data for good."""
    from meigara.services import keeping

    if before is not None and runs_before is not None:
        raise click.UsageError(state.translate("Give --before or --runs-before, not both."))
    if runs_before is not None:
        _purge_runs(state, runs_before, yes)
        return
    if before is None:
        held = _contents(state)
        confirm(state, yes, "Delete {contents} for good?", contents=_told(state, held))
        with_database(state, lambda database: keeping.purge_all(database, actor(), now()))
        state.say("Deleted. Backups and exported files are yours to delete.")
        return
    confirm(state, yes, "Delete all that is known of days before {day}?", day=before)
    first = with_database(
        state, lambda database: keeping.purge_before(database, before, actor(), now())
    )
    state.say("Deleted. The oldest list that is held is of {day}.", day=first)


def _purge_runs(state: State, day: dt.date, yes: bool) -> None:
    from meigara.bootstrap import TOKYO
    from meigara.counted import counted
    from meigara.services import keeping

    confirm(state, yes, "Delete the runs that ended before {day} and published no list?", day=day)
    moment = dt.datetime.combine(day, dt.time(), TOKYO)
    count = with_database(state, lambda database: keeping.forget_runs(database, moment))
    state.say("Deleted: {runs}.", runs=counted(state.translate, "runs", count))


def _contents(state: State) -> "Contents":
    from meigara.services.keeping import contents

    async def read(database: "Database") -> "Contents":
        async with database.reading() as session:
            return await contents(session)

    return with_database(state, read)


def _told_whole(state: State, found: "Contents") -> str:
    """Return what a backup holds, with who is let in and who is told."""
    from meigara.counted import counted

    figures = {"accounts": found.accounts, "tokens": found.tokens, "targets": found.targets}
    told = {name: counted(state.translate, name, number) for name, number in figures.items()}
    text = state.translate("{lists}; {accounts}, {tokens}, {targets}")
    return text.format(lists=_told(state, found), **told)


def _told(state: State, found: "Contents") -> str:
    from meigara.counted import counted

    figures = {"lists": found.rosters, "states": found.issues}
    figures |= {"changes": found.changes, "runs": found.runs}
    told = {what: counted(state.translate, what, number) for what, number in figures.items()}
    return state.translate("{lists}, {states}, {changes} and {runs}").format(**told)
