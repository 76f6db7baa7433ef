"""`meigara serve`: run the server, which syncs each day by itself."""

import asyncio
from typing import TYPE_CHECKING

import click

from meigara.cli.edge import State, actor
from meigara.domain.run import Trigger

if TYPE_CHECKING:
    from meigara.web.stage import Stage


@click.command(help="Serve the pages and the API and sync each day by itself, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen on this address.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Listen on this port; 0 takes a free one.",
)
@click.option(
    "--fill",
    is_flag=True,
    help="Sync at once if there is no list yet; without an API key, from an invented market.",
)
@click.pass_obj
def serve(state: State, host: str, port: int, fill: bool) -> None:
    """Serve until a signal."""
    from meigara.db.url import place_of
    from meigara.logs import start_logging
    from meigara.web.server import serve as serve_until_signal

    async def on_ready(stage: "Stage", address: str) -> None:
        if fill:
            await stage.fill(Trigger.CLI, actor())
        if stage.is_demo:
            state.say("No key is needed here: this market is INVENTED, none of it is real.")
        state.say("Data: {place}", place=place_of(stage.app.settings.database_url))
        state.say("Meigara: {address}  (Ctrl-C ends it)", address=address)

    settings = state.settings
    start_logging(settings.log_format)
    asyncio.run(serve_until_signal(settings, host, port, on_ready))
