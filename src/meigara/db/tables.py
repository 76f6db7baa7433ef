"""Which tables are there, in an order in which each one follows those that it refers to?"""

from meigara.db import accounts, models, notices, tally
from meigara.db.base import Base

METADATA = Base.metadata
TABLES = METADATA.sorted_tables
KEPT_TABLES = [table for table in TABLES if not table.info.get("is_passing")]
"""Those that a backup holds: all but what is over soon anyway, and what only counts."""

__all__ = ["KEPT_TABLES", "METADATA", "TABLES", "accounts", "models", "notices", "tally"]
