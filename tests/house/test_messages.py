"""Does a person in Japan meet Japanese texts only?"""

import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir

from meigara.cli.main import meigara
from scripts import messages

CATALOGUE = messages.read_catalogue()
TRANSLATED = {each.id: each for each in CATALOGUE if each.id}


def forms(text: object) -> tuple[str, ...]:
    """Return the forms of a text: one, or one for each number."""
    return (text,) if isinstance(text, str) else tuple(text or ())  # type: ignore[arg-type]


def placeholders(texts: tuple[str, ...]) -> set[tuple[str, str | None, str | None]]:
    """Return the name, the format and the conversion of each placeholder."""
    parts = [part for text in texts for part in string.Formatter().parse(text)]
    return {(name, spec, conversion) for _, name, spec, conversion in parts if name is not None}


def test_every_text_that_is_shown_is_in_the_catalogue_and_no_other() -> None:
    assert set(TRANSLATED) == messages.shown_texts(), "run `make messages`"


def test_every_text_is_translated() -> None:
    assert [text for text, each in TRANSLATED.items() if not messages.is_translated(each)] == []
    assert [text for text, each in TRANSLATED.items() if each.fuzzy] == []


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    assert [each.id for each in TRANSLATED.values() if not has_same_placeholders(each)] == []


def has_same_placeholders(message: Message) -> bool:
    original, translation = placeholders(forms(message.id)), placeholders(forms(message.string))
    if isinstance(message.id, str):
        return translation == original
    return translation <= original  # click fills those of every form at once


def test_a_translation_keeps_the_commands_and_variables_that_its_text_names() -> None:
    for message in TRANSLATED.values():
        original, translation = forms(message.id)[0], " ".join(forms(message.string))
        named = re.findall(r"MEIGARA_[A-Z_]+|`[^`]+`|https://[a-z./-]+", original)
        assert [each for each in named if each not in translation] == []


def test_the_compiled_catalogue_is_that_of_the_texts() -> None:
    assert messages.COMPILED.read_bytes() == messages.compiled(CATALOGUE), "run `make messages`"


def test_the_texts_of_click_are_those_that_click_looks_up() -> None:
    folder = Path(click.__file__).parent
    looked_up = {message for _, _, message, _, _ in extract_from_dir(folder)}
    assert messages.CLICK_TEXTS - looked_up == set()


def test_texts_are_found_where_they_are_named_looped_over_or_looked_up() -> None:
    module = """
NAMED = "named"
TABLE = {1: "looked up"}
headings = ("looped over", "and over")
say(NAMED, value="a value")
note("{only_a_placeholder}")
shown = [t(heading) for heading in headings] + [translate(h) for h in ("in place",)]
state.say(TABLE[1])
open("a file")
"""
    found = {"named", "looked up", "looped over", "and over", "in place"}
    assert set(messages.texts_in(module)) == found


def paths(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words that call each command."""
    yield path
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from paths(each, (*path, name))


@pytest.mark.parametrize("path", [*paths(meigara)], ids=" ".join)
def test_help_in_japanese_holds_no_english_sentence(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    command = [sys.executable, "-m", "meigara", *path, "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown.startswith("使い方: meigara")
    unwrapped = "".join(shown.split())
    sentences = {first for text in TRANSLATED for first in forms(text)[:1] if " " in first}
    assert [each for each in sentences if "".join(each.split()) in unwrapped] == []
    assert [line for line in shown.splitlines() if line in ("Options:", "Commands:")] == []
