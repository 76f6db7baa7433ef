"""Issue codes and what counts as a company."""

import pytest

from meigara.domain.issue import (
    ListedIssue,
    contents_of,
    is_readable,
    issue_of,
    parse_issue_code,
    received_issue_of,
    writable,
)
from meigara.errors import InvalidIssueCode

TOYO = ListedIssue("72030", "東洋自動車", "TOYO", "6", "3700", "TOPIX Core30", "0111", "2", "011")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7203", "72030"),
        ("72030", "72030"),
        ("130a", "130A0"),
        ("130A0", "130A0"),
        ("２５９３５", "25935"),
        (" 7203 ", "72030"),
    ],
)
def test_a_code_of_four_or_five_characters_is_stored_with_five(text: str, code: str) -> None:
    assert parse_issue_code(text) == code


@pytest.mark.parametrize("text", ["", "720", "720300", "72-3", "トヨタ", "7203\n0", "72.3"])
def test_anything_else_is_refused_with_the_text_and_an_example(text: str) -> None:
    with pytest.raises(InvalidIssueCode) as caught:
        parse_issue_code(text)
    assert text in str(caught.value)
    assert "7203" in caught.value.hint


@pytest.mark.parametrize(
    ("changes", "is_company"),
    [
        ({}, True),
        ({"product": "021"}, True),
        ({"product": "024"}, True),
        ({"code": "72035"}, False),
        ({"product": "014"}, False),
        ({"product": "013"}, False),
        ({"product": "012", "market": "0112"}, False),
        ({"product": ""}, True),
        ({"product": "", "market": "0109"}, False),
        ({"product": "", "sector33": "9999"}, False),
    ],
)
def test_a_company_is_the_ordinary_share_of_an_issuer(
    changes: dict[str, str], is_company: bool
) -> None:
    issue = TOYO._replace(**changes)
    assert issue.is_company is is_company


def test_an_issue_is_read_back_from_its_content() -> None:
    assert issue_of(TOYO.content) == TOYO
    assert list(contents_of([TOYO])) == [TOYO.content]


def test_space_around_a_text_is_not_part_of_it() -> None:
    assert received_issue_of(TOYO._replace(name=" 東洋自動車 ", name_en="TOYO ").content) == TOYO


@pytest.mark.parametrize("character", ["\x00", "\n", "\x1f", "\x85", "\u202e", "\u2066", "\ud800"])
def test_a_character_that_no_text_can_hold_is_replaced(character: str) -> None:
    assert writable(f"東洋{character}自動車") == "東洋\ufffd自動車"


def test_what_real_names_hold_is_left_alone() -> None:
    name = "ＮＥＸＴ　ＦＵＮＤＳ・日経２２５−２倍（レバレッジ）①"
    assert writable(name) == name


def test_a_name_is_readable_if_it_has_a_letter_or_a_digit() -> None:
    assert is_readable("Ａ")
    assert not any(map(is_readable, ["", "　", "・−", "\ufffd\ufffd", "???"]))
