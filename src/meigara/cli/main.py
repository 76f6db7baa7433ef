"""Which commands does `meigara` have, and how does one start and end?"""

import gettext
import os
import sys

import click

from meigara import __version__, errors
from meigara.cli.audit import audit
from meigara.cli.changes import changes
from meigara.cli.check import check
from meigara.cli.completion import completion
from meigara.cli.db import db
from meigara.cli.edge import INTERRUPTED, State, exit_code_of, tell
from meigara.cli.export import export
from meigara.cli.issues import issues
from meigara.cli.keeping import backup, purge, restore
from meigara.cli.rosters import rosters
from meigara.cli.runs import runs
from meigara.cli.schedule import schedule
from meigara.cli.secrets import secrets
from meigara.cli.serve import serve
from meigara.cli.simulate import demo, simulate
from meigara.cli.sync import sync
from meigara.cli.token import token
from meigara.cli.user import user
from meigara.config import speak
from meigara.i18n import DOMAIN, LOCALES, Translate, explain


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Keep a complete list of all issues listed in Tokyo in daily sync with J-Quants.",
)
@click.version_option(__version__, prog_name="meigara", message="%(prog)s %(version)s")
def meigara() -> None:
    """Offer the commands."""


_COMMANDS = (
    sync,
    issues,
    changes,
    export,
    runs,
    rosters,
    serve,
    schedule,
    check,
    db,
    backup,
    restore,
    purge,
    user,
    token,
    audit,
    secrets,
    simulate,
    demo,
    completion,
)
for _command in _COMMANDS:
    meigara.add_command(_command)


def main() -> None:
    """Run the command line and exit with the documented code."""
    state = State()
    _speak(state)
    try:
        code = meigara.main(_arguments(), "meigara", standalone_mode=False, obj=state)
        sys.stdout.flush()
    except errors.MeigaraError as error:
        code = _report(state, error)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        state.note("Stopped. The list is whole: unchanged, or published if that was under way.")
        code = INTERRUPTED
    except BrokenPipeError:
        _write_nowhere()
        code = 0
    except OSError as error:
        _write_nowhere()
        state.note("The output could not be written: {reason}", reason=error.strerror)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _arguments() -> list[str]:
    """Return what was typed, as UTF-8 whatever the locale says; what is no text shows as �."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a text file, as Python opens it
    return [each.encode(errors="surrogateescape").decode(errors="replace") for each in sys.argv[1:]]


def _write_nowhere() -> None:
    """Let Python's own end not fail on an output that takes nothing more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _speak(state: State) -> None:
    """Bring the help texts, and the words that click itself says, into the person's language."""
    gettext.bindtextdomain(DOMAIN, str(LOCALES))
    gettext.textdomain(DOMAIN)
    speak(state.language)
    if state.language != "en":
        _translate_help(meigara, state.translate)


def _translate_help(command: click.Command, translate: Translate) -> None:
    command.help = translate(command.help) if command.help else None
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            option.help = translate(option.help)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _translate_help(each, translate)


def _report(state: State, error: errors.MeigaraError) -> int:
    """Say on standard error what happened and what to do."""
    explanation = explain(error, state.translate)
    tell(explanation.message, err=True, bold=True)
    if explanation.hint:
        tell(f"→ {explanation.hint}", err=True)
    return exit_code_of(error)
