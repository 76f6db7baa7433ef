"""The first schema: source, endpoint, runs, rosters, issues and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
ACTIVE = sa.text("status IN ('queued', 'running')")
OPEN = sa.text("valid_to IS NULL")
CLOSED = sa.text("valid_to IS NOT NULL")


def upgrade() -> None:
    """Create the tables, and the one source and endpoint there are."""
    op.create_table(
        "data_source",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_source"),
        sa.UniqueConstraint("key", name="uq_data_source_key"),
    )
    op.create_table(
        "label",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", "valid_from", name="pk_label"),
    )
    op.create_table(
        "endpoint",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["data_source.id"], name="fk_endpoint_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_endpoint"),
        sa.UniqueConstraint("key", name="uq_endpoint_key"),
    )
    op.create_table(
        "sync_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("endpoint_id", ID, nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_as_of", sa.Date(), nullable=True),
        sa.Column("is_backfill", sa.Boolean(), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("held_by", sa.Text(), nullable=True),
        sa.Column("lease_expires_at", MOMENT, nullable=True),
        sa.Column("cancel_requested_at", MOMENT, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("waiting", sa.JSON(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("companies", sa.Integer(), nullable=True),
        sa.Column("listed", sa.Integer(), nullable=True),
        sa.Column("delisted", sa.Integer(), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=True),
        sa.Column("unchanged", sa.Integer(), nullable=True),
        sa.Column("phases", sa.JSON(), nullable=True),
        sa.Column("hold_reasons", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"], name="fk_sync_run_endpoint_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sync_run"),
    )
    op.create_index("ix_sync_run_endpoint_id", "sync_run", ["endpoint_id"], unique=False)
    op.create_index(
        "uq_sync_run_active",
        "sync_run",
        ["endpoint_id"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )

    op.create_table(
        "issue_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name="fk_issue_change_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_issue_change"),
    )
    op.create_index("ix_issue_change_code", "issue_change", ["code"], unique=False)
    op.create_index("ix_issue_change_run_id", "issue_change", ["run_id"], unique=False)

    op.create_table(
        "issue_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("sector17", sa.Text(), nullable=False),
        sa.Column("sector33", sa.Text(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("margin", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("is_company", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("opened_by", ID, nullable=False),
        sa.Column("closed_by", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_issue_version"),
        sa.UniqueConstraint("code", "valid_from", name="uq_issue_version_code_valid_from"),
    )
    op.create_index(
        "ix_issue_version_closed",
        "issue_version",
        ["valid_to", "valid_from"],
        sqlite_where=CLOSED,
        postgresql_where=CLOSED,
    )
    op.create_index(
        "uq_issue_version_open",
        "issue_version",
        ["code"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )

    op.create_table(
        "roster",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name="fk_roster_run_id"),
        sa.PrimaryKeyConstraint("run_id", name="pk_roster"),
    )
    op.create_index("ix_roster_as_of", "roster", ["is_published", "as_of"], unique=False)

    source = sa.table("data_source", sa.column("id"), sa.column("key"), sa.column("name"))
    op.bulk_insert(source, [{"id": 1, "key": "jquants", "name": "J-Quants"}])
    endpoint = sa.table(
        "endpoint", sa.column("id"), sa.column("source_id"), sa.column("key"), sa.column("name")
    )
    op.bulk_insert(
        endpoint, [{"id": 1, "source_id": 1, "key": "listed_issues", "name": "上場企業一覧"}]
    )
