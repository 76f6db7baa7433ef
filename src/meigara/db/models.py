"""Which tables hold the list, its history and the runs?

`issue_version` is the list and its history: one row per code and interval of validity; the open
rows (`valid_to` is null) are today's list. `content` repeats a row's attributes in one string, so
that a day is compared by reading one column; `search_text` is what a search looks into.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meigara.db.base import Base, Id, Json, TextEnum
from meigara.domain.run import RunStatus, Trigger


class DataSource(Base):
    """Where lists come from; `recent_calls` are the moments (seconds of the epoch) of the last
    minute's calls, which all processes share.
    """

    __tablename__ = "data_source"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    recent_calls: Mapped[list[float] | None] = mapped_column(Json)


class Endpoint(Base):
    """One kind of data of a source, synced as a whole."""

    __tablename__ = "endpoint"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("data_source.id"))
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Schedule(Base):
    """When an endpoint is synced by itself: each day at a wall time, unless paused.

    `next_run_at` is the first slot that has no row yet; null while paused, and before the first
    tick ever. `catch_up_minutes` is how late a slot is still run. `revision` counts the edits.
    """

    __tablename__ = "schedule"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("endpoint.id"), unique=True)
    schedule_type: Mapped[str]
    execution_time: Mapped[dt.time]
    timezone: Mapped[str]
    is_enabled: Mapped[bool]
    catch_up_minutes: Mapped[int]
    next_run_at: Mapped[dt.datetime | None]
    revision: Mapped[int]
    updated_at: Mapped[dt.datetime | None]
    updated_by: Mapped[str | None]


class SyncRun(Base):
    """One attempt to make the store equal to a roster; the database allows one active at a time.

    A slot of the schedule has one row (`schedule_id`, `scheduled_for`), however often it is tried:
    `attempt` counts, `retry_at` says when the next one is due, of `retries` in all.
    `dispatched_at` is when a queued run was last offered to those who work.
    `held_by` and `lease_expires_at` say who works on it and until when that is believed;
    `decided_at` and `decided_by` who applied or discarded it when it was held; `told_at` when it
    was looked at for notices. `warnings` are what there is to know of an answer that was believed
    all the same; `consequence_of` is the number of the held run without which this one would not
    be held.
    """

    __tablename__ = "sync_run"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("endpoint.id"), index=True)
    trigger: Mapped[Trigger] = mapped_column(TextEnum(Trigger))
    actor: Mapped[str | None]
    status: Mapped[RunStatus] = mapped_column(TextEnum(RunStatus))
    requested_as_of: Mapped[dt.date | None]
    is_backfill: Mapped[bool]
    schedule_id: Mapped[int | None] = mapped_column(sa.ForeignKey("schedule.id"))
    scheduled_for: Mapped[dt.datetime | None]
    missed_reason: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=1, server_default="1")
    retries: Mapped[int | None]
    retry_at: Mapped[dt.datetime | None]
    dispatched_at: Mapped[dt.datetime | None]
    queued_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    held_by: Mapped[str | None]
    lease_expires_at: Mapped[dt.datetime | None]
    cancel_requested_at: Mapped[dt.datetime | None]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None]
    phase: Mapped[str | None]
    pages: Mapped[int | None]
    rows: Mapped[int | None]
    waiting: Mapped[dict[str, Any] | None]
    as_of: Mapped[dt.date | None]
    total: Mapped[int | None]
    companies: Mapped[int | None]
    listed: Mapped[int | None]
    delisted: Mapped[int | None]
    changed: Mapped[int | None]
    unchanged: Mapped[int | None]
    phases: Mapped[dict[str, Any] | None]
    hold_reasons: Mapped[list[dict[str, Any]] | None]
    warnings: Mapped[list[dict[str, Any]] | None]
    consequence_of: Mapped[int | None]
    error: Mapped[dict[str, Any] | None]
    told_at: Mapped[dt.datetime | None]

    @property
    def duration(self) -> dt.timedelta | None:
        """How long the run took; None while it has not started, or has not ended."""
        return self.finished_at - self.started_at if self.started_at and self.finished_at else None

    __table_args__ = (
        sa.Index(
            "uq_sync_run_active",
            "endpoint_id",
            unique=True,
            sqlite_where=sa.text("status IN ('queued', 'running')"),
            postgresql_where=sa.text("status IN ('queued', 'running')"),
        ),
        sa.Index("uq_sync_run_slot", "schedule_id", "scheduled_for", unique=True),
        sa.Index("ix_sync_run_finished_at", "finished_at"),
        sa.Index(
            "ix_sync_run_untold",
            "id",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        ),
        sa.Index("ix_sync_run_status", "status", "id"),
        sa.Index(
            "ix_sync_run_retry",
            "retry_at",
            sqlite_where=sa.text("retry_at IS NOT NULL"),
            postgresql_where=sa.text("retry_at IS NOT NULL"),
        ),
    )


class StoredRoster(Base):
    """One complete answer of the source; `answer` is kept only while its run is held.

    The digests are those of the list of its day as it stands in the store, of the change set of
    its run, and of the labels of its day (see `meigara.domain.digest`); null for what was stored
    before they were kept. `retracted_at` is when it was taken out of the history again.
    `is_invented` says that it came from the simulator's market.
    """

    __tablename__ = "roster"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("sync_run.id"), primary_key=True)
    as_of: Mapped[dt.date | None]
    fetched_at: Mapped[dt.datetime]
    digest: Mapped[str]
    row_count: Mapped[int]
    is_published: Mapped[bool]
    answer: Mapped[bytes | None]
    list_digest: Mapped[str | None]
    changes_digest: Mapped[str | None]
    labels_digest: Mapped[str | None]
    retracted_at: Mapped[dt.datetime | None]
    is_invented: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    __table_args__ = (
        sa.Index("ix_roster_as_of", "is_published", "as_of"),
        sa.Index("ix_roster_list_digest", "list_digest"),
    )


class IssueVersion(Base):
    """What an issue was from `valid_from` until the day before `valid_to`.

    `opened_by` and `closed_by` are numbers of runs, without a foreign key: it would double the
    cost of a first list, and a history outlives the runs that wrote it.
    """

    __tablename__ = "issue_version"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str]
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    name: Mapped[str]
    name_en: Mapped[str]
    sector17: Mapped[str]
    sector33: Mapped[str]
    scale: Mapped[str]
    market: Mapped[str]
    margin: Mapped[str]
    product: Mapped[str]
    is_company: Mapped[bool]
    content: Mapped[str]
    search_text: Mapped[str]
    opened_by: Mapped[int] = mapped_column(Id)
    closed_by: Mapped[int | None] = mapped_column(Id)

    __table_args__ = (
        sa.UniqueConstraint("code", "valid_from"),
        sa.Index(
            "uq_issue_version_open",
            "code",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
        sa.Index(
            "ix_issue_version_closed",
            "valid_to",
            "valid_from",
            sqlite_where=sa.text("valid_to IS NOT NULL"),
            postgresql_where=sa.text("valid_to IS NOT NULL"),
        ),
    )


class StoredChange(Base):
    """One field of one issue that a run changed; the change set is the run's result.

    `retracts` is the number of an earlier change that is hereby said not to have happened.
    """

    __tablename__ = "issue_change"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("sync_run.id"), index=True)
    code: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    field: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    retracts: Mapped[int | None] = mapped_column(Id)


class Label(Base):
    """The name the source gave a code of a code table, and when."""

    __tablename__ = "label"

    kind: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[dt.date] = mapped_column(primary_key=True)
    valid_to: Mapped[dt.date | None]
    name: Mapped[str]
