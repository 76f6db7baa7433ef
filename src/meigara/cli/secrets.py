"""`meigara secrets`: the key that was entered on the page, and what opens it."""

import click

from meigara.cli.edge import State


@click.group(help="Look after the key that was entered on the page.")
def secrets() -> None:
    """Offer the commands about secrets."""


@secrets.command(help="Seal the key that was entered on the page with a new secret.")
@click.pass_obj
def rotate(state: State, /) -> None:
    """Seal what is kept anew."""
    from meigara import vault
    from meigara.config import data_folder

    if vault.rotate(data_folder(), state.settings.secret_key):
        state.say("The key is sealed with a new secret.")
    else:
        state.note("No key was entered on the page; there is nothing to seal.")
