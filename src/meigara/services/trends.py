"""How has the list grown, what is it made of, and how long do syncs take?"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.history import is_valid_on
from meigara.db.labels import labels_on
from meigara.db.models import IssueVersion, StoredRoster, SyncRun
from meigara.domain.classification import label
from meigara.domain.roster import LabelKind
from meigara.domain.run import RunStatus

_DAYS_SHOWN = 250
_RUNS_SHOWN = 60


class Size(NamedTuple):
    """How many issues and companies were listed on a day."""

    day: dt.date
    total: int
    companies: int


class MarketShare(NamedTuple):
    """How many issues a market holds today; `name` is the one J-Quants gives it."""

    code: str
    name: str
    issues: int


class Duration(NamedTuple):
    """How long a run took that published, in seconds."""

    run_id: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Trends:
    """What the plots show; each sequence is in the order of its days, runs or sizes."""

    sizes: Sequence[Size]
    markets: Sequence[MarketShare]
    durations: Sequence[Duration]


class KeptTrends:
    """The trends of one store, read again only when something there has changed."""

    def __init__(self) -> None:
        """Begin without any."""
        self._kept: tuple[str, Trends] | None = None

    async def at(self, session: AsyncSession, fingerprint: str) -> Trends:
        """Return the trends of the store whose fingerprint this is."""
        if self._kept is None or self._kept[0] != fingerprint:
            self._kept = fingerprint, await trends(session)
        return self._kept[1]


async def trends(session: AsyncSession) -> Trends:
    """Return what there is to plot; empty sequences before the first sync."""
    return Trends(await _sizes(session), await _markets(session), await _durations(session))


async def _sizes(session: AsyncSession) -> Sequence[Size]:
    """Return the newest days, one size each: that of the run which published the day last."""
    query = (
        sa.select(StoredRoster.as_of, SyncRun.total, SyncRun.companies)
        .join(SyncRun)
        .where(StoredRoster.is_published, StoredRoster.as_of.is_not(None))
        .order_by(StoredRoster.as_of.desc(), StoredRoster.run_id.desc())
        .limit(_DAYS_SHOWN)
    )
    sizes: dict[dt.date, Size] = {}
    for size in map(Size._make, await session.execute(query)):
        sizes.setdefault(size.day, size)
    return list(sizes.values())[::-1]


async def _markets(session: AsyncSession) -> Sequence[MarketShare]:
    counts = sa.select(IssueVersion.market, sa.func.count()).where(is_valid_on(None))
    found = (await session.execute(counts.group_by(IssueVersion.market))).all()
    labels = await labels_on(session, None)
    shares = [MarketShare(code, label(LabelKind.MARKET, code, labels), n) for code, n in found]
    return sorted(shares, key=lambda share: (-share.issues, share.code))


async def _durations(session: AsyncSession) -> Sequence[Duration]:
    columns = (SyncRun.id, SyncRun.started_at, SyncRun.finished_at)
    published = sa.select(*columns).where(SyncRun.status == RunStatus.SUCCEEDED)
    newest = await session.execute(published.order_by(SyncRun.id.desc()).limit(_RUNS_SHOWN))
    found = [
        Duration(run_id, (finished - started).total_seconds())
        for run_id, started, finished in newest
        if started and finished
    ]
    return found[::-1]
