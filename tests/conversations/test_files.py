"""Files beside questions over the real database: for their own person alone, to the model, and gone without a trace."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Awaitable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from chatui.accounts.export import export_pieces
from chatui.conversations.files.kinds import FileFlaw
from chatui.conversations.files.reader import FileReader
from chatui.conversations.files.service import FileGround, FileLimits, Files
from chatui.conversations.manner import PLAIN
from chatui.conversations.question import Asked, Question
from chatui.conversations.rooms import Room
from chatui.conversations.sharing import Sharing
from chatui.conversations.shelf import TAKEN_BACK_WITHIN, Shelf
from chatui.domain.errors import EmptyMessage, FileRefused, ModelBlind, NotFound
from chatui.domain.messages import MessageId, ModelName
from chatui.domain.people import Principal, User
from storage.attachments import Head
from storage.backup import backup
from storage.database import Clocks
from storage.engines import sqlite_module
from tests.support.assembly import Assembly
from tests.support.brought import picture
from tests.support.ollama_server import OllamaServer, ScriptedModel
from tests.support.rows import every_row

pytestmark = pytest.mark.asyncio
BLIND, SEES = ModelName("llama3.2:1b"), ModelName("llava:7b")
SECRET = b"the password of the samovar is five o'clock"


@pytest.fixture
def room(parts: Assembly) -> Room:
    return parts.services.rooms.kept


async def ask(parts: Assembly, by: User, text: str, files: Sequence[Head] = (), **also: Any) -> Asked:
    asked = await parts.services.rooms.kept.conversations.ask(
        by,
        Question(MessageId(uuid4()), text, files=tuple(file.id for file in files), **also),
    )
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    return asked


def chats(ollama: OllamaServer) -> list[dict[str, Any]]:
    """The last message of every question that reached the server."""
    bodies = [request.json() for request in ollama.requests if request.path == "/api/chat"]
    return [body["messages"][-1] for body in bodies if body["messages"]]


async def refusal(attempt: Awaitable[object]) -> str:
    with pytest.raises(FileRefused) as refused:
        await attempt
    return refused.value.flaw


async def test_a_file_waits_beside_the_next_question_and_goes_to_the_model_with_it(
    parts: Assembly, room: Room, ada: User, ollama: OllamaServer
) -> None:
    file = await room.files.put(ada, None, "plans/tea.txt", b"tea at five")
    assert await room.files.unsent(ada, None) == [file]
    asked = await ask(parts, ada, "When?", [file])
    assert await room.files.unsent(ada, None) == []
    assert chats(ollama)[-1]["content"] == "tea.txt:\n```\ntea at five\n```\n\nWhen?"
    opened = await room.reading.open(ada, asked.conversation, 10)
    (shown,) = opened.piece.files[asked.question]
    assert (shown.name, shown.kind, shown.size) == ("tea.txt", "text", 11)
    before = room.weighing.fresh(ada, BLIND, PLAIN)
    weight = await room.weighing.of(ada, asked.conversation, BLIND)
    assert weight.exchanges[0].tokens > file.tokens > before.system


async def test_a_question_in_other_words_another_answer_and_the_next_question_keep_it(
    parts: Assembly, room: Room, ada: User, ollama: OllamaServer
) -> None:
    file = await room.files.put(ada, None, "tea.txt", b"tea at five")
    asked = await ask(parts, ada, "When?", [file])
    again = await room.conversations.again(ada, asked.answer)
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    assert "tea at five" in chats(ollama)[-1]["content"]
    await ask(parts, ada, "And then?", conversation=asked.conversation)
    bodies = [request.json() for request in ollama.requests if request.path == "/api/chat"]
    assert "tea at five" in bodies[-1]["messages"][0]["content"]
    await ask(parts, ada, "At what time?", conversation=asked.conversation, beside=asked.question)
    assert chats(ollama)[-1]["content"] == "tea.txt:\n```\ntea at five\n```\n\nAt what time?"
    rows = await parts.database.read(every_row)
    assert len(rows["attachment"]) == 1
    assert len(rows["messageattachment"]) == 2
    assert again.question == asked.question


async def test_pictures_go_to_models_that_see_and_others_say_so(
    parts: Assembly, room: Room, ada: User, ollama: OllamaServer
) -> None:
    ollama.models[SEES] = ScriptedModel(SEES, capabilities=("completion", "vision"))
    await parts.fleet.look()
    file = await room.files.put(ada, None, "pot.jpg", picture("JPEG"))
    with pytest.raises(ModelBlind):
        await ask(parts, ada, "What is it?", [file], model=BLIND)
    assert await room.files.unsent(ada, None) == [file]
    asked = await ask(parts, ada, "What is it?", [file], model=SEES)
    (sent,) = chats(ollama)[-1]["images"]
    with Image.open(BytesIO(b64decode(sent))) as shown:
        assert (shown.format, shown.size) == ("JPEG", (32, 48))
    await ask(parts, ada, "And then?", conversation=asked.conversation, model=BLIND)
    body = [request.json() for request in ollama.requests if request.path == "/api/chat"][-1]
    assert body["messages"][0]["content"] == "[pot.jpg: a picture]\nWhat is it?"
    assert "images" not in body["messages"][0]
    with pytest.raises(ModelBlind):
        await room.conversations.again(ada, asked.answer, BLIND)


async def test_what_belongs_to_others_is_not_found(parts: Assembly, room: Room, ada: User, ben: User) -> None:
    waiting = await room.files.put(ada, None, "tea.txt", SECRET)
    sent = await room.files.put(ada, None, "cake.txt", SECRET)
    asked = await ask(parts, ada, "When?", [sent])
    before = await parts.database.read(every_row)
    for file in (waiting.id, sent.id, uuid4()):
        for attempt in (room.files.open(ben, file), room.files.take_away(ben, file)):
            with pytest.raises(NotFound):
                await attempt
        with pytest.raises(NotFound):
            await room.conversations.ask(ben, Question(MessageId(uuid4()), "Mine now?", files=(file,)))
    with pytest.raises(NotFound):
        await room.files.put(ben, asked.conversation, "mine.txt", b"mine")
    assert await room.files.unsent(ben, asked.conversation) == []
    assert await parts.database.read(every_row) == before
    with pytest.raises(NotFound):
        await room.files.take_away(ada, sent.id)  # what was sent stays with its question
    assert (await room.files.open(ada, sent.id)).data == SECRET


async def test_a_file_is_sent_from_where_it_lies_alone(parts: Assembly, room: Room, ada: User) -> None:
    asked = await ask(parts, ada, "When?")
    file = await room.files.put(ada, asked.conversation, "tea.txt", SECRET)
    with pytest.raises(NotFound):
        await ask(parts, ada, "Elsewhere?", [file])
    await room.files.take_away(ada, file.id)
    with pytest.raises(NotFound):
        await ask(parts, ada, "Gone?", [file], conversation=asked.conversation)


async def test_limits_hold_for_each_file_each_question_and_each_person(
    parts: Assembly, ada: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = FileLimits(largest_mb=1, most=2, person_mb=1)
    files = Files(parts.watch, parts.database.clocks, FileGround(FileReader(), lambda: limits))
    assert await refusal(files.put(ada, None, "a.txt", b"t" * (1024 * 1024 + 1))) == FileFlaw.LARGE
    large = await files.put(ada, None, "a.txt", b"t" * 700_000)
    assert await refusal(files.put(ada, None, "b.txt", b"t" * 700_000)) == FileFlaw.FULL
    await files.put(ben, None, "b.txt", b"t" * 700_000)
    await files.put(ada, None, "c.txt", b"tea")
    assert await refusal(files.put(ada, None, "d.txt", b"tea")) == FileFlaw.MANY
    await files.take_away(ada, large.id)
    await files.put(ada, None, "d.txt", b"tea")
    assert len(await files.unsent(ada, None)) == 2


def bytes_on_disk(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.glob("samovar.db*"))


async def test_nothing_of_a_file_is_left_once_its_conversation_is_deleted(
    parts: Assembly, room: Room, ada: User, data: Path
) -> None:
    file = await room.files.put(ada, None, "tea.txt", SECRET)
    asked = await ask(parts, ada, "When?", [file])
    waiting = await room.files.put(ada, asked.conversation, "more.txt", SECRET)
    assert SECRET in bytes_on_disk(data)
    copy = await backup(parts.database)
    await parts.services.shelf.delete(ada, asked.conversation)
    for one in (file.id, waiting.id):
        with pytest.raises(NotFound):
            await room.files.open(ada, one)
    later = Clocks(now=lambda: parts.database.clocks.now() + TAKEN_BACK_WITHIN)
    await Shelf(parts.watch, later, parts.scheduler, parts.journal).purge()
    await parts.database.erase_deleted()
    rows = await parts.database.read(every_row)
    assert rows["attachment"] == rows["messageattachment"] == []
    assert SECRET not in bytes_on_disk(data)
    with sqlite_module().connect(copy) as driver:  # a backup is what was then
        assert driver.execute("SELECT data FROM attachment ORDER BY name").fetchall() == [(SECRET,), (SECRET,)]


async def test_a_temporary_chat_keeps_none_on_the_disk(parts: Assembly, ada: User, ben: User, data: Path) -> None:
    rooms = parts.services.rooms
    loose = await rooms.temporary.files.put(ada, None, "loose.txt", SECRET)
    sent = await rooms.temporary.files.put(ada, None, "tea.txt", SECRET)
    assert rooms.of_file(sent.id) is rooms.temporary
    asked = await rooms.temporary.conversations.ask(ada, Question(MessageId(uuid4()), "When?", files=(sent.id,)))
    await parts.until(lambda: not rooms.memory.journal.live(asked.conversation))
    assert (await rooms.temporary.files.open(ada, sent.id)).data == SECRET
    with pytest.raises(NotFound):
        await rooms.temporary.files.open(ben, sent.id)
    rows = await parts.database.read(every_row)
    assert rows["attachment"] == rows["messageattachment"] == []
    assert SECRET not in bytes_on_disk(data)
    await parts.services.temporary.close(ada, asked.conversation)
    await forget_what_lies_loose(parts)
    for one in (loose.id, sent.id):
        assert rooms.of_file(one) is rooms.kept
    assert rooms.memory.database.run(every_row)["attachment"] == []


async def forget_what_lies_loose(parts: Assembly) -> None:
    temporary = parts.services.temporary
    temporary._idle = lambda: -TAKEN_BACK_WITHIN
    await temporary.purge(lambda _: False)


async def test_one_gets_all_of_them_with_ones_own_data(parts: Assembly, room: Room, ada: User, ben: User) -> None:
    sent = await room.files.put(ada, None, "tea.txt", b"tea at five")
    asked = await ask(parts, ada, "When?", [sent])
    await room.files.put(ada, None, "pot.png", picture())
    await room.files.put(ben, None, "other.txt", SECRET)
    now = parts.database.clocks.now()
    document = json.loads("".join([piece async for piece in export_pieces(parts.watch, ada.id, now)]))
    first, second = document["files"]
    assert (first["name"], first["messages"], first["text"]) == ("tea.txt", [str(asked.question)], "tea at five")
    assert (second["name"], second["messages"]) == ("pot.png", [])
    assert b64decode(second["data"]).startswith(b"\x89PNG")
    whole = await room.reading.whole(ada, asked.conversation)
    assert [file.name for file in whole.files[UUID(str(asked.question))]] == ["tea.txt"]


async def test_a_copy_of_a_shared_chat_has_its_files_as_ones_own(
    parts: Assembly, room: Room, ada: User, ben: User, ollama: OllamaServer
) -> None:
    file = await room.files.put(ada, None, "tea.txt", b"tea at five")
    asked = await ask(parts, ada, "When?", [file])
    await ask(parts, ada, "At what time?", conversation=asked.conversation, beside=asked.question)
    link = await parts.services.sharing.share(Principal(ada, ""), asked.conversation)
    made = await parts.services.sharing.copy(ben, link)
    (copied,) = next(iter((await room.reading.open(ben, made, 10)).piece.files.values()))
    assert (copied.name, copied.conversation_id, copied.tokens) == ("tea.txt", made, file.tokens)
    await parts.services.sharing.unshare(Principal(ada, ""), asked.conversation)
    await parts.services.shelf.delete(ada, asked.conversation)
    assert (await room.files.open(ben, copied.id)).data == b"tea at five"
    with pytest.raises(NotFound):
        await room.files.open(ada, copied.id)
    await ask(parts, ben, "And then?", conversation=made)
    body = [request.json() for request in ollama.requests if request.path == "/api/chat"][-1]
    assert "tea at five" in body["messages"][0]["content"]


async def test_a_copy_is_not_made_where_its_files_do_not_fit(parts: Assembly, room: Room, ada: User, ben: User) -> None:
    asked = await ask(parts, ada, "When?", [await room.files.put(ada, None, "tea.txt", b"tea at five")])
    for name in ("cake.txt", "bread.txt"):
        await room.files.put(ben, None, name, b"t" * 524_288)
    sharing = Sharing(parts.watch, parts.database.clocks, lambda: FileLimits(person_mb=1))
    link = await sharing.share(Principal(ada, ""), asked.conversation)
    before = await parts.database.read(every_row)
    assert await refusal(sharing.copy(ben, link)) == FileFlaw.FULL
    assert await parts.database.read(every_row) == before


async def test_files_are_asked_about_without_a_word_and_name_the_conversation(
    parts: Assembly, room: Room, ada: User, ollama: OllamaServer
) -> None:
    ollama.models[SEES] = ScriptedModel(SEES, capabilities=("completion", "vision"))
    await parts.fleet.look()
    text = await room.files.put(ada, None, "tea_plan.txt", b"tea at five")
    pot = await room.files.put(ada, None, "pot.png", picture())
    asked = await ask(parts, ada, " ", [text, pot], model=SEES)
    sent = chats(ollama)[-1]
    assert (sent["content"], len(sent["images"])) == ("tea_plan.txt:\n```\ntea at five\n```", 1)
    opened = await room.reading.open(ada, asked.conversation, 10)
    assert opened.conversation.title == "tea_plan.txt, pot.png"
    await ask(parts, ada, "And then?", conversation=asked.conversation, model=BLIND)
    body = [request.json() for request in ollama.requests if request.path == "/api/chat"][-1]
    assert body["messages"][0]["content"] == "[pot.png: a picture]\ntea_plan.txt:\n```\ntea at five\n```"
    await ask(parts, ada, "", conversation=asked.conversation, beside=asked.question, model=SEES)
    assert chats(ollama)[-1]["content"] == sent["content"]


async def test_a_question_without_words_and_without_files_is_none(parts: Assembly, room: Room, ada: User) -> None:
    asked = await ask(parts, ada, "When?")
    before = await parts.database.read(every_row)
    for beside in (None, asked.question):
        with pytest.raises(EmptyMessage):
            await ask(parts, ada, " \n", conversation=beside and asked.conversation, beside=beside)
    with pytest.raises(NotFound):
        await room.conversations.ask(ada, Question(MessageId(uuid4()), "", files=(uuid4(),)))
    assert await parts.database.read(every_row) == before


async def asked_behind_another(parts: Assembly, room: Room, ada: User, ollama: OllamaServer, text: str) -> Asked:
    """Ask with a file, while another question keeps the server busy until its gate is opened."""
    ollama.gate.clear()
    await room.conversations.ask(ada, Question(MessageId(uuid4()), "Busy?"))
    await parts.until(lambda: any(ollama.requests))
    file = await room.files.put(ada, None, "tea.txt", b"tea at five")
    return await room.conversations.ask(ada, Question(MessageId(uuid4()), text, files=(file.id,)))


async def test_words_put_to_waiting_files_name_the_conversation(
    parts: Assembly, room: Room, ada: User, ollama: OllamaServer
) -> None:
    waiting = await asked_behind_another(parts, room, ada, ollama, "")
    for text, title in (("When?", "When?"), ("", "tea.txt")):
        await room.waiting.edit(ada, waiting.answer, text)
        assert (await room.reading.open(ada, waiting.conversation, 10)).conversation.title == title
    ollama.gate.set()
    await parts.until(lambda: not parts.scheduler.jobs)
    assert chats(ollama)[-1]["content"] == "tea.txt:\n```\ntea at five\n```"


async def test_a_question_that_waits_keeps_its_files_when_it_is_changed(
    parts: Assembly, room: Room, ada: User, ollama: OllamaServer
) -> None:
    waiting = await asked_behind_another(parts, room, ada, ollama, "When?")
    await room.waiting.edit(ada, waiting.answer, "At what time?")
    ollama.gate.set()
    await parts.until(lambda: not parts.scheduler.jobs)
    assert chats(ollama)[-1]["content"] == "tea.txt:\n```\ntea at five\n```\n\nAt what time?"
