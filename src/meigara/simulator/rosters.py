"""Where do the rosters come from: the invented market, or a directory of files?"""

import datetime as dt
import gzip
import zlib
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from meigara.simulator import calendar
from meigara.simulator.errors import SimulatorError
from meigara.simulator.market import Market
from meigara.simulator.plans import PLANS, OutsideWindow, Plan
from meigara.simulator.resolution import JST, resolve

Rows = list[dict[str, Any]]

_SUFFIXES: Final = (".json", ".json.gz")


class RosterSource(Protocol):
    """A source of rosters by business day."""

    def resolve(self, requested: dt.date | None, now: dt.datetime, plan: Plan) -> dt.date:
        """Return the day that answers a request; raise OutsideWindow if the plan refuses."""

    def rows(self, on: dt.date) -> Rows:
        """Return the rows of a day that `resolve` or `earlier` returned."""

    def earlier(self, on: dt.date, days: int) -> dt.date:
        """Return the last day at least `days` before `on`, or else the first there is."""


class MarketSource:
    """The invented market."""

    def __init__(self, market: Market) -> None:
        """Serve the rosters of `market`."""
        self._market = market

    def resolve(self, requested: dt.date | None, now: dt.datetime, plan: Plan) -> dt.date:
        """Return the business day that answers the request."""
        return resolve(requested, now, plan)

    def rows(self, on: dt.date) -> Rows:
        """Return the rows of the business day `on`."""
        rows: Rows = [dict(row) for row in self._market.roster(on)]
        return rows

    def earlier(self, on: dt.date, days: int) -> dt.date:
        """Return the last business day at least `days` before `on`."""
        day = calendar.on_or_before(on - dt.timedelta(days=days))
        return max(day, calendar.DATA_BEGIN)


class DirectorySource:
    """Files named YYYY-MM-DD.json or .json.gz, each an answer {"data": [...]}.

    A day without a file stands for the next day with one, and a day after the last for the
    last. With `has_today`, files after the simulated day count as not published yet.
    """

    def __init__(self, directory: Path, *, has_today: bool) -> None:
        """List the files; raise SimulatorError if there are none."""
        self._files = _files_by_day(directory)
        self._days = sorted(self._files)
        self._has_today = has_today

    def resolve(self, requested: dt.date | None, now: dt.datetime, plan: Plan) -> dt.date:
        """Return the day of the file that answers the request."""
        days = self._published(now.astimezone(JST).date())
        if plan is not PLANS["premium"]:
            days = _covered(days, requested, plan, now.astimezone(JST).date())
        if requested is None:
            return days[-1]
        return next((day for day in days if day >= requested), days[-1])

    def rows(self, on: dt.date) -> Rows:
        """Return the rows of a file as they are; raise SimulatorError if it is malformed."""
        return _read(self._files[on])

    def earlier(self, on: dt.date, days: int) -> dt.date:
        """Return the last day with a file at least `days` before `on`, or else the first."""
        limit = on - dt.timedelta(days=days)
        return next((day for day in reversed(self._days) if day <= limit), self._days[0])

    def follow_today(self) -> None:
        """Hide from now on the files after the simulated day."""
        self._has_today = True

    def check(self) -> None:
        """Read every file once; raise SimulatorError for the first that is malformed."""
        for path in self._files.values():
            _read(path)

    def _published(self, today: dt.date) -> list[dt.date]:
        if not self._has_today:
            return self._days
        return [day for day in self._days if day <= today] or self._days[:1]


def _covered(
    days: list[dt.date], requested: dt.date | None, plan: Plan, today: dt.date
) -> list[dt.date]:
    """Return the days that the plan covers; raise OutsideWindow for a request beyond them."""
    window = plan.window(today)
    end = window.end or dt.date.max
    covered = [day for day in days if window.start <= day <= end]
    if not covered or (requested is not None and not window.start <= requested <= end):
        raise OutsideWindow(window.refusal)
    return covered


def _files_by_day(directory: Path) -> dict[dt.date, Path]:
    if not directory.is_dir():
        raise SimulatorError(f"There is no directory {directory} with rosters.")
    paths = [path for path in sorted(directory.iterdir()) if path.name.endswith(_SUFFIXES)]
    if not paths:
        raise SimulatorError(
            f"The directory {directory} holds no roster; name the files YYYY-MM-DD.json"
            " or YYYY-MM-DD.json.gz."
        )
    return {_day_of(path): path for path in paths}


def _day_of(path: Path) -> dt.date:
    try:
        return dt.date.fromisoformat(path.name.split(".", 1)[0])
    except ValueError:
        raise SimulatorError(
            f"The file {path} is not named after a day; name it YYYY-MM-DD.json"
            " or YYYY-MM-DD.json.gz."
        ) from None


class _Answer(msgspec.Struct):
    data: Rows


def _read(path: Path) -> Rows:
    try:
        content = path.read_bytes()
        if path.name.endswith(".gz"):
            content = gzip.decompress(content)
        return msgspec.json.decode(content, type=_Answer).data
    except (OSError, EOFError, zlib.error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SimulatorError(
            f'The file {path} is not a roster {{"data": [...]}}: {error}'
        ) from error
