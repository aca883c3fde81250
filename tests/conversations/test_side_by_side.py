"""One question to several models: each answer is a job of its own, and a branch of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import uuid4

from chatui.conversations.question import Asked, Question
from chatui.domain.errors import NoModel
from chatui.domain.messages import MessageId, ModelName
from chatui.domain.people import User
from storage.tables import MessageState
from storage.usage import usage_of
from tests.support.assembly import Assembly, Setup, assembled
from tests.support.ollama_server import OllamaServer

ONE, TWO = ModelName("llama3.2:1b"), ModelName("qwen3:1.7b")


async def compared(parts: Assembly, by: User, *others: ModelName) -> Asked:
    return await parts.conversations.ask(by, Question(MessageId(uuid4()), "tokens=3", model=ONE, others=others))


async def over(parts: Assembly, asked: Asked) -> None:
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    await parts.journal.settle()


async def test_every_model_gets_a_job_and_all_answers_are_kept(
    parts: Assembly, ada: User, ollama: OllamaServer
) -> None:
    ollama.gate.clear()
    asked = await compared(parts, ada, TWO)
    jobs = [job for place, job in parts.conversations.live() if place.conversation == asked.conversation]
    assert [job.request.model for job in jobs] == [ONE, TWO]
    assert {job.submission.user for job in jobs} == {ada.id}
    ollama.gate.set()
    await over(parts, asked)
    used = await parts.database.read(lambda session: usage_of(session, ada.id, date.min, date.max))
    assert {row.model: row.answers for row in used} == {ONE: 1, TWO: 1}
    reading = parts.services.rooms.kept.reading
    piece = (await reading.open(ada, asked.conversation, 50)).piece
    assert [message.id for message in piece.messages] == [asked.question, asked.answer]
    assert [(answer.model, answer.state) for answer in piece.together] == [
        (ONE, MessageState.COMPLETE),
        (TWO, MessageState.COMPLETE),
    ]
    assert len((await reading.whole(ada, asked.conversation)).messages) == 3


async def test_the_chat_goes_on_with_the_one_that_is_chosen(parts: Assembly, ada: User) -> None:
    asked = await compared(parts, ada, TWO)
    await over(parts, asked)
    room = parts.services.rooms.kept
    _, other = (await room.reading.open(ada, asked.conversation, 50)).piece.together
    await room.branches.turn_to(ada, MessageId(other.id))
    chosen = (await room.reading.open(ada, asked.conversation, 50)).piece
    assert (chosen.messages[-1].id, len(chosen.together)) == (other.id, 2)
    following = await parts.ask("tokens=2", user=ada, conversation=asked.conversation)
    await parts.over(following)
    piece = (await room.reading.open(ada, asked.conversation, 50)).piece
    assert [message.id for message in piece.messages][:2] == [asked.question, other.id]
    assert piece.together == ()
    assert len(piece.beside[other.id]) == 2


async def test_one_that_cannot_answer_takes_nothing_from_the_others(parts: Assembly, ada: User) -> None:
    asked = await compared(parts, ada, ModelName("nowhere:1b"))
    assert isinstance(asked.refusal, NoModel)
    await over(parts, asked)
    piece = (await parts.services.rooms.kept.reading.open(ada, asked.conversation, 50)).piece
    assert (piece.messages[-1].model, piece.together) == (ONE, ())


async def test_deleting_the_chat_stops_every_one_of_them(parts: Assembly, ada: User, ollama: OllamaServer) -> None:
    ollama.gate.clear()
    asked = await compared(parts, ada, TWO)
    await parts.services.shelf.delete(ada, asked.conversation)
    ollama.gate.set()
    await over(parts, asked)
    assert [job for job in parts.scheduler.jobs if not job.state.final] == []


async def test_an_answer_again_stands_beside_and_not_in_a_column(parts: Assembly, ada: User) -> None:
    asked = await parts.ask("tokens=2", user=ada)
    await parts.over(asked)
    await over(parts, await parts.conversations.again(ada, asked.answer))
    assert (await parts.services.rooms.kept.reading.open(ada, asked.conversation, 50)).piece.together == ()


async def test_what_waits_goes_on_after_a_restart(data: Path, ollama: OllamaServer) -> None:
    async with assembled(data, ollama.url, Setup(workers=1)) as parts:
        ollama.gate.clear()
        asked = await compared(parts, parts.user, TWO)
        ada = parts.user
    ollama.gate.set()
    async with assembled(data, ollama.url, Setup(workers=1)) as parts:
        await over(parts, asked)
        piece = (await parts.services.rooms.kept.reading.open(ada, asked.conversation, 50)).piece
        assert {answer.model for answer in piece.together} == {ONE, TWO}
