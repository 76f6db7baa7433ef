"""Accounts, sessions and passwords, on each kind of database."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from meigara.db import migrate
from meigara.db.engine import Database
from meigara.db.url import database_url as parsed
from meigara.domain.access import Role, network_of
from meigara.errors import SignInRefused
from meigara.services.accounts import (
    AccountEdit,
    add_account,
    change_account,
    change_password,
    get_account,
)
from meigara.services.passes import caller_of_session, caller_of_token, digest_of, open_session

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
PASSWORD = "correct horse battery staple"  # noqa: S105 - of accounts that are made here


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """Give a database with two administrators."""
    found = Database(parsed(migrated_url))
    for name in ("naomi", "vera"):
        await add_account(found, name, Role.ADMIN, PASSWORD, actor=None, now=NOW)
    yield found
    await found.close()


async def test_a_sign_in_that_a_new_password_overtakes_is_refused(database: Database) -> None:
    async with database.reading() as session:
        before = await get_account(session, "naomi")
    await change_password(database, "naomi", "another long password", actor=None, now=NOW)
    with pytest.raises(SignInRefused):
        await open_session(database, before, "127.0.0.1", NOW)


async def test_a_sign_in_that_a_disabling_overtakes_is_refused(database: Database) -> None:
    async with database.reading() as session:
        before = await get_account(session, "naomi")
    secret = await open_session(database, before, "127.0.0.1", NOW)
    await change_account(database, "naomi", AccountEdit(is_enabled=False), None, NOW)
    with pytest.raises(SignInRefused):
        await open_session(database, before, "127.0.0.1", NOW)
    async with database.reading() as session:
        assert await caller_of_session(session, secret, NOW) is None


async def test_a_session_opens_for_a_week_after_its_last_use(database: Database) -> None:
    async with database.reading() as session:
        account = await get_account(session, "naomi")
    secret = await open_session(database, account, "127.0.0.1", NOW)
    async with database.reading() as session:
        for days, is_open in ((6.9, True), (7.1, False)):
            caller = await caller_of_session(session, secret, NOW + dt.timedelta(days))
            assert (caller is not None) is is_open


async def test_sessions_and_tokens_of_before_work_on_after_an_upgrade(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.attributes["url"] = parsed(database_url)
    await asyncio.to_thread(command.upgrade, config, "0006")
    database = Database(parsed(database_url))
    moment = "'2026-11-19 00:00:00+00:00'" if "postgresql" in database_url else "'2026-11-19 00:00'"
    later = moment.replace("11-19", "12-19")
    digest = digest_of("secret")
    async with database.writing() as session:
        for row in (
            f"account VALUES (1, 'naomi', 'admin', '-', true, {moment}, NULL)",
            f"web_session VALUES ('{digest}', 1, {moment}, {later})",
            f"api_token VALUES (1, 1, 'x', 'read', '{digest}', 'x', {moment}, NULL, NULL)",
        ):
            await session.execute(sa.text(f"INSERT INTO {row}"))
    await database.close()
    await asyncio.to_thread(migrate.upgrade, database_url)
    upgraded = Database(parsed(database_url))
    async with upgraded.reading() as session:
        assert await caller_of_session(session, "secret", NOW)
        assert await caller_of_token(session, "secret", NOW)
    await upgraded.close()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
    ],
)
def test_one_person_has_one_address_of_ipv4_or_a_network_of_ipv6(
    address: str, network: str
) -> None:
    assert network_of(address) == network
