"""What does a client tell while it fetches, and what in the end?"""

import datetime as dt
from dataclasses import dataclass, field

from meigara.errors import JQuantsError
from meigara.jquants.plan import Coverage, Plan
from meigara.jquants.wire import Page


@dataclass(frozen=True, slots=True)
class PageFetched:
    """A page has arrived."""

    page: int
    rows_so_far: int


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """A call failed and is made again after a pause; `attempt` of `retries`."""

    attempt: int
    retries: int
    delay_seconds: float
    error: JQuantsError


@dataclass(frozen=True, slots=True)
class RateLimitWait:
    """The plan's calls of this minute are used up."""

    seconds: float


FetchEvent = PageFetched | RetryScheduled | RateLimitWait


@dataclass(frozen=True, slots=True)
class Answer:
    """All pages of one answer: decoded, as received, and the SHA-256 of what was received.

    `is_invented` says that its source called the market an invented one.
    """

    pages: tuple[Page, ...]
    bodies: tuple[bytes, ...] = field(repr=False)
    digest: str
    fetched_at: dt.datetime
    is_invented: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """What one call tells: the list and its day, the plan and its window where known."""

    as_of: dt.date | None
    rows: int
    plan: Plan | None
    coverage: Coverage | None
