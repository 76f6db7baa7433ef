"""Which texts does the program show, and is each one in the Japanese catalogue?

`python scripts/messages.py` brings the catalogue up to date: new texts are added without a
translation, texts that are no longer shown are dropped, and the compiled form is written.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from meigara import errors, i18n
from meigara.cli.main import meigara
from meigara.db import soundness
from meigara.domain.changes import ChangeKind
from meigara.domain.run import Phase, RunStatus, Trigger

CATALOGUE = i18n.LOCALES / "ja" / "LC_MESSAGES" / f"{i18n.DOMAIN}.po"
COMPILED = CATALOGUE.with_suffix(".mo")
_TRANSLATING = {"say", "note", "translate", "t", "_confirm"}
_CLICK = (
    "Usage:",
    "Options",
    "Commands",
    "Show this message and exit.",
    "Show the version and exit.",
    "Aborted!",
    "Error: {message}",
    "Missing argument",
    "Try '{command} {option}' for help.",
    "No such command {name!r}.",
    "No such option: {name}",
)


def shown_texts() -> set[str]:
    """Return every English text that a person may meet."""
    texts = set(_error_texts()) | set(i18n.HOLD_MESSAGES.values()) | set(_help_texts(meigara))
    texts |= {value for name, value in vars(soundness).items() if name.isupper()}
    texts |= {str(each) for kind in (ChangeKind, RunStatus, Trigger, Phase) for each in kind}
    for file in (Path(i18n.__file__).parent / "cli").glob("*.py"):
        texts |= set(_texts_in(ast.parse(file.read_text(encoding="utf-8"))))
    return texts | {"default", *_CLICK}


def read_catalogue() -> Catalog:
    """Return the Japanese catalogue as it is stored."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="ja")


def update() -> None:
    """Bring the catalogue up to date and compile it."""
    known = read_catalogue() if CATALOGUE.exists() else Catalog()
    fresh = Catalog(
        locale="ja",
        project="meigara",
        fuzzy=False,
        creation_date=known.creation_date,
        revision_date=known.creation_date,
    )
    for text in sorted(shown_texts()):
        old = known.get(text)
        fresh.add(text, old.string if old else "")
    with CATALOGUE.open("wb") as file:
        write_po(file, fresh, width=100, omit_header=False)
    with COMPILED.open("wb") as file:
        write_mo(file, fresh)


def _error_texts() -> Iterator[str]:
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.MeigaraError):
            yield from filter(None, (kind.message, kind.hint))


def _help_texts(command: click.Command) -> Iterator[str]:
    yield from filter(None, [command.help])
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            yield option.help
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from _help_texts(each)


def _texts_in(tree: ast.AST) -> Iterator[str]:
    """Yield the texts given to a translating function, and the constants that name sentences."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _TRANSLATING:
            yield from _strings(node.args)
        elif isinstance(node, ast.ListComp | ast.GeneratorExp) and _translates(node.elt):
            yield from _strings([each.iter for each in node.generators])
        elif isinstance(node, ast.Assign) and _name(node.targets[0]).endswith(_SENTENCES):
            yield from _strings([node.value])


_SENTENCES = ("_SENTENCE", "_PHASES", "_HEADINGS")


def _translates(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) in _TRANSLATING


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", None) or getattr(node, "id", "")


def _strings(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


if __name__ == "__main__":
    update()
