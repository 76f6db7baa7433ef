"""`meigara user`: who may sign in."""

import sys
from typing import TYPE_CHECKING

import click
import msgspec

from meigara.cli.edge import FORMATS, State, actor
from meigara.cli.output import write_records
from meigara.cli.store import now, with_database
from meigara.domain.access import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meigara.db.accounts import Account
    from meigara.db.engine import Database
    from meigara.services.accounts import AccountEdit

_ROLES = click.Choice([str(role) for role in Role])
_FROM_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, for scripts."
)


class _Account(msgspec.Struct, frozen=True):
    name: str
    role: str
    is_enabled: bool
    created_at: str
    signed_in_at: str | None


@click.group(help="Say who may sign in; with an account, everybody has to.")
def user() -> None:
    """Offer the commands about accounts."""


@user.command(help="Add an account; its password is asked for.")
@click.argument("name")
@click.option(
    "--role",
    type=_ROLES,
    default=Role.VIEWER.value,
    show_default=True,
    help="See, sync, or look after it all.",
)
@_FROM_STDIN
@click.pass_obj
def add(state: State, /, name: str, role: str, password_stdin: bool) -> None:
    """Add an account."""
    from meigara.services.accounts import add_account

    password = _password(state, from_stdin=password_stdin)
    account = with_database(
        state,
        lambda database: add_account(
            database, name, Role(role), password, actor=actor(), now=now()
        ),
    )
    state.say("Added {name} as {role}.", name=account.name, role=state.translate(account.role))


@user.command(name="list", help="List the accounts.")
@click.option(
    "--format", "format_", type=FORMATS, default="table", show_default=True, help="How to write it."
)
@click.pass_obj
def list_(state: State, format_: str) -> None:
    """Print all accounts."""
    t = state.translate
    found = [_account(each) for each in with_database(state, _all)]
    if not found and format_ == "table":
        state.note("There is no account: the server answers to this machine only.")
        return
    columns = {
        t("User name"): lambda each: each.name,
        t("Role"): lambda each: t(each.role),
        t("State"): lambda each: t("enabled") if each.is_enabled else t("disabled"),
        t("Last sign-in"): lambda each: each.signed_in_at or "-",
    }
    write_records(_Account, found, format_, columns)


@user.command(help="Let an account sign in no more; it is signed out everywhere.")
@click.argument("name")
@click.pass_obj
def disable(state: State, /, name: str) -> None:
    """Disable an account."""
    from meigara.services.accounts import AccountEdit

    _change(state, name, AccountEdit(is_enabled=False))
    state.say("{name} can sign in no more.", name=name)


@user.command(help="Let a disabled account sign in again.")
@click.argument("name")
@click.pass_obj
def enable(state: State, /, name: str) -> None:
    """Enable an account."""
    from meigara.services.accounts import AccountEdit

    _change(state, name, AccountEdit(is_enabled=True))
    state.say("{name} can sign in again.", name=name)


@user.command(name="role", help="Give an account another role.")
@click.argument("name")
@click.argument("role", type=_ROLES)
@click.pass_obj
def role_(state: State, /, name: str, role: str) -> None:
    """Change the role."""
    from meigara.services.accounts import AccountEdit

    _change(state, name, AccountEdit(role=Role(role)))
    state.say("{name} is {role} now.", name=name, role=state.translate(role))


@user.command(name="password", help="Give an account another password.")
@click.argument("name")
@_FROM_STDIN
@click.option(
    "--keep-tokens", is_flag=True, help="Let the tokens of the account work on; else they end."
)
@click.pass_obj
def password_(state: State, /, name: str, password_stdin: bool, keep_tokens: bool) -> None:
    """Change the password."""
    from meigara.services.accounts import change_password

    password = _password(state, from_stdin=password_stdin)
    if not password_stdin and not keep_tokens:
        ends_tokens = click.confirm(state.translate("Revoke its tokens as well?"), default=True)
        keep_tokens = not ends_tokens
    ended = with_database(
        state,
        lambda database: change_password(
            database, name, password, actor=actor(), now=now(), keeps_tokens=keep_tokens
        ),
    )
    state.say("The password of {name} is another one now.", name=name)
    if ended:
        state.say("Revoked tokens: {count}", count=ended)


def _change(state: State, name: str, wanted: "AccountEdit") -> None:
    from meigara.services.accounts import change_account

    with_database(state, lambda database: change_account(database, name, wanted, actor(), now()))


async def _all(database: "Database") -> "Sequence[Account]":
    from meigara.services.accounts import all_accounts

    async with database.reading() as session:
        return await all_accounts(session)


def _account(found: "Account") -> _Account:
    at = found.signed_in_at
    return _Account(
        found.name,
        found.role,
        found.is_enabled,
        found.created_at.isoformat(),
        at.isoformat() if at else None,
    )


def _password(state: State, *, from_stdin: bool) -> str:
    """Return a password that was typed twice without being shown, or sent by a script."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        text = "Nobody can be asked here: send the password with --password-stdin."
        raise click.UsageError(state.translate(text))
    t = state.translate
    typed: str = click.prompt(t("Password"), hide_input=True, confirmation_prompt=t("Once more"))
    return typed
