"""Conversations in order: folders, pins, the archive, what is unread, and a delete that can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the folders and extend the conversations; those that are there lie in none."""
    op.create_table(
        "folder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_folder_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_folder"),
    )
    op.create_index("ix_folder_account_id", "folder", ["account_id"])
    with op.batch_alter_table("conversation") as batch:
        batch.add_column(sa.Column("titled_by", sa.String(), nullable=False, server_default="question"))
        for flag in ("pinned", "archived", "unread"):
            batch.add_column(sa.Column(flag, sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("folder_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_foreign_key("fk_conversation_folder_id", "folder", ["folder_id"], ["id"], ondelete="SET NULL")
        batch.create_index("ix_conversation_folder_id", ["folder_id"])
        batch.create_index("ix_conversation_deleted_at", ["deleted_at"])
