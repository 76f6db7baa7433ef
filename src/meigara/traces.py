"""How do runs appear among the traces of other programs? By OpenTelemetry, where it is wanted.

A run that has ended becomes one span with a span for each of its phases, sent by OTLP over HTTP.
The packages are an extra of this program: `pip install 'meigara[traces]'`.
"""

import datetime as dt
import importlib.util
import logging
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from meigara import __version__
from meigara.db.models import SyncRun
from meigara.errors import InvalidSetting, Reason

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_log = logging.getLogger(__name__)


def ensure_possible(url: str | None) -> None:
    """Raise InvalidSetting if traces are wanted and the packages are not installed."""
    has_packages = False
    with suppress(ModuleNotFoundError):
        has_packages = (
            importlib.util.find_spec("opentelemetry.exporter.otlp.proto.http") is not None
        )
    if url is not None and not has_packages:
        reason = Reason("traces need more packages: pip install 'meigara[traces]'")
        raise InvalidSetting(name="MEIGARA_TRACES_URL", reason=reason)


def send_trace(run: SyncRun, url: str) -> None:
    """Send a run that has ended to `url`, waiting for the answer; a failure is logged."""
    from opentelemetry.trace import Status, StatusCode, set_span_in_context  # noqa: PLC0415 - an extra

    if run.started_at is None or run.finished_at is None:
        return
    tracer = _tracer(url)
    span = tracer.start_span("sync", start_time=_nanoseconds(run.started_at))
    span.set_attributes(dict(_attributes(run)))
    if run.error is not None:
        span.set_status(Status(StatusCode.ERROR, str(run.error["kind"])))
    inside = set_span_in_context(span)
    begins = run.started_at
    for phase, milliseconds in (run.phases or {}).items():
        ends = begins + dt.timedelta(milliseconds=milliseconds)
        part = tracer.start_span(f"sync.{phase}", inside, start_time=_nanoseconds(begins))
        part.end(_nanoseconds(ends))
        begins = ends
    span.end(_nanoseconds(run.finished_at))


@cache
def _tracer(url: str) -> "Tracer":
    """Return what sends spans to `url`; made at its first use, so that each process has its own."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415 - an extra

    said = {"service.name": "meigara", "service.version": __version__}
    provider = TracerProvider(resource=Resource.create(said))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(url, timeout=5)))
    return provider.get_tracer("meigara")


def _attributes(run: SyncRun) -> Iterator[tuple[str, str | int]]:
    yield "meigara.run_id", run.id
    yield "meigara.status", str(run.status)
    yield "meigara.trigger", str(run.trigger)
    yield "meigara.attempt", run.attempt
    for name in ("rows", "total", "listed", "delisted", "changed"):
        if (value := getattr(run, name)) is not None:
            yield f"meigara.{name}", value


def _nanoseconds(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000
