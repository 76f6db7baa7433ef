"""Which parts of a cluster have given a sign of life lately? Each leaves one in Redis."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import RedisError

SILENCE_SECONDS = 30
"""After so long without a sign a part counts as gone."""
BEAT_KEY = "redbeat::lock"
"""What the active beat holds, for so long."""

_WORKER_KEY = "meigara:worker"
_LONGEST_WAIT = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Signs:
    """Whether somebody works, and whether somebody ticks."""

    worker: bool
    beat: bool


async def look(broker_url: str) -> Signs | None:
    """Return who has given a sign; None where the broker does not answer within a few seconds."""
    client = AsyncRedis.from_url(broker_url)
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            worker, beat = await client.exists(_WORKER_KEY), await client.exists(BEAT_KEY)
            return Signs(bool(worker), bool(beat))
    except (RedisError, OSError):
        return None
    finally:
        await client.aclose()


def leaver(broker_url: str) -> Callable[..., None]:
    """Return what leaves the sign of a worker each time that its heart beats."""
    client = Redis.from_url(
        broker_url, socket_timeout=_LONGEST_WAIT, socket_connect_timeout=_LONGEST_WAIT
    )

    def leave(**_signal: object) -> None:
        try:
            client.set(_WORKER_KEY, 1, ex=SILENCE_SECONDS)
        except (RedisError, OSError) as error:
            _log.warning("sign.not_left: %s", error)

    return leave
