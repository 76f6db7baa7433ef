"""The difference between two lists."""

from meigara.domain.changes import NOTHING_CHANGED, ChangeKind, IssueChange, compare, diff
from meigara.domain.issue import contents_of
from tests.rosters import a_list, an_issue, by_code


def test_equal_lists_have_an_empty_change_set() -> None:
    assert not list(diff(a_list(5), a_list(5)).changes())


def test_a_new_code_is_a_listing_and_a_missing_one_a_delisting() -> None:
    changes = list(diff(by_code([an_issue("13000")]), by_code([an_issue("14000")])).changes())
    assert changes == [
        IssueChange("14000", ChangeKind.LISTED, "name", None, "会社14000"),
        IssueChange("13000", ChangeKind.DELISTED, "name", "会社13000", None),
    ]


def test_each_changed_field_is_one_change_of_its_kind() -> None:
    before = an_issue("13000")
    after = before._replace(name="新社名", sector17="2", sector33="1050", market="0112")
    found = diff(by_code([before]), by_code([after]))
    assert len(found.revised) == 1
    assert [(each.kind, each.field) for each in found.changes()] == [
        (ChangeKind.RENAMED, "name"),
        (ChangeKind.SECTOR, "sector17"),
        (ChangeKind.SECTOR, "sector33"),
        (ChangeKind.SEGMENT, "market"),
    ]


def test_an_attribute_the_answer_does_not_carry_is_not_a_change() -> None:
    before = an_issue("13000", margin="2", product="011")
    after = before._replace(margin="", product="")
    assert not list(diff(by_code([before]), by_code([after])).changes())
    found = compare(set(contents_of([before])), set(contents_of([after])))
    assert found.change_set == NOTHING_CHANGED
    assert found.issues() == {"13000": before}


def test_the_count_of_companies_uses_what_is_known_of_an_issue() -> None:
    fund = an_issue("13050", product="014", market="0109", sector33="9999")
    odd = an_issue("13060", product="014")
    after = contents_of([fund, odd._replace(product="")])
    found = compare(set(contents_of([odd])), set(after))
    assert (found.total, found.change_set.growth_of_companies) == (2, 0)


def test_a_character_that_no_text_can_hold_is_replaced_and_told_every_time() -> None:
    received = set(contents_of([an_issue("13000", name="a\x00b"), an_issue("13010")]))
    first = compare(set(), received)
    assert first.new["13000"].name == "a\ufffdb"
    again = compare(set(contents_of(first.new.values())), received)
    assert again.change_set == NOTHING_CHANGED
    assert first.mended == again.mended == ("13000",)


def test_a_space_too_many_in_every_name_is_no_change() -> None:
    held = a_list(5)
    spaced = [issue._replace(name=f"{issue.name} ") for issue in held.values()]
    found = compare(set(contents_of(held.values())), set(contents_of(spaced)))
    assert found.change_set == NOTHING_CHANGED
    assert found.issues() == held
