"""How does a worker of any kind carry out one queued run?"""

import asyncio
import datetime as dt
import logging
import uuid

from meigara.db.engine import Database, to_the_end
from meigara.errors import LeaseLost, MeigaraError, RunCancelled, UnexpectedFailure
from meigara.services import runs
from meigara.services.sync import Sync
from meigara.traces import send_trace

_log = logging.getLogger(__name__)


async def work_on(sync: Sync, run_id: int, worker: str, traces_url: str | None = None) -> None:
    """Claim a queued run for `worker` and carry it out; do nothing if another one has it.

    How it ended is written on the run, and sent to `traces_url` if there is one. Raises
    StoreUnavailable if it cannot be written, and asyncio.CancelledError if the process is asked to
    end.
    """
    holder = f"{worker}:{uuid.uuid4().hex[:8]}"  # of this claim alone: a claim that lapsed is lost
    try:
        if not await to_the_end(_is_claimed(sync.database, run_id, holder, sync.now())):
            return
    except asyncio.CancelledError:
        await to_the_end(runs.give_back(sync.database, run_id, holder, sync.now()))
        raise
    _log.info("run.started", extra={"run_id": run_id})
    try:
        run = await sync.run(run_id, holder, lambda _progress: None)
    except (LeaseLost, RunCancelled) as error:
        _log.info("run.stopped: %s", error, extra={"run_id": run_id})
    except MeigaraError as error:
        _log.warning("run.failed: %s", error, extra={"run_id": run_id})
    except Exception as error:
        _log.exception("run.failed", extra={"run_id": run_id})
        await sync.fail(run_id, holder, UnexpectedFailure(reason=type(error).__name__))
    else:
        _log.info("run.%s", run.status, extra={"run_id": run_id})
    if traces_url is not None:
        async with sync.database.reading() as session:
            run = await runs.get_run(session, run_id)
        await asyncio.to_thread(send_trace, run, traces_url)


async def _is_claimed(database: Database, run_id: int, holder: str, now: dt.datetime) -> bool:
    try:
        async with database.writing() as session:
            await runs.claim(session, run_id, holder, now)
    except LeaseLost:
        return False
    return True
