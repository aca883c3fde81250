"""What people think of an answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nothing is rated yet."""
    op.add_column("message", sa.Column("rating", sa.Integer(), nullable=True))
