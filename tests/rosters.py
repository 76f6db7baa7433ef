"""Invented issues and lists for tests."""

from collections.abc import Iterable

from meigara.domain.issue import ListedIssue


def an_issue(code: str = "13000", **changes: str) -> ListedIssue:
    """Return an issue of an invented company, with some attributes changed."""
    issue = ListedIssue(
        code, f"会社{code}", f"Company {code}", "1", "0050", "-", "0111", "2", "011"
    )
    return issue._replace(**changes)


def a_list(count: int, *, start: int = 1000) -> dict[str, ListedIssue]:
    """Return `count` issues with the codes 10000, 10010, …"""
    return by_code(an_issue(f"{number}0") for number in range(start, start + count))


def by_code(issues: Iterable[ListedIssue]) -> dict[str, ListedIssue]:
    """Return issues keyed by their code."""
    return {issue.code: issue for issue in issues}


def a_row(issue: ListedIssue, as_of: str) -> dict[str, str]:
    """Return the row of an issue in an answer of J-Quants."""
    return {
        "Date": as_of,
        "Code": issue.code,
        "CoName": issue.name,
        "CoNameEn": issue.name_en,
        "S17": issue.sector17,
        "S17Nm": "食品",
        "S33": issue.sector33,
        "S33Nm": "水産・農林業",
        "ScaleCat": issue.scale,
        "Mkt": issue.market,
        "MktNm": f"市場{issue.market}",
        "Mrgn": issue.margin,
        "MrgnNm": f"区分{issue.margin}",
        "ProdCat": issue.product,
    }
