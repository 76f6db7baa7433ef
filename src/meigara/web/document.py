"""What does the OpenAPI document say beside what each route says of itself?"""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi.routing import APIRoute

from meigara.web.problems import PROBLEM_TYPE

TAGS = [
    {"name": "status", "description": "How the list stands, in one answer."},
    {"name": "issues", "description": "The list of any day, and what became of one issue."},
    {"name": "changes", "description": "What runs have changed, to be followed."},
    {"name": "exports", "description": "Lists and changes as files."},
    {"name": "rosters", "description": "The days of which the whole list is held."},
    {"name": "runs", "description": "Syncs: start, watch, stop and decide."},
    {"name": "schedule", "description": "When the list is synced by itself."},
    {"name": "mirror", "description": "What J-Quants would answer, from the local list."},
    {"name": "health", "description": "Whether the server lives, and is ready."},
]
_PLAIN = "application/json"


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation, as generated clients show it: `issues_find`."""
    return "_".join([*map(str, route.tags[:1]), route.name])


def completed(document: dict[str, Any], address: str) -> dict[str, Any]:
    """Add the server, who may ask, and the form of what went wrong."""
    document["servers"] = [{"url": address}]
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["token"] = {"type": "http", "scheme": "bearer"}
    document["security"] = [{}, {"token": []}]
    for content in _contents(document):
        if content.get(PROBLEM_TYPE) == {}:
            content[PROBLEM_TYPE] = content.pop(_PLAIN)
    return document


def _contents(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what each answer of each operation may hold, by its media type."""
    for path in document["paths"].values():
        for operation in path.values():
            yield from (each.get("content", {}) for each in operation["responses"].values())
