"""`meigara secrets`: what was entered on the pages, and what opens it."""

import click

from meigara.cli.edge import State
from meigara.cli.store import with_database


@click.group(help="Look after what was entered on the pages and is kept sealed.")
def secrets() -> None:
    """Offer the commands about secrets."""


@secrets.command(
    help="Seal the key and the addresses that were entered on the pages with a new secret."
)
@click.pass_obj
def rotate(state: State, /) -> None:
    """Seal what is kept anew."""
    from meigara import vault
    from meigara.config import data_folder
    from meigara.counted import counted
    from meigara.services.targets import seal_anew

    with vault.rotating(data_folder(), state.settings.secret_key) as seal:
        has_key = vault.keep_sealed_anew(data_folder(), seal)
        count = with_database(state, lambda database: seal_anew(database, seal))
    if not has_key and not count:
        state.note("Nothing was entered on the pages; there is nothing to seal.")
    if has_key:
        state.say("The key is sealed with a new secret.")
    if count:
        addresses = counted(state.translate, "addresses", count)
        state.say("Sealed anew: {addresses}.", addresses=addresses)
