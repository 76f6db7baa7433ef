"""How does a page become HTML in the language of the person?"""

import datetime as dt
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from meigara import __version__
from meigara.counted import counted, size
from meigara.db.models import SyncRun
from meigara.domain.classification import name_of
from meigara.i18n import explain_stored, translator
from meigara.sentences import sentence_of
from meigara.web.access import caller_of, may
from meigara.web.language import address_of_page, language_of_page

_HERE = Path(__file__).parent


def render(
    request: Request, template: str, values: dict[str, Any], status: int = 200
) -> HTMLResponse:
    """Return a page or a fragment as the answer to `request`."""
    language = language_of_page(request)
    translate = translator(language)

    def t(text: str, /, **filled: object) -> str:
        return translate(text).format(**filled)

    html = (
        _environment()
        .get_template(template)
        .render(
            t=t,
            counted=partial(counted, translate),
            size=partial(size, translate),
            lang=language,
            version=__version__,
            path=request.url.path,
            own_address=address_of_page(request),
            is_demo=request.app.state.stage.is_demo,
            caller=caller_of(request),
            may=partial(may, request),
            name_of=partial(name_of, english=language == "en"),
            cause_of=lambda run: explain_stored(run.error, translate) if run.error else None,
            sentence_of=lambda run, zone: sentence_of(run, translate, ZoneInfo(zone)),
            **values,
        )
    )
    return HTMLResponse(html, status)


def is_fragment(request: Request) -> bool:
    """Say whether a script of a page asks, which needs a part of it only."""
    return "hx-request" in request.headers


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": _number,
        "moment": _moment,
        "clock": _clock,
        "seconds": _seconds,
        "icon": _icon,
    }
    return environment


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _moment(moment: dt.datetime | None, zone: str) -> Markup:
    """Return a moment in a zone, to the second, as an element that names it exactly."""
    if moment is None:
        return Markup("–")
    local = moment.astimezone(ZoneInfo(zone))
    return Markup('<time datetime="{}">{:%Y-%m-%d %H:%M:%S}</time>').format(
        local.isoformat(timespec="seconds"), local
    )


def _clock(moment: dt.datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def _seconds(run: SyncRun) -> str:
    """Return how long a run took, in seconds."""
    return "–" if run.duration is None else f"{run.duration.total_seconds():,.1f}"


def _icon(name: str) -> Markup:
    """Return a symbol of the sprite, which says nothing to a screen reader."""
    return Markup(
        '<svg class="icon" aria-hidden="true" focusable="false">'
        '<use href="/static/icons.svg#{}"></use></svg>'
    ).format(name)
