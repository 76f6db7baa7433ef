"""How is the web application put together?"""

from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.staticfiles import StaticFiles

from meigara import __version__
from meigara.exports import MEDIA_TYPES, PACKED
from meigara.web import feed, health, metrics, mirror
from meigara.web.access import authorise
from meigara.web.api import changes as api_changes
from meigara.web.api import exports as api_exports
from meigara.web.api import issues as api_issues
from meigara.web.api import rosters as api_rosters
from meigara.web.api import runs as api_runs
from meigara.web.api import schedule as api_schedule
from meigara.web.api import status as api_status
from meigara.web.asked import ensure_understood
from meigara.web.document import TAGS, completed, operation_id
from meigara.web.guarding import LARGEST_BODY, guard
from meigara.web.heads import HeadAsGet
from meigara.web.kept import KeptAnswers
from meigara.web.pages import (
    account,
    audit,
    history,
    issues,
    language,
    notices,
    run,
    schedule,
    setup,
    source,
)
from meigara.web.problems import report_problems
from meigara.web.stage import Stage
from meigara.web.texts import ensure_text

_API = (
    api_status,
    api_issues,
    api_changes,
    api_exports,
    api_rosters,
    api_runs,
    api_schedule,
)
_PAGES = (source, schedule, history, run, issues, setup, account, audit, notices, language)
_FOR_PROGRAMS = (
    health.router,
    health.readiness,
    feed.router,
    api_runs.starts,
    *(each.router for each in _API),
)
_MORE = (health.readiness, api_runs.starts, source.starts, run.starts)
ROUTERS = (
    *(each.router for each in (health, metrics, feed, mirror, *_API, *_PAGES)),
    *_MORE,
)


class _Application(FastAPI):
    """The application; its document says more than what the routes say of themselves."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        address = self.state.stage.settings.public_url or "/"
        return completed(super().openapi(), address)


def create_app(stage: Stage) -> FastAPI:
    """Return the application that serves what is on `stage`."""
    api = _Application(
        title="Meigara",
        version=__version__,
        description="All issues listed in Tokyo, in daily sync with J-Quants.",
        docs_url=None,  # their pages load scripts from another host
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,  # it would lead to whatever host the request names
        openapi_tags=TAGS,
        license_info={"name": "MIT", "identifier": "MIT"},
        generate_unique_id_function=operation_id,
        dependencies=[Depends(authorise), Depends(ensure_text)],
    )
    api.state.stage = stage
    for router in ROUTERS:
        is_strict = router in _FOR_PROGRAMS
        api.include_router(router, dependencies=[Depends(ensure_understood)] if is_strict else [])
    api.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    api.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    api.middleware("http")(guard)
    api.add_middleware(
        GZipMiddleware,
        minimum_size=1000,
        compresslevel=5,
        exclude_content_types=(
            *DEFAULT_EXCLUDED_CONTENT_TYPES,
            *(MEDIA_TYPES[each] for each in PACKED),
        ),
    )
    api.add_middleware(KeptAnswers, stage=stage)
    api.add_middleware(HeadAsGet)
    report_problems(api)
    return api
