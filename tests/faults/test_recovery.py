"""What becomes of each job when the process ended in mid-work and starts again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from chatui.conversations.context import estimate_tokens
from chatui.conversations.question import Asked
from chatui.domain.jobs import JobState
from chatui.domain.messages import ChatRequest
from storage.database import Database
from storage.jobs import claim_job, finish_job, requeue_after_death
from storage.messages import update_answer
from storage.tables import Message, MessageState
from tests.faults.invariants import check_invariants
from tests.support.assembly import Assembly, assembled
from tests.support.faulty_ollama import MODEL, TOKENS, WHOLE, FaultyOllama, faulty_ollama

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PART = "".join(TOKENS[:2])


async def left_behind(data: Path, server: FaultyOllama, questions: int = 1) -> list[Asked]:
    """Ask, and end the app before anything was begun."""
    async with assembled(data, server.url) as assembly:
        assembly.policy.control.pause()
        asked = [await assembly.ask(f"question {number}") for number in range(questions)]
    assert server.calls == []
    return asked


async def answers(assembly: Assembly, asked: list[Asked]) -> list[Message]:
    for one in asked:
        assembly.follow(one)
    return await assembly.over(*asked)


Change = Callable[[Session, Message], object]


def begun(session: Session, answer: Message) -> None:
    assert answer.job_id
    claim_job(session, answer.job_id, 1, "box", NOON)


def begun_after_a_death(session: Session, answer: Message) -> None:
    assert answer.job_id
    begun(session, answer)
    requeue_after_death(session, answer.job_id, NOON)
    claim_job(session, answer.job_id, 2, "box", NOON)


def writing(session: Session, answer: Message) -> None:
    begun(session, answer)
    update_answer(session, answer.id, 1, content=PART, state=MessageState.STREAMING)


def thinking(session: Session, answer: Message) -> None:
    begun(session, answer)
    update_answer(session, answer.id, 1, thinking="Cups?", state=MessageState.STREAMING)


def stopped(session: Session, answer: Message) -> None:
    assert answer.job_id
    update_answer(session, answer.id, 0, state=MessageState.STOPPED)
    finish_job(session, answer.job_id, JobState.STOPPED, None, NOON)


@dataclass(frozen=True)
class Death:
    """What the process left in the database, and what the next one makes of it."""

    left: Change
    state: MessageState
    text: str
    calls: int
    says: str | None = None
    codes: list[str] = field(default_factory=list)


DEATHS: dict[str, Death] = {
    "queued": Death(lambda *_: None, MessageState.COMPLETE, WHOLE, 1),
    "begun": Death(begun, MessageState.COMPLETE, WHOLE, 1),
    "begun for the second time": Death(
        begun_after_a_death, MessageState.FAILED, "", 0, "The app stopped twice while it answered", ["crash"]
    ),
    "writing": Death(writing, MessageState.INTERRUPTED, PART, 0, "The app was stopped in mid-answer"),
    "thinking": Death(thinking, MessageState.INTERRUPTED, "", 0, "The app was stopped in mid-answer"),
    "stopped": Death(stopped, MessageState.STOPPED, "", 0, "Stopped."),
}


@pytest.mark.parametrize("name", DEATHS)
async def test_a_death(data: Path, name: str) -> None:
    death = DEATHS[name]
    async with faulty_ollama() as server:
        (asked,) = await left_behind(data, server)
        await change(data, asked, death.left)
        async with assembled(data, server.url) as assembly:
            (message,) = await answers(assembly, [asked])
            records = await assembly.failures()
            await check_invariants(assembly)
    assert (message.state, message.content) == (death.state, death.text)
    assert [call for call, _ in server.calls].count("chat") == death.calls
    notice = assembly.shown(message)["notice"]
    assert (death.says in notice) if death.says else notice is None
    assert [record.code for record in records] == death.codes


async def change(data: Path, asked: Asked, work: Change) -> None:
    """Leave the database as a process does that dies."""
    database = await Database.open(data)

    def write(session: Session) -> None:
        answer = session.get(Message, asked.answer)
        assert answer is not None
        work(session, answer)

    await database.write(write)
    await database.close()


@pytest.mark.parametrize(("left", "output"), [(writing, PART), (thinking, "Cups?"), (begun_after_a_death, "")])
async def test_what_was_written_before_a_death_is_counted(data: Path, left: Change, output: str) -> None:
    async with faulty_ollama() as server:
        (asked,) = await left_behind(data, server)
        await change(data, asked, left)
        async with assembled(data, server.url) as assembly:
            used = await assembly.allowances.usage(assembly.user, assembly.user.id, date.min, date.max)
    expected = [(MODEL, 1, 0, estimate_tokens(output))] if output else []
    assert [(row.model, row.answers, row.prompt_tokens, row.output_tokens) for row in used] == expected


async def test_what_waited_waits_again_in_its_order(data: Path) -> None:
    async with faulty_ollama() as server:
        asked = await left_behind(data, server, 4)
        async with assembled(data, server.url) as assembly:
            restored = list(assembly.scheduler.jobs)
            assert all(job.restored for job in restored)
            requests = [job.request for job in restored if isinstance(job.request, ChatRequest)]
            assert [request.messages[-1].content for request in requests] == [f"question {n}" for n in range(4)]
            later = await assembly.ask("one more")
            messages = await answers(assembly, asked)
            await assembly.over(later)
            rows = await assembly.job_rows()
            await check_invariants(assembly)
    assert [message.content for message in messages] == [WHOLE] * 4
    in_order = sorted(rows, key=lambda row: row.started_at or NOON)
    assert [row.arrival for row in in_order] == [1, 2, 3, 4, 5]


async def test_late_writes_of_the_attempt_before_change_nothing(data: Path) -> None:
    async with faulty_ollama() as server:
        (asked,) = await left_behind(data, server)
        await change(data, asked, begun)
        async with assembled(data, server.url) as assembly:
            (message,) = await answers(assembly, [asked])
            late = await assembly.database.write(
                lambda session: update_answer(session, asked.answer, 1, content=PART, state=MessageState.STREAMING)
            )
            assert not late
            assert (await assembly.message(asked.answer)).content == message.content == WHOLE
            assert message.attempt == 2
