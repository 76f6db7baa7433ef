"""What does a browser or a program show to be let in? A session or a token, kept as digests.

Both are 256 random bits, so a plain SHA-256 hides them as well as a slow hash would.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.accounts import Account, ApiToken, WebSession
from meigara.db.counting import rows_changed
from meigara.db.engine import Database
from meigara.domain.access import (
    Permission,
    Role,
    Scope,
    TokenState,
    least_role,
    parse_token_name,
)
from meigara.domain.auditing import Action
from meigara.errors import PermissionMissing, SignInRefused, TokenNotFound
from meigara.services.accounts import get_account
from meigara.services.auditing import record
from meigara.services.signing_in import note_place

SESSION_LASTS = dt.timedelta(days=30)
SESSION_IDLES = dt.timedelta(days=7)
TOKEN_LASTS = dt.timedelta(days=365)
LONGEST_DAYS = 36_500
"""For which a token can be made; one without an end can be as well."""
TOKEN_PREFIX = "meigara_"  # noqa: S105 - how tokens begin, so that a scanner of secrets finds them
LONGEST_SECRET = 128
"""More characters than any session or token has."""
_SHOWN = len(TOKEN_PREFIX) + 4


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they may do; `name` is None for the person at an open server."""

    name: str | None
    permission: Permission
    account: str | None = None
    is_program: bool = False


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token as it may be shown."""

    id: int
    account: str
    role: Role
    name: str
    scope: Scope
    shown: str
    created_at: dt.datetime
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None

    def state(self, now: dt.datetime) -> TokenState:
        """Say whether it opens anything at that moment."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        is_over = self.expires_at is not None and self.expires_at <= now
        return TokenState.EXPIRED if is_over else TokenState.IN_FORCE

    @property
    def permission(self) -> Permission:
        """What a program may do with it."""
        return min(self.role.permission, self.scope.permission)


async def open_session(database: Database, account: Account, address: str, now: dt.datetime) -> str:
    """Sign an account in; return the secret for the cookie, which is not kept.

    Raises SignInRefused if it has been disabled, or has another password, since it was looked at.
    """
    secret = secrets.token_urlsafe(32)
    is_same = (Account.id == account.id, Account.password_hash == account.password_hash)
    signed_in = sa.update(Account).where(*is_same, Account.is_enabled).values(signed_in_at=now)
    async with database.writing() as session:
        if await rows_changed(session, signed_in) == 0:
            raise SignInRefused
        await note_place(session, account, address, now)
        await session.execute(sa.delete(WebSession).where(sa.not_(_is_alive(now))))
        session.add(
            WebSession(
                digest=digest_of(secret),
                account_id=account.id,
                created_at=now,
                expires_at=now + SESSION_LASTS,
                used_at=now,
            )
        )
        record(session, Action.SIGNED_IN, account.name, now, address=address)
    return secret


async def close_session(database: Database, secret: str, actor: str, now: dt.datetime) -> None:
    """Sign out."""
    async with database.writing() as session:
        await session.execute(sa.delete(WebSession).where(WebSession.digest == digest_of(secret)))
        record(session, Action.SIGNED_OUT, actor, now)


async def issue_token(
    database: Database,
    account_name: str,
    name: str,
    scope: Scope,
    *,
    actor: str | None,
    now: dt.datetime,
    lasts: dt.timedelta | None = TOKEN_LASTS,
) -> str:
    """Make a token that ends after a time, or never; return it, since it is not kept.

    Raises InvalidAccount for a name that cannot be used, AccountNotFound.
    """
    called = parse_token_name(name)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    async with database.writing() as session:
        account = await get_account(session, account_name)
        session.add(
            ApiToken(
                account_id=account.id,
                name=called,
                scope=scope,
                digest=digest_of(token),
                shown=token[:_SHOWN],
                created_at=now,
                expires_at=None if lasts is None else now + lasts,
            )
        )
        said = {"account": account.name, "scope": scope}
        record(session, Action.TOKEN_ISSUED, actor, now, subject=called, detail=said)
    return token


async def tokens(session: AsyncSession, account_name: str | None = None) -> Sequence[TokenRecord]:
    """Return the tokens, of one account or of all, the newest first."""
    columns = [getattr(ApiToken, name) for name in ("name", "scope", "shown")]
    moments = [ApiToken.created_at, ApiToken.expires_at]
    moments += [ApiToken.last_used_at, ApiToken.revoked_at]
    owner = (Account.name, Account.role)
    query = sa.select(ApiToken.id, *owner, *columns, *moments).join(Account)
    if account_name is not None:
        query = query.where(Account.name == account_name)
    found = await session.execute(query.order_by(ApiToken.id.desc()))
    return [TokenRecord(*row) for row in found]


async def revoke_token(
    database: Database,
    token_id: int,
    actor: str | None,
    now: dt.datetime,
    *,
    account_name: str | None = None,
    within: Permission = Permission.ADMINISTER,
) -> None:
    """Let a token open nothing any more; `account_name` says whose it must be.

    Raises TokenNotFound, also for one that is revoked already, and PermissionMissing for one that
    may do more than `within`.
    """
    async with database.writing() as session:
        found = [each for each in await tokens(session, account_name) if each.id == token_id]
        if not found or found[0].revoked_at is not None:
            raise TokenNotFound(token_id=token_id)
        if found[0].permission > within:
            raise PermissionMissing(name=actor or "-", role=least_role(found[0].permission))
        revoked = sa.update(ApiToken).where(ApiToken.id == token_id)
        await session.execute(revoked.values(revoked_at=now))
        said = {"account": found[0].account}
        record(session, Action.TOKEN_REVOKED, actor, now, subject=found[0].name, detail=said)


async def caller_of_session(session: AsyncSession, secret: str, now: dt.datetime) -> Caller | None:
    """Return who has signed in with a cookie; None if it opens nothing."""
    query = sa.select(Account.name, Account.role).join(WebSession)
    valid = (WebSession.digest == digest_of(secret), _is_alive(now))
    found = (await session.execute(query.where(*valid, Account.is_enabled))).first()
    return Caller(found.name, found.role.permission, found.name) if found else None


async def caller_of_token(session: AsyncSession, token: str, now: dt.datetime) -> Caller | None:
    """Return in whose name a program asks; None if its token opens nothing."""
    query = sa.select(Account.name, Account.role, ApiToken.name, ApiToken.scope).join(Account)
    is_in_time = sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now)
    valid = (ApiToken.digest == digest_of(token), ApiToken.revoked_at.is_(None), is_in_time)
    found = (await session.execute(query.where(*valid, Account.is_enabled))).first()
    if found is None:
        return None
    account, role, name, scope = found
    permission = min(role.permission, scope.permission)
    return Caller(f"{account} ({name})", permission, account, is_program=True)


async def note_use_of_token(database: Database, token: str, now: dt.datetime) -> None:
    """Write when a token was used last, to the minute."""
    used = sa.update(ApiToken).where(ApiToken.digest == digest_of(token))
    async with database.writing() as session:
        await session.execute(used.values(last_used_at=now))


async def note_use_of_session(database: Database, secret: str, now: dt.datetime) -> None:
    """Write when a person was there last, to the minute."""
    used = sa.update(WebSession).where(WebSession.digest == digest_of(secret))
    async with database.writing() as session:
        await session.execute(used.values(used_at=now))


def _is_alive(now: dt.datetime) -> sa.ColumnElement[bool]:
    used_at = sa.func.coalesce(WebSession.used_at, WebSession.created_at)
    return sa.and_(WebSession.expires_at > now, used_at > now - SESSION_IDLES)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
