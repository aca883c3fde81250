"""What was typed and not sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nothing is kept of what was typed before."""
    op.create_table(
        "unsenttext",
        sa.Column("place", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_unsenttext_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_unsenttext_conversation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place", name="pk_unsenttext"),
    )
    op.create_index("ix_unsenttext_account_id", "unsenttext", ["account_id"])
    op.create_index("ix_unsenttext_conversation_id", "unsenttext", ["conversation_id"])
