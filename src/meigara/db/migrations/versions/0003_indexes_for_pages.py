"""Indexes by which a page sees what is new without reading every run."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Index the states of runs, and their ends."""
    op.create_index("ix_sync_run_finished_at", "sync_run", ["finished_at"])
    op.create_index("ix_sync_run_status", "sync_run", ["status", "id"])


def downgrade() -> None:
    """Drop the indexes."""
    op.drop_index("ix_sync_run_status", "sync_run")
    op.drop_index("ix_sync_run_finished_at", "sync_run")
