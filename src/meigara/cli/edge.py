"""What does the shell see of the program: its words, its language and its exit codes?

The modules of the command line load what they need only when a command runs, so that `--help` and
completion stay quick.
"""

import asyncio
import getpass
import signal
import sys
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import click

from meigara import errors
from meigara.config import Loaded, Settings, environment, language_of, load_settings
from meigara.domain.showing import shown_lines
from meigara.i18n import Translate, translator

Result = TypeVar("Result")

INTERRUPTED = 130
FORMATS = click.Choice(("table", "csv", "json"))
EXIT_CODES: Mapping[type[errors.MeigaraError], int] = {
    errors.ConfigurationError: 2,
    errors.InvalidInput: 2,
    errors.NotFound: 3,
    errors.Conflict: 4,
    errors.AccessRefused: 4,
    errors.LeaseLost: 4,
    errors.JQuantsError: 5,
    errors.RosterHeld: 6,
    errors.UnexpectedFailure: 1,
    errors.StoreUnavailable: 7,
    errors.RunCancelled: INTERRUPTED,
}


def exit_code_of(error: errors.MeigaraError) -> int:
    """Return the exit code of the nearest class that the table names."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def tell(text: str, *, err: bool = False, bold: bool = False) -> None:
    """Print sentences; what somebody else has written in them gives the terminal no orders."""
    click.secho(shown_lines(text), err=err, bold=bold or None)


@dataclass
class State:
    """What every command is given: the environment and the language of the person."""

    environ: Mapping[str, str] = field(default_factory=environment)
    home: Path = field(default_factory=Path.home)

    @cached_property
    def language(self) -> str:
        """The language of messages, `ja` or `en`."""
        return language_of(self.environ)

    @cached_property
    def translate(self) -> Translate:
        """The function that turns an English text into the person's language."""
        return translator(self.language)

    def load(self) -> Loaded:
        """Return the settings and where they come from. Raises ConfigurationError."""
        return load_settings(self.environ, self.home)

    @property
    def settings(self) -> Settings:
        """The settings in force. Raises ConfigurationError."""
        return self.load().settings

    def say(self, text: str, **values: object) -> None:
        """Print a translated text to standard output."""
        tell(self.translate(text).format(**values))

    def note(self, text: str, **values: object) -> None:
        """Print a translated remark to standard error, where it disturbs no data."""
        tell(self.translate(text).format(**values), err=True)


def run_async(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` to its end; Ctrl-C, SIGTERM and SIGHUP cancel it and let it clean up.

    Raises KeyboardInterrupt after such a cancel.
    """

    async def cancellable() -> Result:
        task = asyncio.current_task()
        if task is not None:
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await work

    try:
        return asyncio.run(cancellable())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def actor() -> str | None:
    """Return the name of the person at the keyboard, if the system knows it, as `shell:NAME`.

    No account has such a name: the audit trail tells a shell from a page.
    """
    try:
        return f"shell:{getpass.getuser()}"
    except (KeyError, OSError):
        return None


def confirm(state: State, yes: bool, question: str, **values: object) -> None:
    """Ask before something is lost or published; where nobody can answer, `--yes` is needed."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(state.translate("Nobody can be asked here: confirm with --yes."))
    click.confirm(state.translate(question).format(**values), abort=True)
