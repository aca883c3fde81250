"""A data directory with people in it, each with a long conversation and a browser that is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.tokens import digest, random_token
from storage.accounts import add_account
from storage.conversations import create_conversation, set_leaf
from storage.database import Database, now_utc
from storage.messages import add_message
from storage.sessions import add_session
from storage.tables import Account, AccountSession, Message

HISTORY = 200
QUESTION = "What should I bring to a tea evening for twelve people, and what can be made the day before?"
ANSWER = """Bring what keeps: **lemon**, jam, sugar in lumps, and biscuits that do not crumble.

1. Boil the water an hour before.
2. Make the strong tea in the pot on top, four spoons for a litre.
3. Fill each cup to a third with it, and the rest with water.

```python
def cups(guests: int, each: int = 3) -> int:
    return guests * each
```

Jam and biscuits can be made the day before; lemons are cut at the table, since they dry out within the hour.
"""


async def prepare(directory: Path, people: int, histories: Sequence[int] = ()) -> list[dict[str, str]]:
    """Make so many people with a conversation of `HISTORY` messages; gives `cookie` and `conversation` of each.

    The first has further conversations, of so many messages as `histories` tells.
    """
    database = await Database.open(directory)
    try:
        made = [await database.write(partial(_person, name=f"Person {number}")) for number in range(people)]
        for length in histories:
            await database.write(partial(_conversation, account_id=made[0][0], length=length))
    finally:
        await database.close()
    return [{"cookie": token, "conversation": str(conversation)} for _, token, conversation in made]


def _person(session: Session, name: str) -> tuple[UUID, str, UUID]:
    now = now_utc()
    account = add_account(session, Account(name=name, sign_in_name=name.casefold(), created_at=now))
    token = random_token()
    add_session(
        session,
        AccountSession(
            token_hash=digest(token), account_id=account.id, address="", device="", created_at=now, used_at=now
        ),
        1,
    )
    return account.id, token, _conversation(session, account.id, HISTORY)


def _conversation(session: Session, account_id: UUID, length: int) -> UUID:
    begin = now_utc() - timedelta(days=1)
    conversation = create_conversation(session, account_id, f"{length} messages", begin)
    parent = None
    for place in range(length):
        is_answer = place % 2
        number = f"{conversation.id.hex[:8]}, {place}: "  # no text is there twice: what was rendered once helps nobody
        parent = add_message(
            session,
            Message(
                conversation_id=conversation.id,
                parent_id=parent,
                role="assistant" if is_answer else "user",
                model="m:1b" if is_answer else None,
                content=number + (ANSWER if is_answer else QUESTION),
                created_at=begin + timedelta(seconds=place),
            ),
        ).id
    assert parent is not None
    set_leaf(session, account_id, conversation.id, parent)
    return conversation.id
