"""`meigara check`: which settings are in force, and do the database and J-Quants answer?"""

import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING

import click

from meigara import errors
from meigara.cli.edge import State, exit_code_of, run_async, tell
from meigara.domain.masking import HIDDEN, end_of, without_secrets

if TYPE_CHECKING:
    from meigara.config import Loaded
    from meigara.jquants.events import FetchEvent, Probe


@click.command(help="Show the settings in force and test the database and the connection.")
@click.option("--offline", is_flag=True, help="Do not call J-Quants.")
@click.pass_obj
def check(state: State, offline: bool) -> None:
    """Print the settings, then what the database and J-Quants answer."""
    loaded = state.load()
    _show_settings(state, loaded)
    problems = [_attempt(state, _check_database)]
    if not offline:
        problems.append(_attempt(state, _check_source))
    failures = [problem for problem in problems if problem is not None]
    if failures:
        sys.exit(exit_code_of(failures[0]))


def _show_settings(state: State, loaded: "Loaded") -> None:
    from meigara.cli.output import write_table
    from meigara.config import PREFIX, SECRETS

    rows = []
    for name, origin in loaded.origins.items():
        if name.startswith("guard_") and origin == "default":
            continue
        value = getattr(loaded.settings, name)
        shown = _masked(name, value, is_secret=name in SECRETS)
        rows.append([f"{PREFIX}{name.upper()}", shown, state.translate(origin)])
    write_table([state.translate(h) for h in ("Setting", "Value", "Source")], rows)
    state.say("The other limits of the guard have their defaults (MEIGARA_GUARD_…, docs/guard.md).")


def _masked(name: str, value: object, *, is_secret: bool) -> str:
    """Return a value as it may be shown: a secret by its last four characters."""
    if value is None:
        return "-"
    if is_secret:
        return f"••••{end_of(str(value))}"
    if name == "database_url":
        return _shown_database(str(value))
    return without_secrets(str(value)) if name.endswith("_url") else str(value)


def _shown_database(value: str) -> str:
    from meigara.db.url import database_url, shown_url

    try:
        return shown_url(database_url(value))
    except errors.InvalidSetting:
        return HIDDEN


def _attempt(state: State, test: Callable[[State], None]) -> errors.MeigaraError | None:
    """Run one test; say what went wrong and return it."""
    from meigara.i18n import explain

    try:
        test(state)
    except errors.MeigaraError as error:
        explanation = explain(error, state.translate)
        tell(f"✗ {explanation.message}\n  → {explanation.hint}")
        return error
    return None


def _check_database(state: State) -> None:
    from meigara.cli.db import current_schema

    name, found = run_async(current_schema(state))
    if found is None:
        state.say("✓ Database {name}: empty; `meigara sync` creates the tables.", name=name)
        return
    from meigara.db.schema import ensure_current

    ensure_current(found)
    state.say("✓ Database {name}: schema {found}", name=name, found=found)


def _check_source(state: State) -> None:
    from meigara.counted import counted

    probe = run_async(_probe(state))
    state.say(
        "✓ J-Quants answers: {issues} as of {as_of}",
        issues=counted(state.translate, "issues", probe.rows),
        as_of=probe.as_of or "-",
    )
    if probe.plan is not None:
        state.say("  Plan: {plan}", plan=probe.plan)


def _tell_of_wait(state: State, event: "FetchEvent") -> None:
    from meigara.jquants.events import RateLimitWait
    from meigara.sentences import WAITS

    if isinstance(event, RateLimitWait):
        state.note(WAITS["rate_limit"], seconds=event.seconds)


async def _probe(state: State) -> "Probe":
    from meigara.bootstrap import open_app
    from meigara.services.rate import StoreLimiter
    from meigara.source import client_of

    async with AsyncExitStack() as stack:
        limiter = None
        with suppress(errors.MeigaraError):  # without a database the call is counted by nobody
            app = await stack.enter_async_context(open_app(state.settings))
            limiter = StoreLimiter(app.database, app.now)
        client = client_of(state.settings, partial(_tell_of_wait, state), limiter)
        return await (await stack.enter_async_context(client)).probe()
