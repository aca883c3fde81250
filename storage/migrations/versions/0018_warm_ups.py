"""When models are to be in memory, and how each warm-up went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; nothing is planned yet."""
    op.create_table(
        "warmup_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("days", sa.String(), nullable=False),
        sa.Column("begins", sa.String(), nullable=False),
        sa.Column("ends", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_warmup_plan"),
    )
    op.create_index("ix_warmup_plan_due_at", "warmup_plan", ["due_at"])
    op.create_table(
        "warmup_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("backend", sa.String(), nullable=True),
        sa.Column("cold_ms", sa.Integer(), nullable=True),
        sa.Column("warm_ms", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["warmup_plan.id"], name="fk_warmup_run_plan_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_warmup_run"),
    )
    op.create_index("ix_warmup_run_plan_id", "warmup_run", ["plan_id"])
    op.create_index("ix_warmup_run_model_due_at", "warmup_run", ["model", "due_at"])
    op.create_index("ix_warmup_run_finished_at", "warmup_run", ["finished_at"])
