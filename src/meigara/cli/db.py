"""`meigara db`: which schema has the database, and is what it holds sound?"""

import sys
from typing import TYPE_CHECKING

import click

from meigara.cli.edge import State, run_async

if TYPE_CHECKING:
    from meigara.errors import Reason


@click.group(help="Create, upgrade or check the database.")
def db() -> None:
    """Offer the commands about the database."""


@db.command(help="Create the tables, or bring an older schema to the newest.")
@click.pass_obj
def upgrade(state: State) -> None:
    """Upgrade the schema."""
    from meigara.db.migrate import upgrade as upgrade_schema
    from meigara.db.schema import SCHEMA_REVISION

    upgrade_schema(state.settings.database_url)
    state.say("The database has schema {revision}.", revision=SCHEMA_REVISION)


@db.command(help="Show the schema of the database and the one this program needs.")
@click.pass_obj
def current(state: State) -> None:
    """Print both revisions."""
    from meigara.db.schema import SCHEMA_REVISION

    name, found = run_async(current_schema(state))
    state.say("Database: {name}", name=name)
    state.say("Schema: {found} (needed: {needed})", found=found or "-", needed=SCHEMA_REVISION)


@db.command(help="Check that the schema is current and that what is stored agrees with itself.")
@click.pass_obj
def check(state: State) -> None:
    """Print what is wrong, if anything; exit 1 then."""
    findings = run_async(_findings(state))
    for finding in findings:
        sentence = state.translate(finding.template).format(**finding.values)
        state.say("Wrong: {finding}", finding=sentence)
    if findings:
        sys.exit(1)
    state.say("The database is sound.")


async def current_schema(state: State) -> tuple[str, str | None]:
    """Return the name of the database and its revision, None for one without tables."""
    from meigara.db.engine import Database
    from meigara.db.schema import current_revision
    from meigara.db.url import database_url

    database = Database(database_url(state.settings.database_url))
    try:
        return database.name, await current_revision(database)
    finally:
        await database.close()


async def _findings(state: State) -> list["Reason"]:
    from meigara.bootstrap import open_app
    from meigara.db.soundness import findings_in

    async with (
        open_app(state.settings) as app,
        app.database.reading(is_long=True) as session,
    ):
        return [finding async for finding in findings_in(session)]
