"""Which texts does the program show, and is each one in the Japanese catalogue?

`python -m scripts.messages` brings the catalogue up to date: new texts are added without a
translation, texts that are no longer shown are dropped, and the compiled form is written.
"""

import ast
import inspect
import io
import string
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from meigara import errors, i18n, messages, sentences
from meigara.cli.main import meigara
from meigara.counted import COUNTED
from meigara.domain.access import Role, TokenState
from meigara.domain.auditing import Action
from meigara.domain.changes import ChangeKind
from meigara.domain.run import Phase, RunStatus, Trigger
from meigara.reasons import FIELDS, HOLD_MESSAGES, USUAL, WARNING_MESSAGES
from meigara.web import headline

CATALOGUE = i18n.LOCALES / "ja" / "LC_MESSAGES" / f"{i18n.DOMAIN}.po"
COMPILED = CATALOGUE.with_suffix(".mo")

Text = str | tuple[str, str]
"""An English text; a pair where there is a singular and a plural."""

CLICK_TEXTS: frozenset[Text] = frozenset(
    {
        "Usage:",
        "Options",
        "Commands",
        "default: {default}",
        "Show this message and exit.",
        "Show the version and exit.",
        "Try '{command} {option}' for help.",
        "Error: {message}",
        "Error: The two entered values do not match.",
        "Error: invalid input",
        "Invalid value: {message}",
        "Invalid value for {param_hint}: {message}",
        "Missing argument",
        "Missing command.",
        "Choose from:\n\t{choices}",
        "No such command {name!r}.",
        "No such option {name!r}.",
        "Option {name!r} does not take a value.",
        "{value!r} is not a valid {number_type}.",
        "{value} is not in the range {range}.",
        "Couldn't detect Bash version, shell completion is not supported.",
        "Shell completion is not supported for Bash versions older than 4.4.",
        ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
        ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
        ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
        ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    }
)
"""Those of click's own texts that a person may meet here; click looks them up as well."""

_SHOWN_KINDS = (Action, ChangeKind, Phase, Role, RunStatus, TokenState, Trigger)
_SHOWN_TABLES = (messages.TITLES, messages.EVENTS, messages.STATES)
_TRANSLATING = {"say", "note", "translate", "t", "confirm", "Reason"}
_HEADER = """\
# Japanese texts of Meigara. `make messages` keeps them in step with the program:
# it adds what is new, drops what is gone, and compiles the file."""

_Bindings = dict[str, list[ast.expr]]


class _Catalogue(Catalog):
    """A catalogue whose header holds no date and no tool, so that the same texts give one file."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The header that readers need."""
        return [
            ("Language", "ja"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", "nplurals=1; plural=0;"),
        ]


def shown_texts() -> set[Text]:
    """Return every English text that a person may meet."""
    texts: set[Text] = {"default", *CLICK_TEXTS, *_error_texts(), *_help_texts(meigara)}
    texts |= {*HOLD_MESSAGES.values(), *WARNING_MESSAGES.values()}
    texts |= set(COUNTED.values())
    texts |= {*FIELDS.values(), *USUAL.values()}
    texts |= {str(each) for kind in _SHOWN_KINDS for each in kind}
    texts |= {text for table in _SHOWN_TABLES for text in table.values()}
    for table in (sentences.PHASES, sentences.MISSED, sentences.ENDS, sentences.WAITS):
        texts |= set(table.values())
    texts |= set(sentences.CONSEQUENCES.values())
    texts |= {*headline.WORDS.values(), *headline.FIRST_STEPS.values()}
    texts |= {
        sentences.CHANGE_COUNTS,
        sentences.BEHIND,
        headline.TIME_LEFT,
        headline.WAITING_FOR_A_DECISION,
        *headline.NEXT,
        headline.LATER,
    }
    for file in Path(i18n.__file__).parent.rglob("*.py"):
        texts |= set(texts_in(file.read_text(encoding="utf-8")))
    for file in (Path(i18n.__file__).parent / "web" / "templates").glob("*.html"):
        texts |= set(_texts_of_template(file))
    return texts


def _texts_of_template(file: Path) -> Iterator[str]:
    with file.open("rb") as source:
        for _, _, text, _ in babel_extract(source, ["t"], [], {}):
            yield from filter(None, text if isinstance(text, tuple) else [text])


def read_catalogue() -> Catalog:
    """Return the Japanese catalogue as it is stored."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="ja")


def compiled(catalogue: Catalog) -> bytes:
    """Return the compiled form of a catalogue."""
    return _written(write_mo, _fresh(catalogue))


def update() -> list[str]:
    """Bring the catalogue up to date and compile it; return the texts without a translation."""
    fresh = _fresh(read_catalogue() if CATALOGUE.exists() else Catalog(locale="ja"))
    CATALOGUE.write_bytes(_written(partial(write_po, width=100), fresh))
    COMPILED.write_bytes(_written(write_mo, fresh))
    return [str(each.id) for each in fresh if each.id and not is_translated(each)]


def is_translated(message: Message) -> bool:
    """Say whether a message of the catalogue has a text in each form it needs."""
    forms = message.string or ""
    return all([forms] if isinstance(forms, str) else forms)


def texts_in(source: str) -> Iterator[str]:
    """Yield the texts that a module gives to a function that translates them."""
    nodes = list(ast.walk(ast.parse(source)))
    bindings = _bindings_in(nodes)
    for node in nodes:
        if isinstance(node, ast.Call) and _name(node.func) in _TRANSLATING:
            for argument in node.args:
                yield from filter(_has_words, _strings(argument, bindings))


def _fresh(known: Catalog) -> Catalog:
    """Return a catalogue of exactly the texts that are shown, translated as far as known."""
    fresh = _Catalogue(locale="ja", header_comment=_HEADER, fuzzy=False)
    for text in sorted(shown_texts(), key=_first):
        old = known.get(_first(text))
        fresh.add(text, old.string if old else "")
    return fresh


def _written(write: Callable[[io.BytesIO, Catalog], object], catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write(buffer, catalogue)
    return buffer.getvalue()


def _first(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def _error_texts() -> Iterator[str]:
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.MeigaraError):
            yield from filter(None, (kind.message, kind.hint, kind.outside))


def _help_texts(command: click.Command) -> Iterator[str]:
    yield from filter(None, [command.help])
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            yield option.help
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from _help_texts(each)


def _bindings_in(nodes: list[ast.AST]) -> _Bindings:
    """Return what each name of a module may stand for: assigned to it, or looped over."""
    found: _Bindings = defaultdict(list)
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id].append(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id].append(node.value)
        elif isinstance(node, ast.comprehension | ast.For) and isinstance(node.target, ast.Name):
            found[node.target.id].append(node.iter)
    return found


def _strings(node: ast.expr, bindings: _Bindings) -> Iterator[str]:
    """Yield the texts that an expression may be, or that the collection it names may hold."""
    parts: list[ast.expr] = []
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name):
        parts = bindings.get(node.id, [])
        bindings = {name: values for name, values in bindings.items() if name != node.id}
    elif isinstance(node, ast.Tuple | ast.List):
        parts = node.elts
    elif isinstance(node, ast.Dict):
        parts = node.values
    elif isinstance(node, ast.Subscript):
        parts = [node.value]
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    for part in parts:
        yield from _strings(part, bindings)


def _has_words(text: str) -> bool:
    """Say whether there is anything to translate beside placeholders and signs."""
    return any(char.isalpha() for part in string.Formatter().parse(text) for char in part[0])


def _name(node: ast.AST) -> str:
    return str(getattr(node, "attr", "") or getattr(node, "id", ""))


if __name__ == "__main__":
    for missing in update():
        sys.stderr.write(f"Not translated: {missing}\n")
