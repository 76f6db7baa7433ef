"""`meigara audit`: who changed what, and when."""

from typing import TYPE_CHECKING, Any

import click
import msgspec

from meigara.cli.edge import FORMATS, State
from meigara.cli.output import write_records
from meigara.cli.store import with_database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meigara.db.accounts import AuditEntry
    from meigara.db.engine import Database


class _Entry(msgspec.Struct, frozen=True):
    at: str
    actor: str | None
    action: str
    subject: str | None
    detail: dict[str, Any] | None
    address: str | None


@click.command(help="List who changed what, the newest first.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many."
)
@click.option(
    "--format", "format_", type=FORMATS, default="table", show_default=True, help="How to write it."
)
@click.pass_obj
def audit(state: State, limit: int, format_: str) -> None:
    """Print the audit trail."""
    t = state.translate

    async def read(database: "Database") -> "Sequence[AuditEntry]":
        from meigara.services.auditing import TrailQuery, trail

        async with database.reading() as session:
            return await trail(session, TrailQuery(limit=limit))

    found = [_entry(each) for each in with_database(state, read)]
    columns = {
        t("When"): lambda each: each.at,
        t("Who"): lambda each: each.actor or "-",
        t("What"): lambda each: t(each.action),
        t("Details"): _details,
    }
    write_records(_Entry, found, format_, columns)


def _entry(found: "AuditEntry") -> _Entry:
    at = found.at.astimezone().isoformat(timespec="seconds")
    return _Entry(at, found.actor, found.action, found.subject, found.told or None, found.address)


def _details(entry: Any) -> str:
    parts = [f"{name}: {value}" for name, value in (entry.detail or {}).items()]
    return " ".join(filter(None, (entry.subject, *parts, entry.address)))
