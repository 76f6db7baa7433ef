"""Which issues does a command mean? The options of all that show or write some of them."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from meigara.cli.complete import complete_market, complete_sector

_OPTIONS = (
    click.option(
        "--search", default="", metavar="TEXT", help="Words of the name or code, any width."
    ),
    click.option(
        "--market",
        multiple=True,
        shell_complete=complete_market,
        help="Market segment, by code or name (0111); may be given several times.",
    ),
    click.option(
        "--sector33",
        multiple=True,
        shell_complete=complete_sector,
        help="Sector of the 33, by code or name (7050); may be given several times.",
    ),
    click.option("--companies", is_flag=True, help="Ordinary shares of companies only."),
    click.option(
        "--listed/--gone",
        "is_listed",
        default=True,
        help="Issues on the list, or those that left it.",
    ),
)


def of_some(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take some of the issues only."""
    return reduce(lambda each, option: option(each), reversed(_OPTIONS), command)
