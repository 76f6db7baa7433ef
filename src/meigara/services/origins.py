"""Are the lists of an answer and those of the store of one market, the real or the invented one?"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import StoredRoster
from meigara.errors import InventedAnswer, RealAnswer
from meigara.jquants.events import Answer

_IS_KEPT = sa.or_(StoredRoster.is_published, StoredRoster.answer.is_not(None))


async def ensure_same_market(session: AsyncSession, answer: Answer) -> None:
    """Raise InventedAnswer or RealAnswer if the store holds lists of the other market."""
    is_other = StoredRoster.is_invented.is_not(answer.is_invented)
    if await session.scalar(sa.select(sa.exists().where(_IS_KEPT, is_other))):
        raise InventedAnswer if answer.is_invented else RealAnswer
