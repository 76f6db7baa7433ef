"""What holds for any two lists."""

from hypothesis import given
from hypothesis import strategies as st

from meigara.domain.changes import apply, compare, diff
from meigara.domain.issue import ListedIssue, contents_of
from tests.rosters import by_code

text = st.text(alphabet="ABＡア株･－", min_size=1, max_size=4)
codes = st.sampled_from(["13010", "13020", "130A0", "25935", "72030", "86970"])
issues = st.builds(
    ListedIssue,
    code=codes,
    name=text,
    name_en=text,
    sector17=st.sampled_from(["1", "99"]),
    sector33=st.sampled_from(["0050", "9999"]),
    scale=st.sampled_from(["-", "TOPIX Core30"]),
    market=st.sampled_from(["0111", "0112", "0199"]),
    margin=st.sampled_from(["1", "2"]),
    product=st.sampled_from(["011", "014"]),
)
lists = st.lists(issues, unique_by=lambda issue: issue.code).map(by_code)


@given(before=lists, after=lists)
def test_applying_the_difference_gives_the_new_list(
    before: dict[str, ListedIssue], after: dict[str, ListedIssue]
) -> None:
    assert apply(before, diff(before, after)) == after


@given(before=lists, after=lists)
def test_comparing_by_content_finds_the_same_difference(
    before: dict[str, ListedIssue], after: dict[str, ListedIssue]
) -> None:
    found = compare(set(contents_of(before.values())), set(contents_of(after.values())))
    assert found.change_set == diff(before, after)
    assert found.issues() == after
    assert found.total == len(after)
    growth = found.change_set.growth_of_companies
    assert companies_in(before) + growth == companies_in(after)


def companies_in(issues: dict[str, ListedIssue]) -> int:
    return sum(issue.is_company for issue in issues.values())


@given(before=lists, after=lists)
def test_the_way_back_undoes_the_way_there(
    before: dict[str, ListedIssue], after: dict[str, ListedIssue]
) -> None:
    there, back = diff(before, after), diff(after, before)
    assert there.listed == back.delisted
    assert there.delisted == back.listed
    assert len(there.revised) == len(back.revised)
