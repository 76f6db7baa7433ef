"""What a stranger wrote gives a terminal no orders."""

import json

import pytest

from meigara.domain.access import parse_account_name, parse_token_name
from meigara.domain.showing import has_hidden, shown, shown_json, shown_lines
from meigara.errors import InvalidAccount

HIDDEN = ["\x00", "\x07", "\n", "\r", "\x1b[2J", "\x7f", "\x9b31m", "\u202e", "\u2028", "\ud800"]
HARMLESS = "トヨタ自動車　(株) Ａ・B ~é"


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_nobody_sees_is_written_out(hidden: str) -> None:
    assert has_hidden(hidden)
    assert shown(f"a{hidden}b").isprintable()
    assert shown(f"a{hidden}b").startswith("a\\")


def test_every_other_text_stays_as_it_is() -> None:
    assert not has_hidden(HARMLESS)
    assert shown(HARMLESS) == HARMLESS
    assert shown_lines("one\ntwo\x1b") == "one\ntwo\\x1b"


def test_json_means_the_same_without_hidden_characters() -> None:
    value = {"name": f"{HARMLESS}\x9b\u202e\ufeff\U000e0041\n"}
    text = json.dumps(value, ensure_ascii=False, indent=2)
    assert json.loads(shown_json(text)) == value
    assert shown_json(text).replace("\n", "").replace("\u3000", "").isprintable()


@pytest.mark.parametrize("hidden", HIDDEN)
def test_no_account_and_no_token_has_a_name_with_hidden_characters(hidden: str) -> None:
    for parse in (parse_account_name, parse_token_name):
        with pytest.raises(InvalidAccount):
            parse(f"a{hidden}b")
