"""Search in what somebody said and was told. Whoever asks names the account: what belongs to others is not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, text
from sqlmodel import Session

from storage.columns import UtcDateTime
from storage.excerpts import Excerpt, excerpt_of
from storage.search_index import scope_of
from storage.terms import Term, match_of, terms_of

_AFTER_ALL = 2**63 - 1

# CROSS JOIN keeps the order of the tables: the index first, backwards, then the rest for the few rows that are shown.
_HITS = (
    text("""
        SELECT searchentry.id AS place, conversation.id AS conversation_id, message.id AS message_id,
            conversation.title AS title, message.role AS role, coalesce(message.content, conversation.title) AS content,
            coalesce(message.created_at, conversation.created_at) AS at
        FROM searchindex
        CROSS JOIN searchentry ON searchentry.id = searchindex.rowid
        LEFT JOIN message ON message.id = searchentry.message_id
        JOIN conversation ON conversation.id = coalesce(message.conversation_id, searchentry.conversation_id)
        WHERE searchindex MATCH :match AND searchindex.rowid < :before AND conversation.account_id = :account
            AND conversation.deleted_at IS NULL
        ORDER BY searchindex.rowid DESC LIMIT :limit
    """)
    .bindparams(bindparam("account", type_=Uuid()))
    .columns(conversation_id=Uuid(), message_id=Uuid(), at=UtcDateTime())
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, or a conversation by its title: then `message_id` and `role` are None."""

    place: int
    """What the next page is asked with, as its `before`."""
    conversation_id: UUID
    message_id: UUID | None
    role: str | None
    title: str
    at: datetime
    excerpt: Excerpt


def search_messages(
    session: Session, account_id: UUID, typed: str, limit: int, before: int | None = None
) -> Sequence[Hit]:
    """List what has every word of `typed` in it and belongs to the account, the newest day first.

    The last word may be a beginning, while nothing follows it. Case and accents make no difference; what is neither
    letter nor digit only keeps words apart, so that nothing typed is ever syntax. Without a word nothing is found.
    `before` is the `place` of the last hit on the page before.
    """
    terms = terms_of(typed)
    if not terms:
        return []
    asked = {"match": match_of(terms, scope_of(account_id)), "account": account_id, "limit": limit}
    rows = session.connection().execute(_HITS, {**asked, "before": _AFTER_ALL if before is None else before})
    return [_hit(row, terms) for row in rows]


def _hit(row: Row[tuple[object, ...]], terms: Sequence[Term]) -> Hit:
    return Hit(
        place=row.place,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        role=row.role,
        title=row.title,
        at=row.at,
        excerpt=excerpt_of(row.content, terms),
    )
