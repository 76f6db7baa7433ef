"""Which states does a sync run pass through, and what may follow what?"""

from collections.abc import Mapping
from enum import StrEnum


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    HELD = "held"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    DISCARDED = "discarded"
    MISSED = "missed"
    RETRACTED = "retracted"

    @property
    def is_active(self) -> bool:
        """Say whether the run still occupies its endpoint."""
        return self in ACTIVE

    def may_become(self, other: "RunStatus") -> bool:
        """Say whether a run in this state may pass to `other`."""
        return other in NEXT[self]


NEXT: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED}),
    RunStatus.RUNNING: frozenset(
        {
            RunStatus.QUEUED,  # given back
            RunStatus.SUCCEEDED,
            RunStatus.HELD,
            RunStatus.FAILED,
            RunStatus.CANCELLED,
            RunStatus.ABANDONED,
        }
    ),
    RunStatus.HELD: frozenset({RunStatus.SUCCEEDED, RunStatus.DISCARDED}),
    RunStatus.SUCCEEDED: frozenset({RunStatus.RETRACTED}),
    RunStatus.FAILED: frozenset({RunStatus.QUEUED}),  # tried again
    RunStatus.CANCELLED: frozenset(),
    RunStatus.ABANDONED: frozenset({RunStatus.QUEUED}),  # taken over
    RunStatus.DISCARDED: frozenset(),
    RunStatus.MISSED: frozenset(),
    RunStatus.RETRACTED: frozenset(),
}

ACTIVE = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})


class Trigger(StrEnum):
    """What started a run."""

    SCHEDULE = "schedule"
    CATCH_UP = "catch_up"
    WEB = "web"
    API = "api"
    CLI = "cli"


class Phase(StrEnum):
    """What a running sync does at the moment, in this order."""

    FETCH = "fetch"
    CHECK = "check"
    COMPARE = "compare"
    PUBLISH = "publish"
