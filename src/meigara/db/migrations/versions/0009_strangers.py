"""From where somebody signed in before, and from which network a sign-in was refused."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table and add the column; what was refused lately counts no more."""
    op.create_table(
        "known_place",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_known_place_account_id"),
        sa.PrimaryKeyConstraint("account_id", "network", name="pk_known_place"),
    )
    op.add_column("audit_entry", sa.Column("network", sa.Text(), nullable=True))
