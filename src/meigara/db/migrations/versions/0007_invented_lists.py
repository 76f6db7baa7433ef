"""Which lists are invented, so that none of them is mixed with real ones."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; what was stored before counts as real."""
    no = sa.false()
    op.add_column("roster", sa.Column("is_invented", sa.Boolean, nullable=False, server_default=no))
