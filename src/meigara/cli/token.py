"""`meigara token`: which programs may ask."""

import datetime as dt
from typing import TYPE_CHECKING

import click
import msgspec

from meigara.cli.edge import FORMATS, State, actor
from meigara.cli.output import write_records
from meigara.cli.store import now, with_database
from meigara.domain.access import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meigara.db.engine import Database
    from meigara.services.passes import TokenRecord

_SCOPES = click.Choice([str(scope) for scope in Scope])


class _Token(msgspec.Struct, frozen=True):
    id: int
    account: str
    name: str
    scope: str
    begins_with: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    state: str


@click.group(help="Say which programs may ask, and for what.")
def token() -> None:
    """Offer the commands about tokens."""


@token.command(help="Make a token for a program; it is shown this one time.")
@click.argument("name")
@click.option("--user", "account", required=True, metavar="ACCOUNT", help="In whose name it asks.")
@click.option(
    "--scope",
    type=_SCOPES,
    default=Scope.READ.value,
    show_default=True,
    help="What it may do at most.",
)
@click.option(
    "--days",
    type=click.IntRange(0, 36_500),
    default=365,
    show_default=True,
    help="For how many days it works; 0 sets no end.",
)
@click.pass_obj
def issue(state: State, /, name: str, account: str, scope: str, days: int) -> None:
    """Issue a token."""
    from meigara.services.passes import issue_token

    lasts = dt.timedelta(days) if days else None
    made = with_database(
        state,
        lambda database: issue_token(
            database, account, name, Scope(scope), actor=actor(), now=now(), lasts=lasts
        ),
    )
    click.echo(made)
    state.note("This is the only time that the token is shown. Keep it now.")


@token.command(name="list", help="List the tokens.")
@click.option(
    "--format", "format_", type=FORMATS, default="table", show_default=True, help="How to write it."
)
@click.pass_obj
def list_(state: State, format_: str) -> None:
    """Print all tokens, without what makes them work."""
    t = state.translate
    found = [_token(each) for each in with_database(state, _all)]
    columns = {
        t("Number"): lambda each: str(each.id),
        t("Account"): lambda each: each.account,
        t("What it is for"): lambda each: each.name,
        t("May"): lambda each: each.scope,
        t("Begins with"): lambda each: f"{each.begins_with}…",
        t("Valid until"): lambda each: each.expires_at or t("without an end"),
        t("Last used"): lambda each: each.last_used_at or "-",
        t("State"): lambda each: t(each.state),
    }
    write_records(_Token, found, format_, columns)


@token.command(help="Let a token open nothing any more, by its NUMBER on the list.")
@click.argument("number", type=click.IntRange(min=1))
@click.pass_obj
def revoke(state: State, /, number: int) -> None:
    """Revoke a token."""
    from meigara.services.passes import revoke_token

    with_database(state, lambda database: revoke_token(database, number, actor(), now()))
    state.say("Token {number} opens nothing any more.", number=number)


async def _all(database: "Database") -> "Sequence[TokenRecord]":
    from meigara.services.passes import tokens

    async with database.reading() as session:
        return await tokens(session)


def _token(found: "TokenRecord") -> _Token:
    ends, used, revoked = found.expires_at, found.last_used_at, found.revoked_at
    return _Token(
        found.id,
        found.account,
        found.name,
        found.scope,
        found.shown,
        found.created_at.isoformat(),
        ends.isoformat() if ends else None,
        used.isoformat() if used else None,
        revoked.isoformat() if revoked else None,
        found.state(now()),
    )
