"""`/sign-in`, `/sign-out` and `/account`: coming in, going out, passwords and tokens."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from meigara.domain.access import SHORTEST_PASSWORD, Permission, Role, Scope
from meigara.errors import (
    AccessRefused,
    InvalidAccount,
    InvalidPassword,
    MeigaraError,
    PermissionMissing,
)
from meigara.i18n import explain
from meigara.services import accounts, passes
from meigara.services.passes import Caller
from meigara.services.schedules import get_schedule
from meigara.services.signing_in import authenticate
from meigara.web.access import CallerDep, cookie_name, is_secure
from meigara.web.context import AppDep, Number, StageDep
from meigara.web.language import address_of_ours, translate_page
from meigara.web.problems import headers_of, status_of
from meigara.web.render import render

router = APIRouter(include_in_schema=False)
_DAYS_OFFERED = (30, 90, 365, 0)


@router.get("/sign-in")
async def ask(stage: StageDep, request: Request, back: str = "/") -> Response:
    """Ask for a name and a password, where they are needed."""
    if await stage.is_private():
        return RedirectResponse("/", 303)
    return render(request, "sign_in.html", {"told": None, "name": "", "back": back})


@router.post("/sign-in")
async def sign_in(
    app: AppDep,
    request: Request,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=2_000)],
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Let a person in whose name and password are right; go on where they wanted to be."""
    address = request.client.host if request.client else "-"
    now = app.now()
    try:
        account = await authenticate(app.database, name, password, address, now)
        secret = await passes.open_session(app.database, account, address, now)
    except AccessRefused as error:
        told = explain(error, translate_page(request))
        values = {"told": told, "name": name, "back": back}
        page = render(request, "sign_in.html", values, status_of(error))
        page.headers.update(headers_of(request, error))
        return page
    answer = RedirectResponse(address_of_ours(back), 303)
    answer.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(passes.SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )
    return answer


@router.post("/sign-out")
async def sign_out(stage: StageDep, request: Request, caller: CallerDep) -> RedirectResponse:
    """End the session of this browser."""
    secret = request.cookies.get(cookie_name(request))
    if secret and caller.account:
        await passes.close_session(stage.app.database, secret, caller.account, stage.app.now())
        stage.doorkeeper.forget()
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(cookie_name(request), secure=is_secure(request), httponly=True)
    return answer


@router.get("/account")
async def show(app: AppDep, request: Request, caller: CallerDep) -> HTMLResponse:
    """Show the own account with its tokens."""
    return await _page(app, request, caller)


@router.post("/account/password")
async def change_password(
    stage: StageDep,
    request: Request,
    caller: CallerDep,
    *,
    old: Annotated[str, Form(max_length=2_000)],
    new: Annotated[str, Form(max_length=2_000)],
    keep_tokens: Annotated[bool, Form()] = False,
) -> Response:
    """Change the own password; every browser has to sign in again, and tokens end unless kept."""
    app = stage.app
    address = request.client.host if request.client else "-"
    try:
        name = _own_account(caller)
        await authenticate(app.database, name, old, address, app.now())
        await accounts.change_password(
            app.database, name, new, actor=name, now=app.now(), keeps_tokens=keep_tokens
        )
    except (AccessRefused, InvalidPassword) as error:
        wrong = "new" if isinstance(error, InvalidPassword) else "old"
        return await _page(app, request, caller, {"refused": error, "wrong_field": wrong})
    stage.doorkeeper.forget()
    return RedirectResponse("/sign-in", 303)


@router.post("/account/tokens")
async def issue_token(
    app: AppDep,
    request: Request,
    caller: CallerDep,
    *,
    name: Annotated[str, Form(max_length=200)],
    scope: Annotated[Scope, Form()],
    days: Annotated[int, Form(ge=0, le=passes.LONGEST_DAYS)] = passes.TOKEN_LASTS.days,
) -> HTMLResponse:
    """Issue a token for the own account and show it, this one time."""
    account = _own_account(caller)
    try:
        token = await passes.issue_token(
            app.database,
            account,
            name,
            scope,
            actor=caller.name,
            now=app.now(),
            lasts=dt.timedelta(days) if days else None,
        )
    except InvalidAccount as error:
        return await _page(app, request, caller, {"unnamed": error})
    return await _page(app, request, caller, {"token": token})


@router.post("/account/tokens/{token_id}/revoke")
async def revoke_token(stage: StageDep, caller: CallerDep, token_id: Number) -> RedirectResponse:
    """Revoke a token of the own account; a program only one that may do no more than its own."""
    app = stage.app
    await passes.revoke_token(
        app.database,
        token_id,
        caller.name,
        app.now(),
        account_name=caller.account or "-",
        within=caller.permission if caller.is_program else Permission.ADMINISTER,
    )
    stage.doorkeeper.forget()
    return RedirectResponse("/account", 303)


def _own_account(caller: Caller) -> str:
    """Return whose account it is. Raises PermissionMissing for a program: it is a person's."""
    if caller.account is None or caller.is_program:
        raise PermissionMissing(name=caller.name or "-", role=Role.VIEWER)
    return caller.account


async def _page(
    app: AppDep, request: Request, caller: CallerDep, news: dict[str, Any] | None = None
) -> HTMLResponse:
    errors = [each for each in (news or {}).values() if isinstance(each, MeigaraError)]
    translate = translate_page(request)
    told = {
        name: explain(each, translate) if isinstance(each, MeigaraError) else each
        for name, each in (news or {}).items()
    }
    async with app.database.reading() as session:
        zone = (await get_schedule(session)).timezone
        account = await accounts.get_account(session, caller.account) if caller.account else None
        found = await passes.tokens(session, caller.account) if account else []
    values: dict[str, Any] = dict.fromkeys(("refused", "wrong_field", "unnamed", "token")) | told
    values |= {"account": account, "tokens": found, "zone": zone}
    values |= {"scopes": list(Scope), "shortest": SHORTEST_PASSWORD, "now": app.now()}
    values |= {"days": passes.TOKEN_LASTS.days, "choices": _DAYS_OFFERED}
    page = render(request, "account.html", values, status_of(errors[0]) if errors else 200)
    for each in errors:
        page.headers.update(headers_of(request, each))
    return page
