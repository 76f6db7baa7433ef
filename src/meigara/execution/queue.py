"""How do runs reach workers through Celery, and who makes them tick?

The queue only wakes somebody. What there is to do, and who does it, the database decides: a lost
message is offered again by the next tick, a doubled one loses the claim.
"""

import asyncio
import logging
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from meigara.execution.signs import BEAT_KEY, SILENCE_SECONDS

SYNC_TASK = "meigara.sync_listed_companies"
TICK_TASK = "meigara.tick"
NOTICES_TASK = "meigara.deliver_notices"
TICK_SECONDS = 2.0

_LONGEST_SILENCE = 5.0
_LONGEST_WAIT = 2.0
_LONGEST_OFFER = 2.5

_log = logging.getLogger(__name__)


def make_celery(broker_url: str) -> Celery:
    """Return the Celery application on a broker, which is not connected to before it is used.

    Results are read from the run rows, so there is no result backend. RedBeat holds one entry, the
    tick: an edit of the schedule is one row in the database, and losing Redis loses nothing. No
    message expires: the sender would say when, and the worker judge it by another clock.
    """
    celery = Celery("meigara", broker=broker_url, set_as_current=False)
    celery.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_default_queue="meigara",
        timezone="UTC",
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,  # what waits in a worker that freezes waits with it
        worker_send_task_events=True,
        task_send_sent_event=True,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(),
        beat_schedule={"tick": {"task": TICK_TASK, "schedule": TICK_SECONDS}},
        beat_max_loop_interval=1,
        beat_scheduler="meigara.execution.beat.Scheduler",
        redbeat_redis_url=broker_url,
        redbeat_lock_key=BEAT_KEY,
        redbeat_lock_timeout=SILENCE_SECONDS,
        redbeat_redis_options=_redis_options(),
    )
    return celery


class CeleryDispatcher:
    """Offers runs to the workers of a broker."""

    def __init__(self, celery: Celery) -> None:
        """Send by `celery`."""
        self._celery = celery

    async def dispatch(self, run_id: int) -> bool:
        """Send one message. What keeps it from the broker is noted: the next tick offers again."""
        try:
            async with asyncio.timeout(_LONGEST_OFFER):
                return await asyncio.to_thread(self.pass_on, run_id)
        except Exception as error:  # the run is queued all the same, and whoever asked is told so
            return _not_offered(run_id, error)

    def pass_on(self, run_id: int) -> bool:
        """Offer a run, and wait for the broker as long as that takes; say whether it was taken."""
        try:
            self._celery.send_task(SYNC_TASK, (run_id,), retry=False)
        except (OperationalError, OSError) as error:
            return _not_offered(run_id, error)
        return True

    def ask_to_deliver(self) -> None:
        """Ask a worker to send the notices that are due; the next tick asks again if none does."""
        try:
            self._celery.send_task(NOTICES_TASK, retry=False)
        except (OperationalError, OSError) as error:
            _log.warning("notices.not_offered: %s", error)


def _not_offered(run_id: int, error: Exception) -> bool:
    _log.warning("run.not_offered: %r", error, extra={"run_id": run_id})
    return False


def _transport_options() -> dict[str, Any]:
    """Return how messages travel: a sender waits for no broker that is away or mute."""
    return {
        "socket_connect_timeout": _LONGEST_WAIT,
        "socket_timeout": _LONGEST_WAIT,
        "socket_keepalive": True,
        "connect_retries_timeout": _LONGEST_WAIT,
        "interval_start": 0.2,
    }


def _redis_options() -> dict[str, Any]:
    """Return how the beat talks to Redis: patiently while it is away for a moment."""
    return {
        "retry": Retry(ExponentialBackoff(cap=2.0, base=0.1), retries=10),
        "socket_connect_timeout": _LONGEST_SILENCE,
        "socket_timeout": _LONGEST_SILENCE,
    }
