"""How is an answer of the source kept: its receipt always, the answer itself while it is held?"""

import zlib

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.models import StoredRoster
from meigara.domain.digest import Digests, digest_of
from meigara.domain.roster import Roster
from meigara.errors import RunNotApplicable
from meigara.jquants.events import Answer
from meigara.jquants.wire import decode_page, roster_from

_RECEIPT = sa.insert(StoredRoster)


async def record(
    session: AsyncSession, run_id: int, answer: Answer, roster: Roster, published: Digests | None
) -> None:
    """Write the receipt of an answer: its date, size and digests.

    `published` are those of what was published; None for an answer that is held, which is kept
    whole.
    """
    receipt = {
        "run_id": run_id,
        "as_of": roster.as_of,
        "fetched_at": answer.fetched_at,
        "digest": answer.digest,
        "is_invented": answer.is_invented,
        "row_count": roster.row_count,
        "is_published": published is not None,
        "answer": _packed(answer.bodies) if published is None else None,
        "list_digest": published.of_list if published else digest_of(roster.contents),
        "changes_digest": published.of_changes if published else None,
        "labels_digest": published.of_labels if published else None,
    }
    await (await session.connection()).execute(_RECEIPT, receipt)


async def held_roster(session: AsyncSession, run_id: int) -> Roster:
    """Return the roster of a held run. Raises RunNotApplicable if its answer is not kept."""
    stored = await session.get(StoredRoster, run_id)
    if stored is None or stored.answer is None:
        raise RunNotApplicable(run_id=run_id)
    bodies = msgspec.msgpack.decode(zlib.decompress(stored.answer), type=list[bytes])
    return roster_from([decode_page(body) for body in bodies])


async def mark_published(session: AsyncSession, run_id: int, published: Digests) -> None:
    """Count a held answer among the published rosters and forget its text."""
    stored = await session.get_one(StoredRoster, run_id)
    stored.is_published, stored.answer = True, None
    stored.list_digest, stored.changes_digest, stored.labels_digest = published


async def forget(session: AsyncSession, run_id: int) -> None:
    """Forget the text of a held answer."""
    stored = await session.get(StoredRoster, run_id)
    if stored is not None:
        stored.answer = None


def _packed(bodies: tuple[bytes, ...]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(bodies))
