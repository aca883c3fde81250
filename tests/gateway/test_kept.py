"""What a program wishes to be kept becomes a conversation of its person; everything else is kept nowhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from storage import conversations, messages
from storage.tables import Conversation, Message
from tests.gateway.conftest import MODEL, Gate
from tests.support.house import Guest
from tests.support.rows import every_row

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKED = "How is tea made? tokens=4"
BODY: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": ASKED}]}


async def asked(
    gate: Gate, guest: Guest, keep_in: str, body: dict[str, Any] = BODY, path: str = "/api/chat"
) -> httpx.Response:
    place = await gate.key(guest)
    async with place.http() as http:
        return await http.post(path, json=body, headers={"x-conversation": keep_in})


async def kept(gate: Gate, guest: Guest, conversation: str) -> tuple[Conversation, list[Message]]:
    """A conversation, and the branch of it that is shown."""
    core = gate.home.core
    await core.journal.settle()
    found = await core.database.read(
        lambda session: conversations.conversation_of(session, guest.user.id, UUID(conversation))
    )
    assert found is not None
    assert found.leaf_id is not None
    leaf = found.leaf_id
    return found, list(await core.database.read(lambda session: messages.path_to(session, leaf)))


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
async def test_a_chat_is_kept_and_gone_on_with(gate: Gate, path: str) -> None:
    guest = await gate.home.guest(f"Kay {uuid4()}")
    answer = await asked(gate, guest, "new", path=path)
    where = answer.headers["x-conversation"]
    found, branch = await kept(gate, guest, where)
    assert found.title == ASKED
    assert [(one.role, one.state) for one in branch] == [("user", "complete"), ("assistant", "complete")]
    assert branch[0].content == ASKED
    told = branch[1].content
    assert "kettle" in told
    assert branch[1].output_tokens == 4
    more = [*BODY["messages"], {"role": "assistant", "content": told}, {"role": "user", "content": "And coffee?"}]
    answer = await asked(gate, guest, where, {**BODY, "messages": more}, path)
    assert answer.headers["x-conversation"] == where
    _, branch = await kept(gate, guest, where)
    assert [one.content for one in branch[:3]] == [ASKED, told, "And coffee?"]
    assert [one.role for one in branch] == ["user", "assistant", "user", "assistant"]


async def test_a_prompt_is_kept_and_a_whole_history_that_is_new(gate: Gate) -> None:
    guest = await gate.home.guest("Kim")
    prompted = await asked(gate, guest, "new", {"model": MODEL, "prompt": "Tea"}, "/api/generate")
    _, branch = await kept(gate, guest, prompted.headers["x-conversation"])
    assert [one.content for one in branch][:1] == ["Tea"]
    history = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "Two"},
        {"role": "user", "content": "Three"},
    ]
    answer = await asked(gate, guest, "new", {**BODY, "messages": history})
    _, branch = await kept(gate, guest, answer.headers["x-conversation"])
    assert [one.content for one in branch[:3]] == ["One", "Two", "Three"]


async def test_what_is_not_theirs_is_not_there(gate: Gate) -> None:
    kurt, lea = await gate.home.guest("Kurt"), await gate.home.guest("Lea")
    where = (await asked(gate, kurt, "new")).headers["x-conversation"]
    await kept(gate, kurt, where)
    before = await gate.home.core.database.read(lambda session: every_row(session, but={"used_at"}))
    for keep_in, status in ((where, 404), (str(uuid4()), 404), ("somewhere", 400)):
        refused = await asked(gate, lea, keep_in)
        assert refused.status_code == status
        assert isinstance(refused.json()["error"], str)
    await gate.home.core.journal.settle()
    after = await gate.home.core.database.read(lambda session: every_row(session, but={"used_at"}))
    assert (after["conversation"], after["message"]) == (before["conversation"], before["message"])


async def test_nothing_is_kept_where_no_word_came_or_of_vectors(gate: Gate) -> None:
    guest = await gate.home.guest("Lou")
    answer = await asked(gate, guest, "new", {"model": MODEL, "input": "tea"}, "/api/embed")
    assert answer.status_code == 200
    assert "x-conversation" not in answer.headers
    await gate.home.core.journal.settle()
    found = await gate.home.core.database.read(
        lambda session: conversations.list_conversations(session, guest.user.id, 10)
    )
    assert not found
