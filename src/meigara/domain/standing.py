"""How does the list stand, in one word, and what should a person do about it?"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from meigara.domain.run import RunStatus
from meigara.domain.schedule import PUNCTUAL


class Standing(StrEnum):
    """The states of a data source, the one that asks for a person's attention first."""

    SYNCING = "syncing"
    WAITING = "waiting"
    QUEUED = "queued"
    KEY_MISSING = "key_missing"
    KEY_REFUSED = "key_refused"
    HELD = "held"
    FAILED = "failed"
    NEVER_SYNCED = "never_synced"
    LATE = "late"
    PAUSED = "paused"
    STALE = "stale"
    CURRENT = "current"

    @property
    def is_active(self) -> bool:
        """Say whether a run is under way."""
        return self in (Standing.SYNCING, Standing.WAITING, Standing.QUEUED)


_REFUSALS = frozenset({"KeyRefused", "NoSubscription", "PlanRefused"})
_FAILURES = frozenset({RunStatus.FAILED, RunStatus.ABANDONED})
_OLD = dt.timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the standing depends on.

    `last_status` and `last_error` are those of the last run that ended, missed slots apart;
    `succeeded_at` is when the newest list was published or confirmed; `is_newest` says that it was
    of the newest day that could be had then.
    """

    has_key: bool
    is_enabled: bool
    next_run_at: dt.datetime | None
    active_status: RunStatus | None
    waits_for: str | None
    last_status: RunStatus | None
    last_error: str | None
    succeeded_at: dt.datetime | None
    is_newest: bool = True


def is_overdue(next_run_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Say whether a slot should have begun by now."""
    return next_run_at is not None and now - next_run_at > PUNCTUAL


def is_old(succeeded_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Say whether the list was last confirmed longer ago than a day and a half."""
    return succeeded_at is not None and now - succeeded_at > _OLD


def standing_of(facts: Facts, now: dt.datetime) -> Standing:
    """Return the state that matters most."""
    has_failed = facts.last_status in _FAILURES
    rules = (
        (facts.active_status is RunStatus.QUEUED, Standing.QUEUED),
        (facts.active_status is not None and facts.waits_for == "rate_limit", Standing.WAITING),
        (facts.active_status is not None, Standing.SYNCING),
        (not facts.has_key, Standing.KEY_MISSING),
        (has_failed and facts.last_error in _REFUSALS, Standing.KEY_REFUSED),
        (has_failed, Standing.FAILED),
        (facts.last_status is RunStatus.HELD, Standing.HELD),
        (facts.succeeded_at is None, Standing.NEVER_SYNCED),
        (not facts.is_enabled, Standing.PAUSED),
        (is_overdue(facts.next_run_at, now), Standing.LATE),
        (is_old(facts.succeeded_at, now) or not facts.is_newest, Standing.STALE),
    )
    return next((standing for applies, standing in rules if applies), Standing.CURRENT)
