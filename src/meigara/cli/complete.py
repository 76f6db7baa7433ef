"""What does the Tab key offer?"""

import click
from click.shell_completion import CompletionItem

from meigara.domain.classification import MARKETS, SECTORS33, CodeTable


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


def _offer(table: CodeTable, typed: str) -> list[CompletionItem]:
    """Return the codes whose code or name begins with what was typed, explained by the name."""
    wanted = typed.casefold()
    return [
        CompletionItem(code, help=f"{names.ja} / {names.en}")
        for code, names in table.items()
        if any(text.casefold().startswith(wanted) for text in (code, *names))
    ]
