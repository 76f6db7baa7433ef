"""`/notices`: who is told of what, a trial, and what became of the messages."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from meigara import messages, notices, vault
from meigara.bootstrap import App
from meigara.config import Settings, data_folder
from meigara.domain.changes import ChangeKind
from meigara.domain.issue import parse_issue_code
from meigara.domain.notices import NoticeEvent, NoticeStatus
from meigara.errors import (
    InvalidInput,
    InvalidIssueCode,
    MeigaraError,
    TargetExists,
    TargetUnreadable,
)
from meigara.i18n import explain
from meigara.services import notices as outbox
from meigara.services import targets
from meigara.services.schedules import get_schedule
from meigara.web.access import ActorDep
from meigara.web.context import AppDep, Number
from meigara.web.language import translate_page
from meigara.web.problems import status_of
from meigara.web.render import render

_FIELDS: dict[type[MeigaraError], str] = {TargetUnreadable: "url", InvalidIssueCode: "codes"}
"""The field that an error is about; all others are about the name."""
_PARTED = re.compile(r"[\s,、]+")
router = APIRouter(prefix="/notices", include_in_schema=False)


@router.get("")
async def show(app: AppDep, request: Request) -> HTMLResponse:
    """Show the targets and the newest messages."""
    return await _page(app, request)


class Wanted(BaseModel):
    """What a person types of a new target."""

    name: str = Field(max_length=200)
    url: str = Field(max_length=2_000)
    events: list[NoticeEvent] = []
    kinds: list[ChangeKind] = []
    codes: str = Field("", max_length=10_000)

    def target(self, settings: Settings) -> targets.NewTarget:
        """Return the target. Raises TargetUnreadable, InvalidIssueCode."""
        shown = notices.masked(notices.receiver_of(self.url.strip()))
        sealed = vault.seal(data_folder(), self.url.strip(), settings.secret_key)
        codes = [parse_issue_code(each) for each in _PARTED.split(self.codes) if each]
        return targets.NewTarget(self.name, sealed, shown, self.events, self.kinds, codes)


@router.post("")
async def add(
    app: AppDep, actor: ActorDep, request: Request, wanted: Annotated[Wanted, Form()]
) -> Response:
    """Add a target; what was typed is kept if it cannot be one."""
    try:
        await targets.add_target(app.database, wanted.target(app.settings), actor, app.now())
    except (InvalidInput, TargetExists) as error:
        return await _page(app, request, error=error, typed=wanted.model_dump(exclude={"url"}))
    return RedirectResponse("/notices", 303)


@router.post("/{target_id}/trial")
async def try_out(app: AppDep, request: Request, target_id: Number) -> HTMLResponse:
    """Send a trial message at once, and tell what became of it."""
    async with app.database.reading() as session:
        target = await targets.get_target(session, target_id)
    url = vault.unseal(data_folder(), target.sealed_url, app.settings.secret_key)
    outcome = await notices.send(notices.receiver_of(url), messages.trial(app.settings))
    return await _page(app, request, tried=(target.name, outcome))


@router.get("/{target_id}/remove")
async def ask_to_remove(app: AppDep, request: Request, target_id: Number) -> HTMLResponse:
    """Ask before a target is removed."""
    async with app.database.reading() as session:
        target = await targets.get_target(session, target_id)
    return render(request, "notices_remove.html", {"target": target})


@router.post("/{target_id}/remove")
async def remove(app: AppDep, actor: ActorDep, target_id: Number) -> RedirectResponse:
    """Remove a target and its messages."""
    await targets.remove_target(app.database, target_id, actor, app.now())
    return RedirectResponse("/notices", 303)


@router.post("/messages/{notice_id}/again")
async def send_again(app: AppDep, notice_id: Number) -> RedirectResponse:
    """Send a message again that failed or may not have arrived."""
    await outbox.send_again(app.database, notice_id, app.now())
    return RedirectResponse("/notices", 303)


async def _page(
    app: App,
    request: Request,
    *,
    error: MeigaraError | None = None,
    typed: dict[str, Any] | None = None,
    tried: tuple[str, notices.Outcome] | None = None,
) -> HTMLResponse:
    async with app.database.reading() as session:
        values: dict[str, Any] = {
            "targets": await targets.all_targets(session),
            "messages": await outbox.recent(session),
            "zone": (await get_schedule(session)).timezone,
        }
    fresh: dict[str, Any] = {"name": "", "events": list(NoticeEvent), "kinds": [], "codes": ""}
    values |= {
        "told": explain(error, translate_page(request)) if error else None,
        "wrong_field": _FIELDS.get(type(error), "name") if error else None,
        "typed": typed or fresh,
        "tried": tried,
        "events": list(NoticeEvent),
        "kinds": list(ChangeKind),
        "names": messages.EVENTS,
        "states": messages.STATES,
        "again": (NoticeStatus.FAILED, NoticeStatus.UNCERTAIN),
    }
    return render(request, "notices.html", values, status_of(error) if error else 200)
