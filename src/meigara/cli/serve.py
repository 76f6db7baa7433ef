"""`meigara serve`: run the server, which syncs each day by itself."""

import asyncio

import click

from meigara.cli.edge import State


@click.command(help="Serve the API and sync each day by itself, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen on this address.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Listen on this port; 0 takes a free one.",
)
@click.pass_obj
def serve(state: State, host: str, port: int) -> None:
    """Serve until a signal."""
    from meigara.logs import start_logging
    from meigara.web.server import serve as serve_until_signal

    def on_ready(address: str) -> None:
        state.say("Meigara: {address}  (Ctrl-C ends it)", address=address)

    start_logging()
    asyncio.run(serve_until_signal(state.settings, host, port, on_ready))
