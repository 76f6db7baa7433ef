"""How does `docs/cli.md` come about?

`python -m scripts.reference` writes it: the hand-kept chapters of `scripts/reference.md`, then
the help of every command as the program prints it in English.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from meigara.cli.main import meigara

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "scripts" / "reference.md"
REFERENCE = ROOT / "docs" / "cli.md"
_WIDTH = 96


def generated() -> str:
    """Return the whole text of `docs/cli.md`."""
    commands = "\n".join(_chapters(meigara, _context(meigara, "meigara")))
    return f"{TEMPLATE.read_text(encoding='utf-8')}\n{commands}"


def _chapters(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield a chapter for a command, and one for each command below it."""
    yield f"### `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.commands[name]
            yield from _chapters(below, _context(below, name, context))


def _context(
    command: click.Command, name: str, parent: click.Context | None = None
) -> click.Context:
    settings = {**command.context_settings, "terminal_width": _WIDTH}
    return click.Context(command, parent=parent, info_name=name, **settings)


if __name__ == "__main__":
    REFERENCE.write_text(generated(), encoding="utf-8")
