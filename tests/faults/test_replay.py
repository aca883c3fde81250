"""A question whose attempts all failed is asked once more: by its owner or an admin, of the same or another model."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from chatui.domain.errors import NoModel, NotFound
from chatui.domain.jobs import JobId
from chatui.domain.messages import MessageId, ModelName
from storage.tables import Message, MessageState
from tests.faults.invariants import check_invariants
from tests.support.assembly import Assembly, assembled
from tests.support.fault_server import error_reply
from tests.support.faulty_ollama import WHOLE, FaultyOllama, faulty_ollama

NO_KETTLE = error_reply(500, "the kettle is cold")


async def one_that_failed(assembly: Assembly, server: FaultyOllama) -> Message:
    server.chats.append(NO_KETTLE)
    bob = await assembly.person("bob")
    (message,) = await assembly.over(await assembly.ask("How many cups?", model="a", user=bob))
    assert message.state is MessageState.FAILED
    return message


@pytest.mark.parametrize("model", [None, "b"])
async def test_its_owner_asks_again(data: Path, model: str | None) -> None:
    async with faulty_ollama("a", "b") as server, assembled(data, server.url) as assembly:
        failed = await one_that_failed(assembly, server)
        bob = await assembly.person("bob")
        wanted = ModelName(model) if model else None
        asked = await assembly.conversations.again(bob, MessageId(failed.id), wanted)
        assembly.follow(asked)
        (message,) = await assembly.over(asked)
        await check_invariants(assembly)
    assert (message.content, message.model, message.parent_id) == (WHOLE, model or "a", failed.parent_id)


@pytest.mark.parametrize("model", [None, "b"])
async def test_an_admin_replays_the_job(data: Path, model: str | None) -> None:
    async with faulty_ollama("a", "b") as server, assembled(data, server.url) as assembly:
        failed = await one_that_failed(assembly, server)
        (row,) = await assembly.job_rows()
        asked = await assembly.conversations.replay(assembly.user, JobId(row.id), ModelName(model) if model else None)
        assembly.follow(asked)
        (message,) = await assembly.over(asked)
        again = [job for job in await assembly.job_rows() if job.id != row.id]
        await check_invariants(assembly)
    assert (message.content, message.model) == (WHOLE, model or "a")
    assert message.conversation_id == failed.conversation_id
    assert [job.account_id for job in again] == [row.account_id], "it is still the owner's"


async def test_what_did_not_fail_is_not_replayed(data: Path) -> None:
    async with faulty_ollama("a", "b") as server, assembled(data, server.url) as assembly:
        await assembly.over(await assembly.ask("How many cups?", model="a"))
        (row,) = await assembly.job_rows()
        for job_id in (row.id, uuid4()):
            with pytest.raises(NotFound):
                await assembly.conversations.replay(assembly.user, JobId(job_id))


async def test_a_model_that_is_not_there_is_refused(data: Path) -> None:
    async with faulty_ollama("a", "b") as server, assembled(data, server.url) as assembly:
        failed = await one_that_failed(assembly, server)
        with pytest.raises(NoModel):
            await assembly.conversations.again(await assembly.person("bob"), MessageId(failed.id), ModelName("c"))
        with pytest.raises(NotFound):
            await assembly.conversations.again(assembly.user, MessageId(failed.id))
        assert len(await assembly.job_rows()) == 1
