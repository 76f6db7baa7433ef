"""Names that cannot be those of the issues that they stand beside."""

import datetime as dt

import pytest

from meigara.domain.changes import diff
from meigara.domain.guard import GuardLimits, HoldKind
from meigara.domain.issue import ListedIssue, contents_of
from meigara.domain.judgement import StoredList
from meigara.domain.naming import names
from tests.rosters import a_list

BEFORE, DAY = dt.date(2025, 7, 10), dt.date(2025, 7, 11)
LIST = {code: issue._replace(name=f"会社{code}工業") for code, issue in a_list(1_200).items()}
CODES = list(LIST)


def found(after: dict[str, ListedIssue], as_of: dt.date = DAY) -> list[HoldKind]:
    stored = StoredList(BEFORE, frozenset(contents_of(LIST.values())), {})
    return [each.kind for each in names(stored, diff(LIST, after), as_of, GuardLimits())]


def named(names_by_code: dict[str, str]) -> dict[str, ListedIssue]:
    return LIST | {code: LIST[code]._replace(name=name) for code, name in names_by_code.items()}


ODD = (
    "#N/A",
    "NaN",
    "SONY",
    "ソニー&amp;会社",
    "ã‚½ãƒ‹ãƒ¼",
    "ｿﾆｰｸﾞﾙｰﾌﾟ",
    "ダミー１２",
    "株\ufffd会社",
)


@pytest.mark.parametrize("name", ODD)
def test_more_than_three_names_that_no_list_has_are_held(name: str) -> None:
    assert not found(named(dict.fromkeys(CODES[:3], name)))
    odd = dict.fromkeys(CODES[:4], name)
    assert HoldKind.NAME_UNREADABLE in found(named(odd))


def test_one_name_without_a_letter_is_held() -> None:
    assert found(named({CODES[5]: "・・"})) == [HoldKind.NAME_UNREADABLE]


def test_names_that_became_the_beginning_of_what_they_were_are_held_if_many_did() -> None:
    assert not found(named({code: f"会社{code}" for code in CODES[:20]}))
    cut = named({code: f"会社{code}" for code in CODES[:21]})
    assert found(cut) == [HoldKind.NAMES_CUT]
    assert not found(cut, as_of=DAY + dt.timedelta(days=400))


def test_issues_that_take_the_names_of_others_are_held_renamed_or_new() -> None:
    taken = {code: LIST[CODES[n + 500]].name for n, code in enumerate(CODES[:4])}
    assert found(named(taken)) == [HoldKind.NAME_TAKEN]
    fewer = dict(list(taken.items())[:3])
    assert not found(named(fewer))
    left = {code: issue for code, issue in LIST.items() if code not in CODES[:4]}
    again = {f"9{n}000": LIST[code]._replace(code=f"9{n}000") for n, code in enumerate(CODES[:4])}
    assert found(left | again) == [HoldKind.NAME_TAKEN]


def test_more_than_five_issues_more_that_share_a_name_are_held() -> None:
    assert not found(named(dict.fromkeys(CODES[:6], "同じ名前")))
    assert found(named(dict.fromkeys(CODES[:7], "同じ名前"))) == [HoldKind.NAMES_EQUAL]
