"""Signing in: passwords, sessions, invitations and resets; groups, the audit log and the use of tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, each after those it points at. Accounts that are there stay, and nobody signs in to them."""
    _create_account_group()
    _extend_account()
    _create_accountsession()
    _create_invitation()
    _create_passwordreset()
    _create_auditentry()
    _create_tokenusage()


def _create_account_group() -> None:
    op.create_table(
        "account_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("running", sa.Integer(), nullable=True),
        sa.Column("queued", sa.Integer(), nullable=True),
        sa.Column("tokens_per_day", sa.Integer(), nullable=True),
        sa.Column("models", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account_group"),
        sa.UniqueConstraint("name", name="uq_account_group_name"),
    )


def _extend_account() -> None:
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("sign_in_name", sa.String(), nullable=True))
        batch.add_column(sa.Column("password_hash", sa.String(), nullable=True))
        batch.add_column(sa.Column("state", sa.String(), nullable=False, server_default="active"))
        batch.add_column(sa.Column("group_id", sa.Uuid(), nullable=True))
        batch.create_unique_constraint("uq_account_sign_in_name", ["sign_in_name"])
        batch.create_foreign_key("fk_account_group_id", "account_group", ["group_id"], ["id"], ondelete="RESTRICT")
        batch.create_index("ix_account_group_id", ["group_id"])


def _create_accountsession() -> None:
    op.create_table(
        "accountsession",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_accountsession_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_accountsession"),
        sa.UniqueConstraint("token_hash", name="uq_accountsession_token_hash"),
    )
    op.create_index("ix_accountsession_account_id_created_at", "accountsession", ["account_id", "created_at"])
    op.create_index("ix_accountsession_created_at", "accountsession", ["created_at"])
    op.create_index("ix_accountsession_used_at", "accountsession", ["used_at"])


def _create_invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name="fk_invitation_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name="fk_invitation_created_by", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_hash"),
    )
    op.create_index("ix_invitation_group_id", "invitation", ["group_id"])
    op.create_index("ix_invitation_created_by", "invitation", ["created_by"])
    op.create_index("ix_invitation_expires_at", "invitation", ["expires_at"])


def _create_passwordreset() -> None:
    op.create_table(
        "passwordreset",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_passwordreset_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name="pk_passwordreset"),
        sa.UniqueConstraint("token_hash", name="uq_passwordreset_token_hash"),
    )


def _create_auditentry() -> None:
    op.create_table(
        "auditentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_auditentry"),
    )
    op.create_index("ix_auditentry_actor_id_id", "auditentry", ["actor_id", "id"])
    op.create_index("ix_auditentry_subject_id_id", "auditentry", ["subject_id", "id"])
    # A later step that rebuilds the table must create these anew: they go with the old one.
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER auditentry_refuses_{change.lower()} BEFORE {change} ON auditentry "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        )


def _create_tokenusage() -> None:
    op.create_table(
        "tokenusage",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_tokenusage_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "day", "model", name="pk_tokenusage"),
    )
