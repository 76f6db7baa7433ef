"""From where people sign in, and when what they are let in by ends."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table and add the columns.

    What was refused lately counts no more, and the tokens of before have no end.
    """
    op.create_table(
        "known_place",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_known_place_account_id"),
        sa.PrimaryKeyConstraint("account_id", "network", name="pk_known_place"),
    )
    op.add_column("web_session", sa.Column("used_at", MOMENT, nullable=True))
    op.add_column("api_token", sa.Column("expires_at", MOMENT, nullable=True))
    op.add_column("audit_entry", sa.Column("network", sa.Text(), nullable=True))
