"""Five people ask at the same moment and the server is not up to it: all get whole answers, nobody presses anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chatui.conversations.question import Asked
from chatui.domain.messages import ModelName
from chatui.scheduler.decision import Waits
from storage.tables import MessageState
from tests.faults.invariants import check_invariants
from tests.support.assembly import Assembly, Setup, assembled
from tests.support.fault_server import Fault, error_reply, reply, reset_after, stall_after
from tests.support.faulty_ollama import LINES, MODEL, WHOLE, FaultyOllama, faulty_ollama, held, some, whole_answer

UNABLE = error_reply(500, "unable to load model: /models/blobs/sha256-00e1317c")
BUSY = error_reply(503, "server busy, please try again.  maximum pending requests exceeded")


async def five(assembly: Assembly) -> list[Asked]:
    """Five people ask at once."""
    people = [await assembly.person(name) for name in ("ada", "bob", "eve", "kim", "lin")]
    return list(await asyncio.gather(*(assembly.ask("How many cups?", user=person) for person in people)))


@asynccontextmanager
async def faulty_at(port: int) -> AsyncGenerator[FaultyOllama, None]:
    """A server that works, where another one was."""
    server = FaultyOllama()
    await server.start(port)
    try:
        yield server
    finally:
        await server.kill()


def warm(server: FaultyOllama) -> None:
    """The server says that the model is loaded, as it does of a runner that was killed."""
    server.memory.add(MODEL)


def one_answers(fault: Fault) -> Callable[[FaultyOllama], None]:
    def script(server: FaultyOllama) -> None:
        warm(server)
        server.chats.extend([whole_answer, *[fault] * 4])

    return script


def loads_fail(times: int) -> Callable[[FaultyOllama], None]:
    def script(server: FaultyOllama) -> None:
        server.loads.extend([UNABLE] * times)

    return script


@pytest.mark.parametrize(
    ("script", "workers", "codes"),
    [
        pytest.param(one_answers(UNABLE), 5, ["model_load"] * 4, id="one 200 and four 500"),
        pytest.param(one_answers(BUSY), 5, ["busy"] * 4, id="one 200 and four 503"),
        pytest.param(one_answers(reply(500, b'{"error":"unable to load model"}')), 1, ["model_load"] * 4, id="in turn"),
        pytest.param(loads_fail(2), 1, ["model_load"] * 2, id="loads fail twice"),
        pytest.param(loads_fail(4), 5, ["model_load"] * 4, id="loads fail four times"),
    ],
)
async def test_five_ask_at_once_and_all_get_whole_answers(
    data: Path, script: Callable[[FaultyOllama], None], workers: int, codes: list[str]
) -> None:
    async with faulty_ollama() as server:
        script(server)
        async with assembled(data, server.url, Setup(workers=workers)) as assembly:
            messages = await assembly.over(*await five(assembly))
            records = await assembly.failures()
            await check_invariants(assembly)
    assert [(message.state, message.content) for message in messages] == [(MessageState.COMPLETE, WHOLE)] * 5
    assert [record.code for record in records] == codes
    assert {record.stage for record in records} <= {"loading", "reading"}


async def test_one_failure_that_ends_several_answers_is_one_failure_of_the_model(data: Path) -> None:
    release = asyncio.Event()
    async with faulty_ollama() as server:
        warm(server)
        server.chats.extend([held(release), *[UNABLE] * 4])
        async with assembled(data, server.url, Setup(workers=5)) as assembly:
            asked = await five(assembly)
            await assembly.until(lambda: sum(job.failures for job in assembly.jobs.values()) == 4)
            (backend,) = assembly.policy.backends().values()
            assert backend.breaker(ModelName(MODEL)).open_until is None
            release.set()
            messages = await assembly.over(*asked)
    assert [message.content for message in messages] == [WHOLE] * 5


async def test_a_server_restarted_before_the_first_words(data: Path) -> None:
    async with faulty_ollama(always=stall_after(b"")) as server:
        warm(server)
        async with assembled(data, server.url, Setup(workers=2)) as assembly:
            asked = await five(assembly)
            await server.until(lambda: len(server.calls) == 2)
            await server.kill()
            async with faulty_at(server.port):
                messages = await assembly.over(*asked)
            records = await assembly.failures()
            await check_invariants(assembly)
    assert [message.content for message in messages] == [WHOLE] * 5
    assert {record.code for record in records} == {"unreachable"}


async def test_a_server_restarted_in_mid_answer(data: Path) -> None:
    async with faulty_ollama(always=stall_after(some(3))) as server:
        warm(server)
        async with assembled(data, server.url, Setup(workers=2)) as assembly:
            asked = await five(assembly)
            await assembly.until(lambda: sum(job.pieces == 3 for job in assembly.jobs.values()) == 2)
            await server.kill()
            async with faulty_at(server.port):
                messages = await assembly.over(*asked)
                cut = [message for message in messages if message.state is MessageState.INTERRUPTED]
                again = [await assembly.again(message) for message in cut]
                repeated = await assembly.over(*again)
            await check_invariants(assembly)
    assert len(cut) == 2
    assert {message.content for message in cut} == {"Every guest gets "}
    assert [message.content for message in messages if message not in cut] == [WHOLE] * 3
    assert [message.content for message in repeated] == [WHOLE] * 2


async def test_a_server_that_is_away_when_people_ask(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as assembly:
        await server.kill()
        asked = await five(assembly)
        await assembly.until(
            lambda: Waits.NO_BACKEND in {place.waits for place in assembly.scheduler.places().values()}
        )
        assert {job.outcome for job in assembly.jobs.values()} == {None}
        async with faulty_at(server.port):
            messages = await assembly.over(*asked)
        await check_invariants(assembly)
    assert [message.content for message in messages] == [WHOLE] * 5


async def test_a_reset_in_the_middle_of_a_burst_takes_one_answer(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url, Setup(workers=3)) as assembly:
        server.chats.extend([whole_answer, reset_after(some(len(LINES)))])
        messages = await assembly.over(*await five(assembly))
        await check_invariants(assembly)
    assert sorted(message.state for message in messages) == ["complete"] * 4 + ["interrupted"]
    assert [message.content for message in messages] == [WHOLE] * 5
