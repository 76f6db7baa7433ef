"""How does one sync run go: fetch, check, compare, publish?

No transaction is open while the network is used. The publishing is one transaction behind the
guard and cannot be interrupted half way; everything before it can be cancelled at any moment.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from meigara.db.engine import Database, to_the_end
from meigara.db.models import SyncRun
from meigara.domain.guard import GuardLimits
from meigara.domain.retrying import DAILY_RETRIES, RetryPolicy
from meigara.domain.run import Phase, RunStatus
from meigara.errors import MeigaraError, RunCancelled
from meigara.jquants.client import JQuantsClient
from meigara.jquants.events import Answer, FetchEvent
from meigara.jquants.wire import roster_from
from meigara.services import answers, runs
from meigara.services.assess import Assessment, assess
from meigara.services.consequences import as_consequence
from meigara.services.origins import ensure_same_market
from meigara.services.pausing import is_set_within
from meigara.services.progress import Listener, Reporter
from meigara.services.publish import publish
from meigara.services.queue import RunRequest, begin_run

PULSE_SECONDS = 0.5
"""How often a fetching run renews its lease, writes its progress and looks for a cancel."""

Clock = Callable[[], dt.datetime]
MakeClient = Callable[[Callable[[FetchEvent], None]], JQuantsClient]


@dataclass(frozen=True, slots=True)
class Sync:
    """What every step of a sync needs: the store, the source, the limits and the time.

    `policy` is for scheduled runs that fail. `gives_back` says what becomes of a run whose process
    is asked to end: it goes back into the queue, or it is cancelled. `pulse_seconds` is how often
    the lease is renewed.
    """

    database: Database
    make_client: MakeClient
    limits: GuardLimits
    now: Clock
    policy: RetryPolicy = DAILY_RETRIES
    gives_back: bool = False
    pulse_seconds: float = PULSE_SECONDS

    async def begin(self, request: RunRequest, holder: str, listener: Listener) -> SyncRun:
        """Claim a new run for `holder` and carry it out at once, as `run` does.

        Raises also RunAlreadyActive while another run of the endpoint is active.
        """
        beginning = asyncio.ensure_future(begin_run(self.database, request, holder, self.now()))
        try:
            run_id = await asyncio.shield(beginning)
        except asyncio.CancelledError:
            ending = runs.cancel_own(self.database, await beginning, holder, self.now())
            await to_the_end(ending)
            raise
        return await self.run(run_id, holder, listener)

    async def run(self, run_id: int, holder: str, listener: Listener) -> SyncRun:
        """Carry out a run that `holder` has claimed and return it as it ended.

        It ends as succeeded or held; any other end is recorded on the run and raised:
        JQuantsError, RunCancelled, StoreUnavailable, or LeaseLost if another process took over.
        """
        reporter = Reporter(listener)
        try:
            run = await self._get(run_id)
            stopwatch = _Stopwatch()
            async with self.make_client(reporter.hear) as client:
                fetching = client.fetch_listed_issues(run.requested_as_of)
                answer = await self._while_pulsing(run_id, holder, reporter, fetching)
            stopwatch.lap(Phase.FETCH)
            ending = self._check_and_publish(run, holder, answer, reporter, stopwatch)
            await to_the_end(ending)
        except asyncio.CancelledError:
            leave = runs.give_back if self.gives_back else runs.cancel_own
            await to_the_end(leave(self.database, run_id, holder, self.now()))
            raise
        except RunCancelled:
            await runs.cancel_own(self.database, run_id, holder, self.now())
            raise
        except MeigaraError as error:
            await self.fail(run_id, holder, error)
            raise
        return await self._get(run_id)

    async def rehearse(
        self, as_of: dt.date | None, is_backfill: bool, listener: Listener
    ) -> Assessment:
        """Fetch and compare as a run would, and write nothing (dry run)."""
        reporter = Reporter(listener)
        async with self.make_client(reporter.hear) as client:
            answer = await client.fetch_listed_issues(as_of)
        reporter.enter(Phase.COMPARE)
        roster = roster_from(answer.pages)
        async with self.database.reading() as session:
            await ensure_same_market(session, answer)
            return await assess(session, roster, self.limits, self.now(), is_backfill=is_backfill)

    async def fail(self, run_id: int, holder: str, error: MeigaraError) -> None:
        """End the run of `holder` as failed."""
        await runs.fail(self.database, run_id, holder, error, self.now(), policy=self.policy)

    async def _get(self, run_id: int) -> SyncRun:
        return await to_the_end(self._read(run_id))

    async def _read(self, run_id: int) -> SyncRun:
        async with self.database.reading() as session:
            return await runs.get_run(session, run_id)

    async def _while_pulsing(
        self,
        run_id: int,
        holder: str,
        reporter: Reporter,
        work: Coroutine[Any, Any, Answer],
    ) -> Answer:
        """Await `work` while the lease is renewed beside it; the first to fail ends both.

        A renewal that is under way at the end is waited for.
        """
        is_over = asyncio.Event()
        working = asyncio.ensure_future(work)
        pulsing = asyncio.ensure_future(self._pulse(run_id, holder, reporter, is_over))
        try:
            await asyncio.wait({working, pulsing}, return_when=asyncio.FIRST_COMPLETED)
            if pulsing.done():
                pulsing.result()
            return await working
        finally:
            is_over.set()
            working.cancel()
            await to_the_end(_ended(working, pulsing))

    async def _pulse(
        self, run_id: int, holder: str, reporter: Reporter, is_over: asyncio.Event
    ) -> None:
        while not await is_set_within(is_over, self.pulse_seconds):
            await self._renew_once(run_id, holder, reporter)

    async def _renew_once(self, run_id: int, holder: str, reporter: Reporter) -> None:
        async with self.database.writing() as session:
            values = reporter.now.as_values()
            if await runs.renew(session, run_id, holder, self.now(), **values):
                raise RunCancelled(run_id=run_id)

    async def _check_and_publish(
        self, run: SyncRun, holder: str, answer: Answer, reporter: Reporter, stopwatch: "_Stopwatch"
    ) -> None:
        reporter.enter(Phase.CHECK)
        roster = roster_from(answer.pages)
        stopwatch.lap(Phase.CHECK)
        async with self.database.writing() as session:
            reporter.enter(Phase.COMPARE)
            if await runs.guard(session, run.id, holder):
                raise RunCancelled(run_id=run.id)
            await ensure_same_market(session, answer)
            found = await assess(
                session, roster, self.limits, self.now(), is_backfill=run.is_backfill
            )
            found = await as_consequence(session, found, self.limits)
            stopwatch.lap(Phase.COMPARE)
            reporter.enter(Phase.PUBLISH)
            published = None if found.reasons else await publish(session, run.id, found)
            await answers.record(session, run.id, answer, roster, published)
            stopwatch.lap(Phase.PUBLISH)
            await runs.finish(
                session,
                run.id,
                holder,
                RunStatus.HELD if found.reasons else RunStatus.SUCCEEDED,
                self.now(),
                phases=stopwatch.phases,
                waiting=None,
                error=None,
                **found.verdict(),
                **found.counts(),
            )


class _Stopwatch:
    """Measures the phases of a run in milliseconds."""

    def __init__(self) -> None:
        self.phases: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, phase: Phase) -> None:
        """Write down the time since the last lap as that of `phase`."""
        now = time.perf_counter()
        self.phases[phase] = round((now - self._last) * 1000, 1)
        self._last = now


async def _ended(*tasks: asyncio.Future[Any]) -> None:
    """Wait until tasks have let go of what they held; what one of them found is told elsewhere."""
    await asyncio.gather(*tasks, return_exceptions=True)
