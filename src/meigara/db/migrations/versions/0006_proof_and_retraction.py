"""What proves that a list is as it was published, what follows what, and what was taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns; of what was stored before, nothing is known."""
    op.add_column("sync_run", sa.Column("warnings", sa.JSON(), nullable=True))
    op.add_column("sync_run", sa.Column("consequence_of", sa.Integer(), nullable=True))
    for name in ("list_digest", "changes_digest", "labels_digest"):
        op.add_column("roster", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("roster", sa.Column("retracted_at", MOMENT, nullable=True))
    op.add_column("issue_change", sa.Column("retracts", ID, nullable=True))
    op.create_index("ix_roster_list_digest", "roster", ["list_digest"])
