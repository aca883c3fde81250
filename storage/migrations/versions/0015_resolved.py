"""Which failures were seen to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody has seen to any yet."""
    op.add_column("failure", sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
