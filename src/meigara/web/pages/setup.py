"""`/setup`: the first minutes. Where a key comes from, taking it, or trying without one."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from meigara import vault
from meigara.config import data_folder
from meigara.domain.auditing import Action
from meigara.domain.masking import end_of
from meigara.domain.run import Trigger
from meigara.errors import InvalidSetting, JQuantsError, MissingKey
from meigara.i18n import explain
from meigara.jquants.events import Probe
from meigara.services.auditing import record
from meigara.services.queue import RunRequest
from meigara.services.rate import StoreLimiter
from meigara.source import client_of
from meigara.web.access import ActorDep
from meigara.web.context import StageDep
from meigara.web.language import translate_page
from meigara.web.problems import status_of
from meigara.web.render import render
from meigara.web.stage import Stage

router = APIRouter(include_in_schema=False)


@router.get("/setup")
async def show(stage: StageDep, request: Request) -> HTMLResponse:
    """Tell where a key comes from, and ask for it."""
    return _page(request, stage)


@router.post("/setup")
async def take_key(
    stage: StageDep, actor: ActorDep, request: Request, key: Annotated[str, Form()]
) -> Response:
    """Test a key at J-Quants; keep it and use it at once if it is accepted."""
    settings = msgspec.structs.replace(stage.settings, jquants_api_key=key.strip() or None)
    limiter = StoreLimiter(stage.app.database, stage.app.now)
    try:
        async with client_of(settings, lambda _event: None, limiter) as client:
            probe = await client.probe()
    except (JQuantsError, InvalidSetting, MissingKey) as error:
        told = explain(error, translate_page(request))
        return _page(request, stage, {"told": told}, status_of(error))
    vault.keep(data_folder(), settings.api_key, settings.secret_key)
    async with stage.app.database.writing() as session:
        record(session, Action.KEY_REPLACED, actor, stage.app.now())
    await stage.replace(settings)
    return _page(request, stage, {"probe": probe})


@router.post("/setup/demo")
async def demo(stage: StageDep, actor: ActorDep) -> RedirectResponse:
    """Go on with the invented market, and sync its first list."""
    await stage.demonstrate()
    await stage.start(RunRequest(Trigger.WEB, actor))
    return RedirectResponse("/", 303)


@router.post("/setup/leave-demo")
async def leave_demo(stage: StageDep) -> RedirectResponse:
    """Go back to the real list."""
    await stage.replace(stage.settings)
    return RedirectResponse("/setup", 303)


def _page(
    request: Request, stage: Stage, found: dict[str, Any] | None = None, status: int = 200
) -> HTMLResponse:
    probe: Probe | None = None
    key = stage.settings.jquants_api_key
    values = {"told": None, "probe": probe, "has_key": bool(key), "key_end": end_of(key or "")}
    return render(request, "setup.html", values | (found or {}), status)
