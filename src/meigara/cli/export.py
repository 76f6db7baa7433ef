"""`meigara export`: the list of a day, or changes, as a file."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from meigara.cli.edge import State, run_async
from meigara.cli.issues import query_of
from meigara.cli.selection import of_some
from meigara.domain.changes import ChangeKind
from meigara.domain.dates import parse_date
from meigara.domain.issue import parse_issue_code

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import msgspec

    from meigara.db.engine import Database

    Parts = AsyncGenerator[Any, None]

_FORMATS = click.Choice(["csv", "xlsx", "parquet", "jsonl"])
_TO = click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True))
_FORMAT = click.option(
    "--format", "format_", type=_FORMATS, help="The format; else the ending of FILE tells it."
)
_BOM = click.option(
    "--bom", is_flag=True, help="Make a CSV for Excel: marked as UTF-8, without formulas."
)


@click.group(help="Write the list of a day, or changes, to a file.")
def export() -> None:
    """Hold the commands about exports."""


@export.command(
    help="Write the issues of today's or any earlier day's list to FILE (- for stdout)."
)
@_TO
@_FORMAT
@_BOM
@click.option("--as-of", type=parse_date, metavar="DATE", help="The list as it was on this day.")
@of_some
@click.pass_obj
def issues(state: State, /, file: Path, format_: str | None, bom: bool, **options: Any) -> None:
    """Write the issues that fit."""
    from meigara.services.exports import all_issues
    from meigara.services.issues import IssueRecord

    query = query_of(**options)
    target = _Target(state, file, format_, bom)
    run_async(target.write(IssueRecord, lambda database: all_issues(database, query)))


@export.command(help="Write what runs have changed to FILE (- for stdout).")
@_TO
@_FORMAT
@_BOM
@click.option("--run", "run_id", type=click.IntRange(min=1), help="The changes of one run.")
@click.option("--code", type=parse_issue_code, multiple=True, help="The changes of these issues.")
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in ChangeKind]),
    multiple=True,
    help="Of these kinds.",
)
@click.option("--since", type=parse_date, metavar="DATE", help="True from this day or later.")
@click.option("--until", type=parse_date, metavar="DATE", help="True from this day or earlier.")
@click.pass_obj
def changes(state: State, /, file: Path, format_: str | None, bom: bool, **options: Any) -> None:
    """Write the changes that fit."""
    from meigara.services.changes import ChangeQuery, PublishedChange
    from meigara.services.exports import all_changes

    kinds = [ChangeKind(kind) for kind in options.pop("kind")]
    query = ChangeQuery(**options, kind=kinds)
    target = _Target(state, file, format_, bom)
    run_async(target.write(PublishedChange, lambda database: all_changes(database, query)))


class _Target:
    """A file in one of the formats; nobody finds half of it."""

    def __init__(self, state: State, file: Path, chosen: str | None, bom: bool) -> None:
        """Take the format that was chosen, or that the name tells. Raises UsageError."""
        from meigara.exports import ExportFormat

        told = chosen or file.suffix.removeprefix(".").lower()
        if told not in set(ExportFormat):
            text = state.translate("Say the format with --format, or by the ending: {known}.")
            raise click.UsageError(text.format(known=", ".join(ExportFormat)))
        self._settings, self._file, self._bom = state.settings, file, bom
        self._format = ExportFormat(told)

    async def write(
        self, kind: type["msgspec.Struct"], parts: Callable[["Database"], "Parts"]
    ) -> None:
        """Write all records, beside the place first; a whole file is moved there."""
        from meigara.bootstrap import open_app
        from meigara.exports import export

        async with open_app(self._settings) as app:
            with self._replaced() as file:
                found = parts(app.database)
                await export(file, self._format, kind, found, bom=self._bom)

    @contextmanager
    def _replaced(self) -> Iterator[BinaryIO]:
        """Give the file to write; at the end it is where it was wanted, if it is whole."""
        if str(self._file) == "-":
            with TemporaryFile() as whole:
                yield whole
                whole.seek(0)
                shutil.copyfileobj(whole, sys.stdout.buffer)
            return
        partial = self._file.with_name(f".{self._file.name}.partial")
        try:
            with partial.open("wb") as target:
                yield target
            partial.replace(self._file)
        except OSError as error:
            raise click.FileError(str(self._file), error.strerror) from None
        finally:
            partial.unlink(missing_ok=True)
