"""`meigara rosters`: of which days is the list stored, and how is a wrong one taken back?"""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
import msgspec

from meigara.cli.complete import complete_stored_day
from meigara.cli.edge import State, actor, confirm, tell
from meigara.cli.store import now, with_database
from meigara.domain.dates import parse_date

if TYPE_CHECKING:
    from meigara.db.engine import Database
    from meigara.db.models import StoredRoster
    from meigara.services.retracting import Retraction

_MOST = 1_000_000


class RosterRecord(msgspec.Struct, frozen=True):
    """A stored list as JSON; documented in docs/cli.md, fields are only ever added."""

    as_of: dt.date | None
    issues: int
    fetched_at: dt.datetime
    run_id: int
    retracted_at: dt.datetime | None


@click.group(
    invoke_without_command=True,
    help="Show the days of which the list is stored, or take a wrong list back.",
)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1, _MOST), help="How many."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def rosters(context: click.Context, limit: int, as_json: bool) -> None:
    """Print the newest stored lists, those that were taken back among them."""
    if context.invoked_subcommand is not None:
        return
    from meigara.cli.output import write_json, write_table

    state: State = context.obj
    found = [_record(each) for each in _newest(state, limit)]
    if as_json:
        write_json(found)
        return
    headings = ("As of", "Issues", "Fetched", "Run", "Taken back")
    write_table([state.translate(each) for each in headings], [_row(each) for each in found])


@rosters.command(help="Take the list of DAY back, as if it had never come.")
@click.argument("day", type=parse_date, metavar="DAY", shell_complete=complete_stored_day)
@click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def retract(state: State, day: dt.date, yes: bool, as_json: bool) -> None:
    """Take a list back, after a confirmation that names the numbers."""
    from meigara.cli.output import write_json
    from meigara.sentences import retraction_sentences
    from meigara.services import retracting

    expected = _outlook(state, day)
    if not yes:
        for sentence in retraction_sentences(expected, state.translate):
            tell(sentence, err=as_json)
    confirm(state, yes, "Take the list of {day} back?", day=day)
    found = with_database(state, lambda database: retracting.retract(database, day, actor(), now()))
    if as_json:
        write_json(found)
        return
    state.say("The list of {day} is taken back.", day=day)
    if yes:
        for sentence in retraction_sentences(found, state.translate):
            tell(sentence)


def _newest(state: State, limit: int) -> Sequence["StoredRoster"]:
    from meigara.db.rosters import published_rosters

    async def read(database: "Database") -> "Sequence[StoredRoster]":
        async with database.reading() as session:
            return await published_rosters(session, None, limit, with_retracted=True)

    return with_database(state, read)


def _outlook(state: State, day: dt.date) -> "Retraction":
    from meigara.services.retracting import outlook

    async def read(database: "Database") -> "Retraction":
        async with database.reading() as session:
            return await outlook(session, day)

    return with_database(state, read)


def _record(roster: "StoredRoster") -> RosterRecord:
    return RosterRecord(
        roster.as_of, roster.row_count, roster.fetched_at, roster.run_id, roster.retracted_at
    )


def _row(record: RosterRecord) -> list[str]:
    retracted = f"{record.retracted_at.astimezone():%Y-%m-%d %H:%M}" if record.retracted_at else ""
    fetched = f"{record.fetched_at.astimezone():%Y-%m-%d %H:%M}"
    return [str(record.as_of), f"{record.issues:,}", fetched, str(record.run_id), retracted]
