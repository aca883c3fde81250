"""A real database in a file, with one account and one conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from storage.accounts import ensure_account
from storage.conversations import create_conversation
from storage.database import Database
from storage.tables import Account, Conversation, Message
from tests.support.fresh import furnish

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Seeded:
    """A database and what is in it from the start."""

    database: Database
    account: Account
    conversation: Conversation

    def question(self, content: str = "How many cups?", parent_id: UUID | None = None) -> Message:
        return Message(
            conversation_id=self.conversation.id, parent_id=parent_id, role="user", content=content, created_at=NOON
        )

    def branch(self, length: int) -> list[Message]:
        """One message below the other, root first."""
        messages: list[Message] = []
        for _ in range(length):
            messages.append(self.question(parent_id=messages[-1].id if messages else None))
        return messages


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest_asyncio.fixture
async def database(directory: Path) -> AsyncIterator[Database]:
    furnish(directory)
    opened = await Database.open(directory)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def seeded(database: Database) -> Seeded:
    account = await database.write(lambda session: ensure_account(session, "ada", "admin", NOON))
    conversation = await database.write(lambda session: create_conversation(session, account.id, "Tea", NOON))
    return Seeded(database, account, conversation)
