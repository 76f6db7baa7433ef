"""When is a failed call worth another try, and after how long?

J-Quants API v2, "Rate Limits": after a 429 do not ask again at once; wait a minute, two to be
sure. Going on leads to a block of about five minutes.
"""

from meigara.errors import JQuantsError, JQuantsRateLimited

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_RATE_LIMIT_PAUSES_SECONDS = (65.0, 125.0)


def delay_before_retry(
    error: JQuantsError, attempt: int, retries: int, jitter: float
) -> float | None:
    """Return the seconds to wait before try number `attempt` + 1; None means to give up.

    `attempt` counts from 1; `retries` is how many more tries are allowed in all; `jitter` is a
    number from 0 to 1 that keeps many programs from asking at the same moment.
    """
    if not error.retryable or attempt > retries:
        return None
    if isinstance(error, JQuantsRateLimited):
        return _RATE_LIMIT_PAUSES_SECONDS[min(attempt, len(_RATE_LIMIT_PAUSES_SECONDS)) - 1]
    pause: float = _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * (1 + jitter)
    return min(pause, _LONGEST_PAUSE_SECONDS)
