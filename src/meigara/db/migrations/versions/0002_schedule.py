"""The schedule, its slots, and what a run needs to be tried again."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
RETRIED = sa.text("retry_at IS NOT NULL")


def upgrade() -> None:
    """Create the schedule: each day at 05:00 in Tokyo."""
    op.create_table(
        "schedule",
        sa.Column("id", ID, nullable=False),
        sa.Column("endpoint_id", ID, nullable=False),
        sa.Column("schedule_type", sa.Text(), nullable=False),
        sa.Column("execution_time", sa.Time(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("catch_up_minutes", sa.Integer(), nullable=False),
        sa.Column("next_run_at", MOMENT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"], name="fk_schedule_endpoint_id"),
        sa.PrimaryKeyConstraint("id", name="pk_schedule"),
        sa.UniqueConstraint("endpoint_id", name="uq_schedule_endpoint_id"),
    )
    op.add_column("data_source", sa.Column("recent_calls", sa.JSON(), nullable=True))
    of_schedule = sa.ForeignKey("schedule.id", name="fk_sync_run_schedule_id")
    op.add_column("sync_run", sa.Column("schedule_id", ID, of_schedule), inline_references=True)
    op.add_column("sync_run", sa.Column("scheduled_for", MOMENT, nullable=True))
    op.add_column("sync_run", sa.Column("missed_reason", sa.Text(), nullable=True))
    op.add_column(
        "sync_run", sa.Column("attempt", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("sync_run", sa.Column("retries", sa.Integer(), nullable=True))
    op.add_column("sync_run", sa.Column("retry_at", MOMENT, nullable=True))
    op.add_column("sync_run", sa.Column("dispatched_at", MOMENT, nullable=True))
    op.create_index("uq_sync_run_slot", "sync_run", ["schedule_id", "scheduled_for"], unique=True)
    op.create_index(
        "ix_sync_run_retry",
        "sync_run",
        ["retry_at"],
        sqlite_where=RETRIED,
        postgresql_where=RETRIED,
    )
    schedule = sa.table(
        "schedule",
        sa.column("id"),
        sa.column("endpoint_id"),
        sa.column("schedule_type"),
        sa.column("execution_time", sa.Time()),
        sa.column("timezone"),
        sa.column("is_enabled", sa.Boolean()),
        sa.column("catch_up_minutes"),
        sa.column("revision"),
    )
    daily = {"schedule_type": "daily", "execution_time": dt.time(5), "timezone": "Asia/Tokyo"}
    limits = {"is_enabled": True, "catch_up_minutes": 24 * 60, "revision": 1}
    op.bulk_insert(schedule, [{"id": 1, "endpoint_id": 1, **daily, **limits}])
