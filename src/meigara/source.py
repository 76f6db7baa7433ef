"""How is J-Quants reached as the settings say?"""

import datetime as dt
from collections.abc import Callable

from meigara.config import Settings
from meigara.db.engine import Database
from meigara.jquants.client import JQuantsClient, checked_key, checked_url
from meigara.jquants.events import FetchEvent
from meigara.jquants.limiter import Limiter
from meigara.jquants.plan import Plan
from meigara.services.rate import StoreLimiter
from meigara.services.sync import Sync


def sync_of(
    settings: Settings,
    database: Database,
    now: Callable[[], dt.datetime],
    *,
    gives_back: bool = False,
) -> Sync:
    """Return the sync into `database`. A key that is missing or unusable fails the run itself."""
    limiter = StoreLimiter(database, now)
    return Sync(
        database,
        lambda on_event: client_of(settings, on_event, limiter),
        settings.guard_limits,
        now,
        settings.retry_policy,
        gives_back,
    )


def ensure_usable(settings: Settings) -> None:
    """Raise MissingKey, or InvalidSetting for a key or address that no request can carry."""
    checked_key(settings.api_key)
    checked_url(settings.jquants_base_url)


def client_of(
    settings: Settings, on_event: Callable[[FetchEvent], None], limiter: Limiter | None
) -> JQuantsClient:
    """Return a client of J-Quants; without a limiter it counts its own calls only.

    Raises MissingKey, or InvalidSetting.
    """
    return JQuantsClient(
        api_key=settings.api_key,
        base_url=settings.jquants_base_url,
        plan=Plan(settings.jquants_plan) if settings.jquants_plan else None,
        limiter=limiter,
        retries=settings.jquants_retries,
        timeout=settings.jquants_timeout,
        on_event=on_event,
    )
