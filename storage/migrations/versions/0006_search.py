"""Full-text search over what is said and over titles, filled with what is there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.engines import driver_of, sqlite_module
from storage.search_index import provide_words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index and the table of what is in it, and index every title and every message that is over."""
    _create_searchentry()
    _create_searchindex()
    _fill()


def _create_searchentry() -> None:
    op.create_table(
        "searchentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_searchentry_message_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_searchentry_conversation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_searchentry"),
        sa.UniqueConstraint("message_id", name="uq_searchentry_message_id"),
        sa.UniqueConstraint("conversation_id", name="uq_searchentry_conversation_id"),
    )


def _create_searchindex() -> None:
    # Words are told apart before they come here, by one space; the tokenizer has nothing to decide. Which words a
    # message holds is enough: without their places the index is a third smaller.
    op.execute(
        "CREATE VIRTUAL TABLE searchindex USING"
        " fts5(words, content = '', columnsize = 0, detail = none, tokenize = 'ascii')"
    )
    # What is deleted leaves the index at once, not when its pages happen to be merged. An older SQLite cannot.
    if sqlite_module().sqlite_version_info >= (3, 42):
        op.execute("INSERT INTO searchindex (searchindex, rank) VALUES ('secure-delete', 1)")


def _fill() -> None:
    provide_words(driver_of(op.get_bind()))
    op.execute(
        """
        INSERT INTO searchentry (id, scope, message_id, conversation_id)
        SELECT (day << 20) + row_number() OVER (PARTITION BY day ORDER BY created_at) - 1,
            substr(account_id, 1, 12), message_id, conversation_id
        FROM (
            SELECT strftime('%s', message.created_at) / 86400 AS day, message.created_at, account_id,
                message.id AS message_id, NULL AS conversation_id
            FROM message JOIN conversation ON conversation.id = message.conversation_id
            WHERE message.state NOT IN ('waiting', 'streaming') AND message.content <> ''
            UNION ALL
            SELECT strftime('%s', created_at) / 86400, created_at, account_id, NULL, id FROM conversation
        )
        """
    )
    op.execute(
        """
        INSERT INTO searchindex (rowid, words)
        SELECT searchentry.id, search_words(scope, CAST(coalesce(message.content, conversation.title) AS BLOB))
        FROM searchentry
        LEFT JOIN message ON message.id = searchentry.message_id
        LEFT JOIN conversation ON conversation.id = searchentry.conversation_id
        ORDER BY searchentry.id
        """
    )
    # One piece is a quarter smaller than the pieces that came of filling it, and quicker to read and to delete from.
    op.execute("INSERT INTO searchindex (searchindex) VALUES ('optimize')")
