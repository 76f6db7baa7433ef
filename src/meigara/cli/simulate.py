"""`meigara simulate` and `meigara demo`: how does one try the program without a key?"""

import datetime as dt
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meigara.cli.edge import State, run_async
from meigara.config import data_folder, demo_settings, discard_demo
from meigara.domain.dates import parse_date

if TYPE_CHECKING:
    from meigara.config import Settings

_DEMO_KEY = "demo"
_FIRST_LINES = 10
_DAYS_BACK = 30


@click.command(help="Serve an invented market as J-Quants would, on this machine.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Listen on this port; 0 takes a free one.",
)
@click.option(
    "--rosters",
    type=click.Path(path_type=Path),
    help="Serve the files YYYY-MM-DD.json[.gz] of this folder instead of the invented market.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[:N]",
    help="Misbehave like this; --list-faults shows the names.",
)
@click.option("--list-faults", is_flag=True, help="Show the faults there are, and end.")
@click.option("--plan", default=None, metavar="PLAN", help="free, light, standard or premium.")
@click.option("--key", default=None, help="Accept this API key only (default: any).")
@click.option(
    "--today", type=parse_date, metavar="DATE", help="Pretend that today is this day (YYYY-MM-DD)."
)
@click.pass_obj
def simulate(state: State, /, list_faults: bool, **options: Any) -> None:
    """Serve until Ctrl-C."""
    from meigara.simulator.errors import SimulatorError
    from meigara.simulator.faults import describe_faults

    if list_faults:
        for name, description in describe_faults().items():
            click.echo(f"{name:18} {description}")
        return
    try:
        _serve(state, **options)
    except SimulatorError as error:
        raise click.UsageError(str(error)) from None


def _serve(state: State, /, key: str | None, **options: Any) -> None:
    from meigara.simulator.config import SimulatorConfig
    from meigara.simulator.server import serve

    def on_ready(base_url: str) -> None:
        state.say("Simulated J-Quants: {base_url}  (Ctrl-C ends it)", base_url=base_url)
        state.say("In another terminal:")
        click.echo(_export_of(data_folder() / "simulated.db"))
        click.echo(f"  export MEIGARA_JQUANTS_BASE_URL={base_url}")
        click.echo(f"  export MEIGARA_JQUANTS_API_KEY={key or _DEMO_KEY}")
        click.echo("  meigara sync")

    given = {name: value for name, value in options.items() if value is not None}
    serve(SimulatorConfig(api_key=key, **given), on_ready)


@click.command(help="Try the program with an invented market, in a database of its own.")
@click.pass_obj
def demo(state: State, /) -> None:
    """Sync twice from the simulator, a month apart, and show the result."""
    from meigara.simulator.config import SimulatorConfig
    from meigara.simulator.server import running

    state.say("No key is needed here: this market is INVENTED, none of it is real.")
    file = data_folder() / "demo.db"
    discard_demo()
    with running(SimulatorConfig()) as simulator:
        invented = demo_settings(state.settings, simulator.base_url)
        a_month_ago = _today() - dt.timedelta(days=_DAYS_BACK)
        _sync(state, invented, a_month_ago)
        _sync_and_show(state, invented)
    state.say("Go on with the invented market:")
    click.echo(_export_of(file))
    click.echo("  meigara changes")
    click.echo("  meigara issues --search ホールディングス")


def _export_of(file: Path) -> str:
    """Return the line for a shell that lets the commands use a database of its own."""
    return f"  export MEIGARA_DATABASE_URL={shlex.quote(f'sqlite:///{file}')}"


def _today() -> dt.date:
    from meigara.bootstrap import TOKYO

    return dt.datetime.now(TOKYO).date()


def _sync(state: State, settings: "Settings", as_of: dt.date | None) -> None:
    from meigara.cli.results import end_of_run
    from meigara.cli.sync import synced

    end_of_run(state, run_async(synced(state, settings, as_of)), as_json=False)


def _sync_and_show(state: State, settings: "Settings") -> None:
    """Sync, then print the first lines of the list."""
    from meigara.cli.issues import columns, found_by
    from meigara.cli.output import write_records
    from meigara.counted import counted
    from meigara.services.issues import IssueQuery, IssueRecord

    _sync(state, settings, None)
    found, _newest = run_async(found_by(settings, IssueQuery()))
    click.echo()
    write_records(IssueRecord, found[:_FIRST_LINES], "table", columns(state))
    issues = counted(state.translate, "issues", len(found))
    state.say("… {issues} in all: `meigara issues`", issues=issues)
