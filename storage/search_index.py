"""The full-text index: what is in it, and how it follows the tables.

A message is in the index exactly while it is over, so that an answer that grows is indexed once, at its end; a title
always. The index keeps words and no text. It follows in the transaction of each change, by triggers of the connection
that writes: those of a table would be lost when an upgrade rebuilds it, and other programs have no `search_words`.

Every word is indexed behind the scope of its account. So a search walks through the words of one person and nobody
else's, however many people there are, and a beginning stands for that person's words alone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from storage.words import words_in

_SCOPE_CHARACTERS = 12

# An entry's number is its day and a place in the day, in 20 bits: newest first is the order of numbers, also of what is
# imported. Moments would make the index half as large again, since it keeps the steps from each number to the next.
_ADD = """
    INSERT INTO searchentry (id, scope, {owner}_id)
        WITH day (first) AS (SELECT strftime('%s', new.created_at) / 86400 << 20)
        SELECT
            (SELECT coalesce(max(searchentry.id) + 1, first) FROM searchentry
                WHERE searchentry.id BETWEEN first AND first + 1048575),
            substr(account_id, 1, 12),
            new.id
        FROM day JOIN conversation ON conversation.id = new.{conversation};
    INSERT INTO searchindex (rowid, words)
        SELECT id, search_words(scope, CAST(new.{text} AS BLOB)) FROM searchentry WHERE {owner}_id = new.id;
"""
_DROP = """
    INSERT INTO searchindex (searchindex, rowid, words)
        SELECT 'delete', id, search_words(scope, CAST(old.{text} AS BLOB)) FROM searchentry WHERE {owner}_id = old.id;
    DELETE FROM searchentry WHERE {owner}_id = old.id;
"""
_MESSAGE = {"owner": "message", "conversation": "conversation_id", "text": "content"}
_TITLE = {"owner": "conversation", "conversation": "id", "text": "title"}

_WAS_OVER = "old.state NOT IN ('waiting', 'streaming')"
_IS_OVER = "new.state NOT IN ('waiting', 'streaming')"
_OTHER_MESSAGE = f"(old.content <> new.content OR ({_WAS_OVER}) <> ({_IS_OVER}))"
_OTHER_TITLE = "old.title <> new.title"

# What was indexed is dropped before its row changes or goes, while its words can still be told.
_TRIGGERS = (
    (f"AFTER INSERT ON message WHEN {_IS_OVER} AND new.content <> ''", _ADD, _MESSAGE),
    (f"BEFORE UPDATE OF state, content ON message WHEN {_WAS_OVER} AND {_OTHER_MESSAGE}", _DROP, _MESSAGE),
    (
        f"AFTER UPDATE OF state, content ON message WHEN {_IS_OVER} AND new.content <> '' AND {_OTHER_MESSAGE}",
        _ADD,
        _MESSAGE,
    ),
    ("BEFORE DELETE ON message", _DROP, _MESSAGE),
    ("AFTER INSERT ON conversation", _ADD, _TITLE),
    (f"BEFORE UPDATE OF title ON conversation WHEN {_OTHER_TITLE}", _DROP, _TITLE),
    (f"AFTER UPDATE OF title ON conversation WHEN {_OTHER_TITLE}", _ADD, _TITLE),
    ("BEFORE DELETE ON conversation", _DROP, _TITLE),
)


def scope_of(account_id: UUID) -> str:
    """Tell what stands before every word of an account: as much of its id as `_ADD` takes.

    Should two accounts share it, they are slower and no less apart: whose a hit is, the query asks the conversation.
    """
    return account_id.hex[:_SCOPE_CHARACTERS]


def scoped_words(scope: str, text: bytes) -> str:
    """Give the words of a text as the index keeps them."""
    return " ".join([scope + word for word in words_in(text.decode())])


def provide_words(driver: Any) -> None:
    """Give this connection the SQL function `search_words(scope, text)`. As a blob, the text does not end at a NUL."""
    driver.create_function("search_words", 2, scoped_words, deterministic=True)


def follow_tables(driver: Any) -> None:
    """Have the index follow every change that is made through this connection."""
    provide_words(driver)
    for number, (event, change, names) in enumerate(_TRIGGERS):
        driver.execute(f"CREATE TEMP TRIGGER search_{number} {event} BEGIN {change.format(**names)} END")
