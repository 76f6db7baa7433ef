"""`/metrics`: the numbers to watch, for Prometheus.

They are read from the store at the moment of asking, so each process of a distributed
installation gives the same and one of them is enough to be asked.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, exposition
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from meigara import __version__
from meigara.bootstrap import TOKYO
from meigara.jquants.plan import Plan
from meigara.services.metrics import Figures, figures
from meigara.web.context import AppDep

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(app: AppDep) -> Response:
    """Return the numbers of this moment in the text format of Prometheus."""
    now = app.now()
    async with app.database.reading() as session:
        found = await figures(session, now)
    plan = Plan(app.settings.jquants_plan or Plan.FREE)
    registry = CollectorRegistry()
    registry.register(_Figures(found, plan, app.settings.mode, now))
    return Response(exposition.generate_latest(registry), media_type=exposition.CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """The figures as metrics; what is not known yet is left out."""

    def __init__(self, found: Figures, plan: Plan, mode: str, now: dt.datetime) -> None:
        self._found, self._plan, self._mode, self._now = found, plan, mode, now

    def collect(self) -> Iterator[Metric]:
        found = self._found
        yield InfoMetricFamily(
            "meigara", "The program.", {"version": __version__, "mode": self._mode}
        )
        yield _labelled("meigara_runs", "Runs in the history, by state.", "status", found.runs)
        yield self._ends()
        yield _labelled("meigara_issues", "Issues on today's list.", "kind", self._sizes())
        yield _labelled(
            "meigara_phase_seconds",
            "What each phase of the run took that published today's list.",
            "phase",
            found.phases,
        )
        for name, text, value in self._singles():
            if value is not None:
                yield GaugeMetricFamily(name, text, value)

    def _ends(self) -> Metric:
        text = "How often a run has come to an end, whatever was deleted since."
        family = CounterMetricFamily("meigara_runs_ended", text, labels=["status"])
        for status, number in self._found.ended.items():
            family.add_metric([status], number)
        return family

    def _sizes(self) -> dict[str, int]:
        sizes = {"issue": self._found.total, "company": self._found.companies}
        return {kind: size for kind, size in sizes.items() if size is not None}

    def _singles(self) -> Iterator[tuple[str, str, float | None]]:
        found = self._found
        synced, coming = found.synced_at, found.next_run_at
        day = dt.datetime.combine(found.as_of, dt.time(), TOKYO) if found.as_of else None
        yield "meigara_list_as_of_seconds", "The day of today's list, as a moment.", _at(day)
        yield "meigara_list_synced_seconds", "When it was confirmed or published.", _at(synced)
        age = (self._now - synced).total_seconds() if synced else None
        yield "meigara_list_age_seconds", "How long that is ago.", age
        yield "meigara_run_seconds", "How long that run took.", found.duration
        yield "meigara_next_run_seconds", "When the schedule runs next.", _at(coming)
        yield "meigara_overdue_seconds", "For how long a slot is due but not opened.", found.overdue
        yield "meigara_queue_seconds", "For how long the queued run has waited.", found.waiting
        left = max(0, self._plan.calls_per_minute - found.recent_calls)
        yield "meigara_calls_left", "Calls that the plan still allows in this minute.", left


def _labelled(name: str, text: str, label: str, values: Mapping[Any, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([str(key)], value)
    return family


def _at(moment: dt.datetime | None) -> float | None:
    return moment.timestamp() if moment else None
