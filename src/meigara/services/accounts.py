"""Who may sign in, and how is an account added, changed and disabled?

Each function that changes something owns its transaction.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.accounts import Account, ApiToken, WebSession
from meigara.db.counting import rows_changed
from meigara.db.engine import Database
from meigara.domain.access import Role, ensure_password, parse_account_name
from meigara.domain.auditing import Action
from meigara.errors import (
    AccountExists,
    AccountNotFound,
    LastAdministrator,
)
from meigara.services.auditing import record
from meigara.services.passwords import hash_of


@dataclass(frozen=True, slots=True)
class AccountEdit:
    """What is to be different of an account; None leaves a thing as it is."""

    role: Role | None = None
    is_enabled: bool | None = None


async def has_accounts(session: AsyncSession) -> bool:
    """Say whether there is any account, be it disabled: then everybody has to sign in."""
    return bool(await session.scalar(sa.select(sa.exists().where(Account.id.is_not(None)))))


async def can_anybody_sign_in(session: AsyncSession) -> bool:
    """Say whether there is an account that is not disabled."""
    return bool(await session.scalar(sa.select(sa.exists().where(Account.is_enabled))))


async def all_accounts(session: AsyncSession) -> Sequence[Account]:
    """Return all accounts by their names."""
    return (await session.scalars(sa.select(Account).order_by(Account.name))).all()


async def get_account(session: AsyncSession, name: str) -> Account:
    """Return an account. Raises AccountNotFound."""
    account = await session.scalar(sa.select(Account).where(Account.name == name))
    if account is None:
        raise AccountNotFound(name=name)
    return account


async def add_account(
    database: Database,
    name: str,
    role: Role,
    password: str,
    *,
    actor: str | None,
    now: dt.datetime,
) -> Account:
    """Add an account. Raises InvalidAccount, InvalidPassword, AccountExists."""
    account = Account(
        name=parse_account_name(name),
        role=role,
        password_hash=await _hashed(password),
        is_enabled=True,
        created_at=now,
    )
    try:
        async with database.writing() as session:
            session.add(account)
            record(
                session,
                Action.ACCOUNT_ADDED,
                actor,
                now,
                subject=account.name,
                detail={"role": role},
            )
    except IntegrityError:
        raise AccountExists(name=account.name) from None
    return account


async def change_account(
    database: Database, name: str, wanted: AccountEdit, actor: str | None, now: dt.datetime
) -> Account:
    """Change an account, effective at once: a disabled one is signed out everywhere.

    Raises AccountNotFound, or LastAdministrator if nobody could look after the server then.
    """
    async with database.writing() as session:
        account = await get_account(session, name)
        was_administrator = account.is_enabled and account.role is Role.ADMIN
        if wanted.role is not None:
            account.role = wanted.role
        if wanted.is_enabled is not None:
            account.is_enabled = wanted.is_enabled
        await session.flush()
        is_left = sa.exists().where(Account.is_enabled, Account.role == Role.ADMIN)
        if was_administrator and not await session.scalar(sa.select(is_left)):
            raise LastAdministrator(name=name)
        if not account.is_enabled:
            await end_sessions(session, account.id)
        said = {"role": account.role, "enabled": account.is_enabled}
        record(session, Action.ACCOUNT_CHANGED, actor, now, subject=name, detail=said)
        return account


async def change_password(
    database: Database,
    name: str,
    password: str,
    *,
    actor: str | None,
    now: dt.datetime,
    keeps_tokens: bool = False,
) -> int:
    """Give an account another password; whoever is signed in by it has to sign in again.

    Its tokens end as well unless they are kept; return how many did.

    Raises AccountNotFound, InvalidPassword.
    """
    hashed = await _hashed(password)
    async with database.writing() as session:
        account = await get_account(session, name)
        account.password_hash = hashed
        await end_sessions(session, account.id)
        ended = 0 if keeps_tokens else await _end_tokens(session, account.id, now)
        said = {"tokens revoked": ended} if ended else None
        record(session, Action.PASSWORD_CHANGED, actor, now, subject=name, detail=said)
    return ended


async def end_sessions(session: AsyncSession, account_id: int) -> None:
    """Sign an account out everywhere. The caller commits."""
    await session.execute(sa.delete(WebSession).where(WebSession.account_id == account_id))


async def _end_tokens(session: AsyncSession, account_id: int, now: dt.datetime) -> int:
    is_in_force = (ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
    revoked = sa.update(ApiToken).where(*is_in_force).values(revoked_at=now)
    return await rows_changed(session, revoked)


async def _hashed(password: str) -> str:
    ensure_password(password)
    return await asyncio.to_thread(hash_of, password)
