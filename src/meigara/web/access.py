"""Who asks, and may they? Every route is behind `authorise`; only the static files are not."""

import base64
import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from meigara.bootstrap import App
from meigara.domain.access import Permission, least_role
from meigara.errors import (
    CameFromElsewhere,
    HostUnknown,
    PermissionMissing,
    SignInNeeded,
)
from meigara.services.passes import Caller
from meigara.web.doorkeeper import Doorkeeper
from meigara.web.permissions import PERMISSIONS

COOKIE = "meigara_session"
_SECURE_COOKIE = f"__Host-{COOKIE}"
_ASKED_BY_WINDOWS = "/live"  # again and again, whether somebody is there or not
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NOBODY = Caller(None, Permission.NOTHING)
_AT_AN_OPEN_SERVER = Caller(None, Permission.ADMINISTER)
_MARKS_OF_A_PROXY = (
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "via",
    "cf-connecting-ip",
    "true-client-ip",
)


async def authorise(request: Request) -> None:
    """Let a request through to its route, with `request.state.caller`, or refuse it.

    Raises HostUnknown, CameFromElsewhere, SignInNeeded, PermissionMissing.
    """
    rule = f"{request.method} {request.scope['route'].path}"
    await admit(request, PERMISSIONS[rule])


async def admit(request: Request, needed: Permission) -> None:
    """Let a request through that `needed` is enough for. Raises what `authorise` raises."""
    request.state.caller = _NOBODY
    stage = request.app.state.stage
    doorkeeper: Doorkeeper = stage.doorkeeper
    _ensure_origin(request)
    if needed is Permission.NOTHING:
        return
    is_open = await stage.is_private()
    _ensure_host(request, stage.settings.public_url, is_open=is_open)
    request.state.caller = (
        _AT_AN_OPEN_SERVER if is_open else await _caller(request, doorkeeper, stage.app)
    )
    if request.state.caller.permission >= needed:
        return
    if request.state.caller is _NOBODY:
        raise SignInNeeded
    raise PermissionMissing(name=request.state.caller.name, role=least_role(needed))


async def _caller(request: Request, doorkeeper: Doorkeeper, app: App) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await doorkeeper.caller_with_token(app, token.strip())
    if scheme.lower() == "basic":
        return await doorkeeper.caller_with_token(app, _password_in(token))
    if request.url.path.startswith("/jquants/") and (key := request.headers.get("x-api-key")):
        return await doorkeeper.caller_with_token(app, key)
    secret = request.cookies.get(cookie_name(request))
    if not secret:
        return _NOBODY
    is_there = not request.url.path.endswith(_ASKED_BY_WINDOWS)
    caller = await doorkeeper.caller_with_cookie(app, secret, is_there=is_there) or _NOBODY
    is_told = "origin" in request.headers or "sec-fetch-site" in request.headers
    if request.method not in _SAFE_METHODS and not is_told:
        raise CameFromElsewhere  # a browser says it; a program has a token
    return caller


def _password_in(text: str) -> str:
    """Return the password of basic authentication: a reader of feeds sends its token so."""
    try:
        return base64.b64decode(text).decode().partition(":")[2]
    except ValueError:
        raise SignInNeeded from None


def is_secure(request: Request) -> bool:
    """Say whether the person's browser reaches the server by HTTPS."""
    public_url = request.app.state.stage.settings.public_url or ""
    return request.url.scheme == "https" or public_url.startswith("https://")


def address_of_server(request: Request) -> str:
    """Return the address of the server, as set or as reached; never what the request says of it."""
    if public_url := request.app.state.stage.settings.public_url:
        return str(public_url).rstrip("/")
    host, port = request.scope["server"]
    return f"{request.url.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def cookie_name(request: Request) -> str:
    """Return the name of the cookie; by HTTPS one that no other host can set."""
    return _SECURE_COOKIE if is_secure(request) else COOKIE


def _ensure_host(request: Request, public_url: str | None, *, is_open: bool) -> None:
    """Refuse other names: a page elsewhere could point its own name at this machine.

    Behind a proxy an open server would be open to everybody.
    """
    name = _host_in(f"//{request.headers.get('host', '')}")
    is_ours = is_loopback(name)
    if is_open:
        is_ours = is_ours and not any(mark in request.headers for mark in _MARKS_OF_A_PROXY)
    elif public_url is None:
        is_ours = True
    else:
        is_ours = is_ours or name == _host_in(public_url)
    if not is_ours:
        raise HostUnknown


def _ensure_origin(request: Request) -> None:
    """Refuse a change that a page of another site asks for.

    A browser says where a request comes from (`Sec-Fetch-Site`, else `Origin`).
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        is_ours = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if not is_ours:
        raise CameFromElsewhere


def _host_in(address: str) -> str:
    """Return the name of the host in an address, nothing if it cannot be read."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Say whether a name or an address means this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def caller_of(request: Request) -> Caller:
    """Return who asks, as `authorise` found out; nobody where it did not come so far."""
    caller: Caller = getattr(request.state, "caller", _NOBODY)
    return caller


def may(request: Request, permission: str) -> bool:
    """Say whether whoever asks may do what needs this permission, such as `operate`."""
    return caller_of(request).permission >= Permission[permission.upper()]


CallerDep = Annotated[Caller, Depends(caller_of)]


def _actor(caller: CallerDep) -> str | None:
    return caller.name


ActorDep = Annotated[str | None, Depends(_actor)]
"""The name under which a change is written down; None for the person at an open server."""
