"""Who may sign in, and how is an account added, changed and disabled?

Passwords are kept as Argon2id hashes with the parameters that argon2-cffi recommends (RFC 9106).
Each function that changes something owns its transaction.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.accounts import Account, AuditEntry, WebSession
from meigara.db.engine import Database
from meigara.domain.access import LONGEST_PASSWORD, SHORTEST_PASSWORD, Role, parse_account_name
from meigara.domain.auditing import Action
from meigara.errors import (
    AccountExists,
    AccountNotFound,
    InvalidPassword,
    LastAdministrator,
    SignInRefused,
    TooManySignIns,
)
from meigara.services.auditing import record

FAILURES_COUNT = dt.timedelta(minutes=15)
MOST_FAILURES = 5
"""Of one name from one address within that time; ten times as many of one address, or of a name."""

_doors: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class AccountEdit:
    """What is to be different of an account; None leaves a thing as it is."""

    role: Role | None = None
    is_enabled: bool | None = None


def _few() -> asyncio.Semaphore:
    """Return what lets two tries at a time through: one hash takes 64 MiB."""
    return _doors.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(2))


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _hash_of_nobody() -> str:
    """Return a hash to compare with where there is no account, so that it takes as long."""
    return _hasher().hash("nobody has this password")


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
    database: Database, name: str, password: str, actor: str | None, now: dt.datetime
) -> None:
    """Give an account another password; whoever is signed in by it has to sign in again.

    Raises AccountNotFound, InvalidPassword.
    """
    hashed = await _hashed(password)
    async with database.writing() as session:
        account = await get_account(session, name)
        account.password_hash = hashed
        await end_sessions(session, account.id)
        record(session, Action.PASSWORD_CHANGED, actor, now, subject=name)


async def end_sessions(session: AsyncSession, account_id: int) -> None:
    """Sign an account out everywhere. The caller commits."""
    await session.execute(sa.delete(WebSession).where(WebSession.account_id == account_id))


async def authenticate(
    database: Database, name: str, password: str, address: str, now: dt.datetime
) -> Account:
    """Return the account whose name and password these are.

    Raises TooManySignIns after failures, before the password is looked at, else SignInRefused; an
    unknown name, a wrong password and a disabled account look and take the same.
    """
    name = name.strip().lower()[:80]
    async with _few():  # a flood of tries waits, so that each one sees the failures before it
        async with database.reading() as session:
            await _ensure_few_failures(session, name, address, now)
            account = await session.scalar(sa.select(Account).where(Account.name == name))
        hashed = account.password_hash if account else _hash_of_nobody()
        is_right = await asyncio.to_thread(_is_hash_of, hashed, password)
        if account is not None and account.is_enabled and is_right:
            return account
        async with database.writing() as session:
            record(session, Action.SIGN_IN_REFUSED, None, now, subject=name, address=address)
    raise SignInRefused


async def _ensure_few_failures(
    session: AsyncSession, name: str, address: str, now: dt.datetime
) -> None:
    is_failure = AuditEntry.action == Action.SIGN_IN_REFUSED
    recent = sa.select(AuditEntry.at, AuditEntry.subject, AuditEntry.address).where(
        AuditEntry.at > now - FAILURES_COUNT,
        is_failure,
        sa.or_(AuditEntry.subject == name, AuditEntry.address == address),
    )
    found = (await session.execute(recent.order_by(AuditEntry.at))).all()
    both = [each.at for each in found if each.subject == name and each.address == address]
    named = [each.at for each in found if each.subject == name]
    placed = [each.at for each in found if each.address == address]
    for moments, most in ((both, 1), (named, 10), (placed, 10)):
        limit = MOST_FAILURES * most
        if len(moments) >= limit:
            free_at = moments[-limit] + FAILURES_COUNT
            raise TooManySignIns(seconds=max(1, round((free_at - now).total_seconds())))


def _is_hash_of(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password[: LONGEST_PASSWORD + 1])
    except (Argon2Error, InvalidHashError):
        return False


async def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidPassword(shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)
    async with _few():
        return await asyncio.to_thread(_hasher().hash, password)
