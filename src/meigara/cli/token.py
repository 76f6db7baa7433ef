"""`meigara token`: which programs may ask."""

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
    last_used_at: str | None
    revoked_at: str | None


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
@click.pass_obj
def issue(state: State, /, name: str, account: str, scope: str) -> None:
    """Issue a token."""
    from meigara.services.passes import issue_token

    made = with_database(
        state,
        lambda database: issue_token(
            database, account, name, Scope(scope), actor=actor(), now=now()
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
        t("Last used"): lambda each: each.last_used_at or "-",
        t("State"): lambda each: t("revoked") if each.revoked_at else t("in force"),
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
    used, revoked = found.last_used_at, found.revoked_at
    return _Token(
        found.id,
        found.account,
        found.name,
        found.scope,
        found.shown,
        found.created_at.isoformat(),
        used.isoformat() if used else None,
        revoked.isoformat() if revoked else None,
    )
