"""How often has a run come to each end? A count that never falls while it is watched."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from meigara.db.base import Base, TextEnum
from meigara.db.counting import rows_changed
from meigara.domain.run import ACTIVE, RunStatus


class RunTally(Base):
    """How many runs have ended in a state. It outlives the runs, and no backup turns it back."""

    __tablename__ = "run_tally"
    __table_args__ = {"info": {"is_passing": True}}  # noqa: RUF012 - SQLAlchemy reads it

    status: Mapped[RunStatus] = mapped_column(TextEnum(RunStatus), primary_key=True)
    ended: Mapped[int]


async def add_ended(session: AsyncSession, status: RunStatus) -> None:
    """Count one more run that has ended. The caller commits."""
    known = sa.update(RunTally).where(RunTally.status == status)
    if not await rows_changed(session, known.values(ended=RunTally.ended + 1)):
        await session.execute(sa.insert(RunTally).values(status=status, ended=1))


async def tallies(session: AsyncSession) -> Mapping[RunStatus, int]:
    """Return the count of each state in which a run can end."""
    found = dict.fromkeys((each for each in RunStatus if each not in ACTIVE), 0)
    for status, ended in await session.execute(sa.select(RunTally.status, RunTally.ended)):
        found[status] = ended
    return found
