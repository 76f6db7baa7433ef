"""How is J-Quants reached as the settings say? Apart from `bootstrap`: reading needs no HTTP."""

from collections.abc import Callable

from meigara.bootstrap import App
from meigara.config import Settings
from meigara.jquants.client import FetchEvent, JQuantsClient, checked_key, checked_url
from meigara.jquants.plan import Plan
from meigara.services.sync import Sync


def sync_of(app: App) -> Sync:
    """Return the sync of an application.

    Raises MissingKey, or InvalidSetting for a key or address that no request can carry.
    """
    settings = app.settings
    checked_key(settings.api_key)
    checked_url(settings.jquants_base_url)
    return Sync(
        app.database,
        lambda on_event: client_of(settings, on_event),
        settings.guard_limits,
        app.now,
    )


def client_of(settings: Settings, on_event: Callable[[FetchEvent], None]) -> JQuantsClient:
    """Return a client of J-Quants. Raises MissingKey, or InvalidSetting."""
    return JQuantsClient(
        api_key=settings.api_key,
        base_url=settings.jquants_base_url,
        plan=Plan(settings.jquants_plan) if settings.jquants_plan else None,
        retries=settings.jquants_retries,
        timeout=settings.jquants_timeout,
        on_event=on_event,
    )
