"""How is a number of things told, in the form that the number asks for?"""

from collections.abc import Mapping

from meigara.i18n import Translate

COUNTED: Mapping[str, tuple[str, str]] = {
    "issues": ("{count:,} issue", "{count:,} issues"),
    "companies": ("{count:,} company", "{count:,} companies"),
    "changes": ("{count:,} change", "{count:,} changes"),
    "lists": ("{count:,} list", "{count:,} lists"),
    "states": ("{count:,} state of issues", "{count:,} states of issues"),
    "runs": ("{count:,} run", "{count:,} runs"),
    "pages": ("{count:,} page", "{count:,} pages"),
    "addresses": ("{count:,} address of notices", "{count:,} addresses of notices"),
    "accounts": ("{count:,} account", "{count:,} accounts"),
    "tokens": ("{count:,} token", "{count:,} tokens"),
    "targets": ("{count:,} target", "{count:,} targets"),
    "come": ("{count:,} comes", "{count:,} come"),
    "leave": ("{count:,} leaves", "{count:,} leave"),
    "change": ("{count:,} changes", "{count:,} change"),
    "days old": (
        "This list is {count:,} day old: what was listed or delisted since then is not in it.",
        "This list is {count:,} days old: what was listed or delisted since then is not in it.",
    ),
    "syncs": (
        "The last sync took {longest} s.",
        "The last {count} syncs took up to {longest} s, the newest one {newest} s.",
    ),
    "followers": (
        "{count} more is held only because of this one; your decision decides it too.",
        "{count} more are held only because of this one; your decision decides them too.",
    ),
    "followers alike": (
        "The same is done with {count} more that is held only because of it.",
        "The same is done with {count} more that are held only because of it, up to the newest.",
    ),
}
"""What is counted: its form for one, and for any other number."""


def counted(translate: Translate, what: str, number: int | None, **values: object) -> str:
    """Return a number of what `COUNTED` names, in words; `values` fill the rest of a sentence."""
    count = number or 0
    return translate.plural(*COUNTED[what], count).format(count=count, **values)


def size(translate: Translate, issues: int | None, companies: int | None) -> str:
    """Return how many issues a list has, and how many of them are companies."""
    return f"{counted(translate, 'issues', issues)} ({counted(translate, 'companies', companies)})"
