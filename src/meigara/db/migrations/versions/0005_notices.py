"""Who is told of what, and which runs have been told of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
UNTOLD = sa.text("told_at IS NULL")


def upgrade() -> None:
    """Create the tables of notices; runs that have ended are no news."""
    op.create_table(
        "notice_target",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed_url", sa.Text(), nullable=False),
        sa.Column("shown_url", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_target"),
        sa.UniqueConstraint("name", name="uq_notice_target_name"),
    )
    op.create_table(
        "notice",
        sa.Column("id", ID, nullable=False),
        sa.Column("target_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=True),
        sa.Column("sending_since", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["target_id"], ["notice_target.id"], name="fk_notice_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint(
            "target_id", "run_id", "event", name="uq_notice_target_id_run_id_event"
        ),
    )
    op.create_index("ix_notice_status", "notice", ["status", "next_try_at"])
    op.add_column("sync_run", sa.Column("told_at", MOMENT, nullable=True))
    op.execute("UPDATE sync_run SET told_at = queued_at WHERE status NOT IN ('queued', 'running')")
    op.create_index(
        "ix_sync_run_untold", "sync_run", ["id"], sqlite_where=UNTOLD, postgresql_where=UNTOLD
    )
