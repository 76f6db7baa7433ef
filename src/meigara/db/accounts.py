"""Which tables hold who may sign in, which programs may ask, and who did what?"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meigara.db.base import Base, Id, TextEnum
from meigara.domain.access import Role, Scope
from meigara.domain.auditing import Action
from meigara.domain.masking import scheme_and_host


class Account(Base):
    """A person who may sign in; `password_hash` is by Argon2id, with its own salt and costs.

    An account is never deleted: the audit trail names it.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[Role] = mapped_column(TextEnum(Role))
    password_hash: Mapped[str]
    is_enabled: Mapped[bool]
    created_at: Mapped[dt.datetime]
    signed_in_at: Mapped[dt.datetime | None]


class WebSession(Base):
    """A browser that has signed in; `digest` is that of the secret in its cookie."""

    __tablename__ = "web_session"
    __table_args__ = {"info": {"is_passing": True}}  # noqa: RUF012 - SQLAlchemy reads it

    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class KnownPlace(Base):
    """A network from which an account has signed in."""

    __tablename__ = "known_place"
    __table_args__ = {"info": {"is_passing": True}}  # noqa: RUF012 - SQLAlchemy reads it

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    network: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[dt.datetime]


class ApiToken(Base):
    """A program that may ask in the name of an account; `shown` is how the token begins.

    One without `expires_at` has no end.
    """

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    name: Mapped[str]
    scope: Mapped[Scope] = mapped_column(TextEnum(Scope))
    digest: Mapped[str] = mapped_column(unique=True)
    shown: Mapped[str]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


class AuditEntry(Base):
    """Something that somebody did; `actor` is null for the person at an open server.

    `network` is that of the address of a refused sign-in.
    """

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    actor: Mapped[str | None]
    action: Mapped[Action] = mapped_column(TextEnum(Action))
    subject: Mapped[str | None]
    detail: Mapped[dict[str, Any] | None]
    address: Mapped[str | None]
    network: Mapped[str | None]

    @property
    def told(self) -> dict[str, Any]:
        """The detail as it may be shown: older entries hold the path of an address."""
        detail = self.detail or {}
        return {name: scheme_and_host(value) for name, value in detail.items()}
