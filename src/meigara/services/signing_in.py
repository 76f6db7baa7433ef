"""Whose name and password are these? And what keeps strangers from guessing, and from crowding?

Only the password of an account that there is costs a hash, and whoever signed in before from the
same place waits for no line of strangers. Every refusal takes equally long, so that its time tells
nothing.
"""

import asyncio
import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.db.accounts import Account, AuditEntry, KnownPlace
from meigara.db.engine import Database
from meigara.domain.access import network_of
from meigara.domain.auditing import Action
from meigara.domain.showing import shown
from meigara.errors import SignInRefused, TooManySignIns
from meigara.services.auditing import record
from meigara.services.passwords import has_other_costs, hash_of, is_hash_of

FAILURES_COUNT = dt.timedelta(minutes=15)
MOST_FAILURES = 5
"""Of one name from one place within that time."""
_MOST_IN_ALL = 10 * MOST_FAILURES
"""Of one name from everywhere, of all names from one place, and where the name is known."""
PLACE_IS_KNOWN = dt.timedelta(days=90)
_REFUSAL_SECONDS = 0.5
_MOST_STRANGERS = 64
_LOOKS_AT_ONCE = 4
_CROWDED_SECONDS = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Try:
    """A name and the place it is given at."""

    name: str
    network: str


class _Failure(NamedTuple):
    """When a name was refused at a place."""

    at: dt.datetime
    name: str | None
    network: str | None


@dataclass(slots=True)
class _Doors:
    """What is under way: the tries, and who has to wait for whom.

    One thread makes all hashes, since each would keep the memory of one. Strangers stand in line
    before it one by one; whoever is known goes to it at once.
    """

    tries: list[_Try] = field(default_factory=list)
    looking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_LOOKS_AT_ONCE))
    strangers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    hashing: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "hash"))
    refusing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @contextmanager
    def entered(self, this: _Try) -> Iterator[list[_Try]]:
        """Let a try be among those under way; give the others."""
        others = list(self.tries)
        self.tries.append(this)
        try:
            yield others
        finally:
            self.tries.remove(this)


_doors: WeakKeyDictionary[asyncio.AbstractEventLoop, _Doors] = WeakKeyDictionary()


async def authenticate(
    database: Database, name: str, password: str, address: str, now: dt.datetime
) -> Account:
    """Return the account whose name and password these are.

    Raises TooManySignIns after failures, before the password is looked at, else SignInRefused; an
    unknown name, a wrong password and a disabled account look and take the same.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    doors = _doors.setdefault(loop, _Doors())
    this = _Try(shown(name.strip().lower()[:80]), network_of(address))
    with doors.entered(this) as others:
        async with doors.looking, database.reading() as session:
            account = await session.scalar(sa.select(Account).where(Account.name == this.name))
            is_known = await _is_known(session, this, now)
            failures = await _failures(session, this, now)
        _ensure_few(failures, this, others, now, is_known=is_known)
        async with nullcontext() if is_known else doors.strangers:
            if account and await _is_right(database, account, password, doors.hashing):
                return account
        async with doors.refusing, database.writing() as session:
            record(
                session,
                Action.SIGN_IN_REFUSED,
                None,
                now,
                subject=this.name,
                address=address,
                network=this.network,
            )
    await asyncio.sleep(begun + _REFUSAL_SECONDS - loop.time())
    raise SignInRefused


async def note_place(
    session: AsyncSession, account: Account, address: str, now: dt.datetime
) -> None:
    """Know a place again from which an account has signed in. The caller commits."""
    lapsed = KnownPlace.seen_at < now - PLACE_IS_KNOWN
    await session.execute(sa.delete(KnownPlace).where(lapsed))
    place = KnownPlace(account_id=account.id, network=network_of(address), seen_at=now)
    await session.merge(place)


async def _is_known(session: AsyncSession, this: _Try, now: dt.datetime) -> bool:
    """Say whether the account of that name has signed in from that place."""
    place = sa.select(KnownPlace.account_id).join(Account).where(Account.name == this.name)
    seen = (KnownPlace.network == this.network, KnownPlace.seen_at > now - PLACE_IS_KNOWN)
    return await session.scalar(place.where(*seen)) is not None


async def _failures(session: AsyncSession, this: _Try, now: dt.datetime) -> list[_Failure]:
    """Return when sign-ins with the same name or from the same place were refused lately."""
    is_alike = sa.or_(AuditEntry.subject == this.name, AuditEntry.network == this.network)
    recent = sa.select(AuditEntry.at, AuditEntry.subject, AuditEntry.network).where(
        AuditEntry.at > now - FAILURES_COUNT, AuditEntry.action == Action.SIGN_IN_REFUSED, is_alike
    )
    return [_Failure(*row) for row in await session.execute(recent.order_by(AuditEntry.at))]


def _ensure_few(
    failures: list[_Failure], this: _Try, others: list[_Try], now: dt.datetime, *, is_known: bool
) -> None:
    """Refuse one try too many; those under way count like failures. Raises TooManySignIns.

    Where the name is known from that place, what fails elsewhere or with other names is no matter.
    """
    seen = [*failures, *(_Failure(now, each.name, each.network) for each in others)]
    both = [each.at for each in seen if (each.name, each.network) == (this.name, this.network)]
    named = [each.at for each in seen if each.name == this.name]
    placed = [each.at for each in seen if each.network == this.network]
    counts = [(both, MOST_FAILURES), (named, _MOST_IN_ALL), (placed, _MOST_IN_ALL)]
    for moments, most in [(both, _MOST_IN_ALL)] if is_known else counts:
        if len(moments) >= most:
            free_in = (moments[-most] + FAILURES_COUNT - now).total_seconds()
            raise TooManySignIns(seconds=max(1, round(free_in)))
    if not is_known and len(others) >= _MOST_STRANGERS:
        raise TooManySignIns(seconds=_CROWDED_SECONDS)


async def _is_right(
    database: Database, account: Account, password: str, hashing: ThreadPoolExecutor
) -> bool:
    if not account.is_enabled:
        return False
    loop, hashed = asyncio.get_running_loop(), account.password_hash
    is_right = await loop.run_in_executor(hashing, is_hash_of, hashed, password)
    if is_right and has_other_costs(hashed):
        anew = await loop.run_in_executor(hashing, hash_of, password)
        await _keep_hash(database, account, anew)
    return is_right


async def _keep_hash(database: Database, account: Account, hashed: str) -> None:
    """Keep the hash with the costs of today, unless the password is another one meanwhile."""
    is_same = (Account.id == account.id, Account.password_hash == account.password_hash)
    async with database.writing() as session:
        await session.execute(sa.update(Account).where(*is_same).values(password_hash=hashed))
    account.password_hash = hashed
