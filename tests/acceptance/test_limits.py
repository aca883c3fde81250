"""What a person's group allows: asked before anything is kept, and counted when an answer ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from chatui.accounts.limits import Limits
from chatui.conversations.shelf import View
from chatui.domain.errors import Forbidden, ModelForbidden, QuotaSpent, Refused
from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName
from chatui.domain.people import AccountRole, User
from storage.accounts import change_account
from storage.database import Clocks
from storage.groups import add_group
from storage.tables import Group, MessageState
from tests.support.assembly import Assembly, Setup, assembled
from tests.support.fault_server import error_reply, raw
from tests.support.faulty_ollama import MODEL, TOKENS, faulty_ollama, held, some

PROMPT_TOKENS = 9
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def used(parts: Assembly, user: User) -> list[tuple[str, int, int, int]]:
    """What is noted of a person: model, answers, tokens read and written."""
    await parts.journal.settle()
    rows = await parts.allowances.usage(user, user.id, date.min, date.max)
    return [(row.model, row.answers, row.prompt_tokens, row.output_tokens) for row in rows]


async def test_a_whole_answer_is_counted_as_the_server_counts(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        await parts.over(await parts.ask("How many cups?"), await parts.ask("How many spoons?"))
        assert await used(parts, parts.user) == [(MODEL, 2, 2 * PROMPT_TOKENS, 2 * len(TOKENS))]


async def test_a_stopped_answer_is_counted_as_far_as_it_came(data: Path) -> None:
    release = asyncio.Event()
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        server.chats.append(held(release))
        asked = await parts.ask("How many cups?")
        job = parts.jobs[asked.answer]
        await parts.until(lambda: job.pieces == 1)
        waiting = await parts.ask("How many spoons?")
        await parts.conversations.stop(parts.user, waiting.answer)
        await parts.conversations.stop(parts.user, asked.answer)
        release.set()
        states = [message.state for message in await parts.over(asked, waiting)]
        assert states == [MessageState.STOPPED, MessageState.STOPPED]
        assert await used(parts, parts.user) == [(MODEL, 1, job.submission.prompt_tokens, 1)]


async def test_an_interrupted_answer_is_counted_and_a_failed_one_is_not(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        server.chats.extend((error_reply(500, "the kettle is cold"), raw(some(3))))
        (failed,) = await parts.over(await parts.ask("How many cups?"))
        asked = await parts.ask("How many spoons?")
        (interrupted,) = await parts.over(asked)
        assert (failed.state, interrupted.state) == (MessageState.FAILED, MessageState.INTERRUPTED)
        assert await used(parts, parts.user) == [(MODEL, 1, parts.jobs[asked.answer].submission.prompt_tokens, 3)]


REFUSALS: list[tuple[Limits, type[Refused]]] = [
    (Limits(models=frozenset({ModelName("another:1b")})), ModelForbidden),
    (Limits(models=frozenset()), ModelForbidden),
    (Limits(tokens_per_day=PROMPT_TOKENS + len(TOKENS)), QuotaSpent),
]


@pytest.mark.parametrize(("limits", "refusal"), REFUSALS)
async def test_what_is_not_allowed_is_refused_before_anything_is_kept(
    data: Path, limits: Limits, refusal: type[Refused]
) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        first = await parts.ask("How many cups?")
        (answer,) = await parts.over(first)
        server.chats.append(error_reply(500, "the kettle is cold"))
        (failed,) = await parts.over(await parts.ask("How many spoons?"))
        await in_a_group(parts, parts.user, limits)
        assert failed.job_id is not None
        rows = await parts.job_rows()
        for refused in (
            parts.ask("And how much sugar?"),
            parts.ask("And how much sugar?", conversation=first.conversation),
            parts.again(answer),
            parts.conversations.replay(parts.user, JobId(failed.job_id)),
        ):
            with pytest.raises(refusal):
                await refused
        assert await parts.job_rows() == rows
        contents = await parts.services.shelf.contents(parts.user, View.DESK, 10)
        assert len(contents.recent) == 2
        opened = await parts.services.rooms.kept.reading.open(parts.user, first.conversation, 10)
        assert len(opened.piece.messages) == 2


async def test_the_groups_priority_is_the_jobs(data: Path) -> None:
    release = asyncio.Event()
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        kim, lin = await parts.person("kim"), await parts.person("lin")
        await in_a_group(parts, lin, Limits(priority=Priority.HIGH))
        server.chats.append(held(release))
        running = await parts.ask("first")
        await parts.until(lambda: parts.jobs[running.answer].pieces == 1)
        normal, high = await parts.ask("second", user=kim), await parts.ask("third", user=lin)
        places = parts.scheduler.places()
        assert [places[parts.jobs[asked.answer].id].position for asked in (normal, high)] == [2, 1]
        assert [row.priority for row in await parts.job_rows()][1:] == [Priority.NORMAL, Priority.HIGH]
        release.set()
        await parts.over(running, normal, high)


async def test_who_only_reads_asks_nothing(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        eve = await parts.person("eve", AccountRole.VIEWER)
        with pytest.raises(Forbidden):
            await parts.ask("How many cups?", user=eve)
        assert not await parts.job_rows()


async def test_a_new_day_brings_new_tokens(data: Path) -> None:
    now = [NOON]
    setup = Setup(limits=Limits(tokens_per_day=1), clocks=Clocks(now=lambda: now[0]))
    async with faulty_ollama() as server, assembled(data, server.url, setup) as parts:
        await parts.over(await parts.ask("How many cups?"))
        with pytest.raises(QuotaSpent) as refusal:
            await parts.ask("How many spoons?")
        now[0] += refusal.value.retry_after
        await parts.over(await parts.ask("How many spoons?"))


async def in_a_group(parts: Assembly, user: User, limits: Limits) -> None:
    """Put a person into a group that sets these limits."""
    group = Group(
        name=f"of {user.name}",
        weight=limits.weight,
        priority=limits.priority,
        running=limits.running,
        queued=limits.queued,
        tokens_per_day=limits.tokens_per_day,
        models=None if limits.models is None else sorted(limits.models),
        created_at=NOON,
    )
    await parts.database.write(lambda session: add_group(session, group))
    await parts.database.write(lambda session: change_account(session, user.id, group_id=group.id))
