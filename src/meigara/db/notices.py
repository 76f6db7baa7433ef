"""Which tables hold who is told of what, and what they were told?"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meigara.db.base import Base, Id, Json, TextEnum
from meigara.domain.masking import scheme_and_host
from meigara.domain.notices import NoticeEvent, NoticeStatus


class NoticeTarget(Base):
    """Where notices go, and which; `sealed_url` is opened by the vault, `shown_url` is masked.

    `events`, `kinds` and `codes` are lists of words; no kinds and no codes mean all of them.
    """

    __tablename__ = "notice_target"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    sealed_url: Mapped[str]
    shown_url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(Json)
    kinds: Mapped[list[str]] = mapped_column(Json)
    codes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[dt.datetime]

    @property
    def place(self) -> str:
        """Where it leads; what earlier versions kept to be shown holds the path as well."""
        return scheme_and_host(self.shown_url)


class Notice(Base):
    """One message to one target about one event of one run; the key keeps it from being doubled."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("notice_target.id"))
    run_id: Mapped[int] = mapped_column(Id)
    event: Mapped[NoticeEvent] = mapped_column(TextEnum(NoticeEvent))
    status: Mapped[NoticeStatus] = mapped_column(TextEnum(NoticeStatus))
    detail: Mapped[dict[str, Any] | None]
    attempts: Mapped[int]
    created_at: Mapped[dt.datetime]
    next_try_at: Mapped[dt.datetime | None]
    sending_since: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]

    __table_args__ = (
        sa.UniqueConstraint("target_id", "run_id", "event"),
        sa.Index("ix_notice_status", "status", "next_try_at"),
    )
