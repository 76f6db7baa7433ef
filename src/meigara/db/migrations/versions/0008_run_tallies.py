"""How many runs have ended in each state, whatever was deleted since."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table; it counts from now on."""
    op.create_table(
        "run_tally",
        sa.Column("status", sa.Text(), primary_key=True),
        sa.Column("ended", sa.Integer(), nullable=False),
    )
