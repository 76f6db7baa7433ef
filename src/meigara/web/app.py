"""How is the web application put together?"""

from fastapi import FastAPI

from meigara import __version__
from meigara.bootstrap import App
from meigara.services.tick import Dispatcher
from meigara.web import health, runs, schedule
from meigara.web.problems import report_problems


def create_app(app: App, dispatcher: Dispatcher) -> FastAPI:
    """Return the application that serves `app` and hands new runs to `dispatcher`."""
    api = FastAPI(
        title="Meigara",
        version=__version__,
        description="All issues listed in Tokyo, in daily sync with J-Quants.",
        docs_url=None,  # their pages load scripts from another host
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    api.state.app, api.state.dispatcher = app, dispatcher
    for router in (health.router, runs.router, schedule.router):
        api.include_router(router)
    report_problems(api)
    return api
