"""What people choose for themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nobody has chosen anything yet."""
    op.create_table(
        "preference",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_preference_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name="pk_preference"),
    )
