"""What does the Tab key offer?"""

from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from meigara.cli.edge import State, run_async
from meigara.domain.classification import MARKETS, SECTORS33, CodeTable
from meigara.errors import MeigaraError

_DAYS_OFFERED = 100


def complete_market(
    _context: click.Context, _option: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Offer the market segments."""
    return _offer(MARKETS, typed)


def complete_sector(
    _context: click.Context, _option: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Offer the 33 sectors."""
    return _offer(SECTORS33, typed)


def complete_stored_day(
    _context: click.Context, _argument: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Offer the newest days of which the list is stored; none where no store can be read."""
    from meigara.bootstrap import open_app
    from meigara.db.rosters import published_rosters

    async def newest() -> list[str]:
        async with open_app(State().settings) as app, app.database.reading() as session:
            found = await published_rosters(session, None, _DAYS_OFFERED)
        return [str(each.as_of) for each in found]

    with suppress(MeigaraError):
        days = dict.fromkeys(run_async(newest()))
        return [CompletionItem(day) for day in days if day.startswith(typed)]
    return []


def _offer(table: CodeTable, typed: str) -> list[CompletionItem]:
    """Return the codes whose code or name begins with what was typed, explained by the name."""
    wanted = typed.casefold()
    return [
        CompletionItem(code, help=f"{names.ja} / {names.en}")
        for code, names in table.items()
        if any(text.casefold().startswith(wanted) for text in (code, *names))
    ]
