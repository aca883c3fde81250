"""The turn that a person chose for a waiting job, and the course of an answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns; rows that are there have neither."""
    op.add_column("job", sa.Column("turn", sa.String(), nullable=True))
    op.add_column("message", sa.Column("timeline", sa.JSON(none_as_null=True), nullable=True))
