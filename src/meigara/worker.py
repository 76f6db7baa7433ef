"""The worker of the distributed mode: `celery -A meigara.worker worker`, and `… beat`.

Each process has one event loop and one engine, made at its first task: a connection never meets
another loop than its own, in a prefork pool as in a solo one.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from celery import Celery
from celery.app import trace
from celery.signals import (
    heartbeat_sent,
    setup_logging,
    worker_process_shutdown,
    worker_shutdown,
)
from celery.utils.log import get_task_logger

from meigara.bootstrap import App, open_app
from meigara.config import Settings, environment, language_of, load_settings
from meigara.errors import InvalidSetting, MeigaraError, Reason
from meigara.execution.queue import (
    NOTICES_TASK,
    SYNC_TASK,
    TICK_TASK,
    CeleryDispatcher,
    make_celery,
)
from meigara.execution.signs import leaver
from meigara.execution.work import work_on
from meigara.i18n import explain, translator
from meigara.logs import start_logging
from meigara.services.tick import Ticked, tick
from meigara.traces import ensure_possible

_MODEST_SECONDS = 2.0
_TICK_SECONDS = 30
_SYNC_SECONDS = 6 * 3600  # a sync waits long where its plan allows few calls; its lease tells
_KILL_AFTER = {TICK_TASK: 2 * _TICK_SECONDS, NOTICES_TASK: 600, SYNC_TASK: _SYNC_SECONDS}
"""After so many seconds the pool replaces the process of a task."""

_ROUTINE = (trace.LOG_RECEIVED, trace.LOG_SUCCESS, "Scheduler: Sending due task")

Result = TypeVar("Result")
_log = get_task_logger(__name__)


class Process:
    """What one worker process keeps from task to task."""

    def __init__(self, settings: Settings, celery: Celery) -> None:
        """Open nothing yet: a prefork pool copies this object into its processes."""
        self._settings = settings
        self._celery = celery
        self._open = AsyncExitStack()

    @cached_property
    def _runner(self) -> asyncio.Runner:
        return asyncio.Runner()

    @cached_property
    def _app(self) -> App:
        opening = open_app(self._settings, creates_schema=True)
        return self._runner.run(self._open.enter_async_context(opening))

    def run(self, work: Callable[[App], Coroutine[Any, Any, Result]]) -> Result | None:
        """Do a piece of work. A store that is away is noted: the next tick finds what is left."""
        try:
            return self._runner.run(work(self._app))
        except (MeigaraError, TimeoutError) as error:
            _log.warning("task.failed: %s", error)
            return None

    def sync(self, run_id: int) -> None:
        """Carry out one run, unless another process has it; with a key that is new by now.

        Where the store is away for this process, another one is offered the run.
        """
        settings = load_settings(environment(), Path.home()).settings

        async def work(app: App) -> bool:
            fresh = replace(app, settings=settings)
            await work_on(fresh.sync(gives_back=True), run_id, app.holder, settings.traces_url)
            return True

        if self.run(work) is None:
            CeleryDispatcher(self._celery).pass_on(run_id)
            time.sleep(_MODEST_SECONDS)  # so that it is not this one that takes it again

    def tick(self) -> None:
        """Do what is due."""
        dispatcher = CeleryDispatcher(self._celery)

        async def work(app: App) -> Ticked:
            async with asyncio.timeout(_TICK_SECONDS):
                return await tick(app.database, dispatcher, app.now())

        ticked = self.run(work)
        if ticked is not None and ticked.opened is not None:
            self.run(lambda app: app.forget_old_runs())
        if ticked is not None and ticked.has_notices:
            dispatcher.ask_to_deliver()

    def deliver(self) -> None:
        """Send the notices that are due."""
        self.run(lambda app: app.deliver_notices())

    def close(self, **_signal: object) -> None:
        """Close what was opened."""
        if "_runner" in self.__dict__:
            self._runner.run(self._open.aclose())
            self._runner.close()


def _settings() -> Settings:
    """Return the settings; say what is wrong with them and end the process if something is."""
    environ = environment()
    try:
        settings = load_settings(environ, Path.home()).settings
        ensure_possible(settings.traces_url)
        if settings.broker_url is None:
            reason = Reason("a worker needs the distributed mode")
            raise InvalidSetting(name="MEIGARA_MODE", reason=reason)
    except MeigaraError as error:
        told = explain(error, translator(language_of(environ)))
        sys.stderr.write(f"{told.message}\n→ {told.hint}\n")
        sys.exit(2)
    return settings


_SETTINGS = _settings()
_BROKER = _SETTINGS.broker_url or ""
app = make_celery(_BROKER)
_leave_sign = leaver(_BROKER)


def _log_as_configured(loglevel: int | str = logging.INFO, **_signal: object) -> None:
    """Take the place of Celery's own set-up of logging, so that all processes write alike."""
    start_logging(_SETTINGS.log_format)
    celery = logging.getLogger("celery")
    celery.setLevel(loglevel)
    if not celery.isEnabledFor(logging.DEBUG):
        for handler in logging.getLogger().handlers:
            handler.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Say whether a line is not one that every tick makes; what becomes of a run has its own."""
    return not str(record.msg).startswith(_ROUTINE)


setup_logging.connect(_log_as_configured)
_process = Process(_SETTINGS, app)
worker_process_shutdown.connect(_process.close)
worker_shutdown.connect(_process.close)
heartbeat_sent.connect(_leave_sign)


def sync_listed_companies(run_id: int) -> None:
    """Carry out a queued run."""
    _process.sync(run_id)


def ticked() -> None:
    """Do what is due."""
    _process.tick()


def delivered() -> None:
    """Send the notices that are due."""
    _process.deliver()


for _name, _work in (
    (NOTICES_TASK, delivered),
    (SYNC_TASK, sync_listed_companies),
    (TICK_TASK, ticked),
):
    app.task(name=_name, time_limit=_KILL_AFTER[_name])(_work)
