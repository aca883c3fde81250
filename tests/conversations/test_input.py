"""Drafts, manners and weights over the real database: for their own person alone, and gone with the conversation."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from chatui.accounts.export import export_pieces
from chatui.conversations.manner import PLAIN, Manner
from chatui.conversations.question import Asked, Question
from chatui.conversations.rooms import Room
from chatui.conversations.shelf import TAKEN_BACK_WITHIN, Shelf
from chatui.domain.errors import InvalidInput, MessageTooLong, NotFound
from chatui.domain.messages import MessageId, ModelName, Think
from chatui.domain.people import User
from storage.database import Clocks
from tests.support.assembly import Assembly
from tests.support.ollama_server import OllamaServer
from tests.support.rows import every_row

pytestmark = pytest.mark.asyncio
BRIEF = Manner(system="Be brief.", temperature=0.1, think=Think.ON)
MODEL = ModelName("llama3.2:1b")


async def begun(room: Room, by: User, manner: Manner = PLAIN, text: str = "Tea?") -> Asked:
    return await room.conversations.ask(by, Question(MessageId(uuid4()), text, manner=manner))


async def test_a_draft_is_ones_own_and_goes_with_what_was_sent(parts: Assembly, ada: User, ben: User) -> None:
    room = parts.services.rooms.kept
    asked = await begun(room, ada)
    for place in (asked.conversation, None):
        await room.unsent.keep(ada, place, "half a thou")
        assert await room.unsent.of(ada, place) == "half a thou"
        assert await room.unsent.of(ben, place) == ""
    with pytest.raises(NotFound):
        await room.unsent.keep(ben, asked.conversation, "mine now")
    with pytest.raises(MessageTooLong):
        await room.unsent.keep(ada, None, "x" * 32_001)
    await begun(room, ada)
    assert await room.unsent.of(ada, None) == ""
    assert await room.unsent.of(ada, asked.conversation) == "half a thou"
    await room.unsent.keep(ada, asked.conversation, "")
    assert await room.unsent.of(ada, asked.conversation) == ""


async def test_a_temporary_chat_leaves_nothing_of_them_in_the_database(parts: Assembly, ada: User) -> None:
    rooms = parts.services.rooms
    asked = await begun(rooms.temporary, ada, BRIEF)
    await rooms.temporary.unsent.keep(ada, asked.conversation, "between us")
    await rooms.temporary.manners.choose(ada, asked.conversation, BRIEF)
    assert await rooms.temporary.unsent.of(ada, asked.conversation) == "between us"
    rows = await parts.database.read(every_row)
    assert rows["unsenttext"] == rows["manner"] == []
    await parts.services.temporary.close(ada, asked.conversation)
    assert rooms.memory.database.run(every_row)["unsenttext"] == []


async def test_a_manner_is_ones_own_is_exported_and_goes_with_its_conversation(
    parts: Assembly, ada: User, ben: User
) -> None:
    room, presets = parts.services.rooms.kept, parts.services.presets
    asked = await begun(room, ada, BRIEF)
    assert await room.manners.of(ada, asked.conversation) == BRIEF
    for attempt in (room.manners.of(ben, asked.conversation), room.manners.choose(ben, asked.conversation, PLAIN)):
        with pytest.raises(NotFound):
            await attempt
    await presets.save(ada, "  Terse  ", BRIEF)
    await presets.save(ada, "Terse", PLAIN)
    (saved,) = await presets.of(ada)
    assert (saved.name, saved.manner) == ("Terse", PLAIN)
    with pytest.raises(InvalidInput):
        await presets.save(ada, " ", BRIEF)
    with pytest.raises(NotFound):
        await presets.delete(ben, saved.id)
    await room.unsent.keep(ada, asked.conversation, "half a thou")
    document = json.loads(
        "".join([piece async for piece in export_pieces(parts.watch, ada.id, parts.database.clocks.now())])
    )
    assert document["conversations"][0]["manner"] == {"system": "Be brief.", "temperature": 0.1, "think": "on"}
    assert (document["presets"][0]["name"], document["unsent"][0]["text"]) == ("Terse", "half a thou")
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    await parts.services.shelf.delete(ada, asked.conversation)
    with pytest.raises(NotFound):
        await room.manners.of(ada, asked.conversation)
    later = Clocks(now=lambda: parts.database.clocks.now() + TAKEN_BACK_WITHIN)
    await Shelf(parts.watch, later, parts.scheduler, parts.journal).purge()
    rows = await parts.database.read(every_row)
    assert rows["unsenttext"] == rows["manner"] == []


async def test_a_wish_to_think_is_not_told_to_a_model_that_cannot(
    parts: Assembly, ada: User, ollama: OllamaServer
) -> None:
    asked = await begun(parts.services.rooms.kept, ada, BRIEF)
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    chat = next(
        request.json() for request in ollama.requests if request.path == "/api/chat" and request.json()["messages"]
    )
    assert "think" not in chat
    assert chat["messages"][0] == {"role": "system", "content": "Be brief."}


async def test_a_branch_is_weighed_with_its_manner_for_its_person(parts: Assembly, ada: User, ben: User) -> None:
    room = parts.services.rooms.kept
    asked = await begun(room, ada, BRIEF)
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    weight = await room.weighing.of(ada, asked.conversation, MODEL)
    assert weight.system > 0
    assert [exchange.messages for exchange in weight.exchanges] == [2]
    assert room.weighing.fresh(ada, MODEL, PLAIN).exchanges == ()
    with pytest.raises(NotFound):
        await room.weighing.of(ben, asked.conversation, MODEL)
