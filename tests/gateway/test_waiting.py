"""What a program sees while it waits, and what becomes of a job whose program goes away."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from starlette.types import Message

from chatui.accounts.keys import KeyHolder
from chatui.domain.asks import Ask
from chatui.domain.jobs import JobId
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role
from chatui.domain.people import KeyScope, Principal
from chatui.web.api.answering import Answering, Desk, Patience, Single, Streamed
from chatui.web.api.ollama_says import OllamaVoice
from chatui.web.api.openai_says import OpenAIVoice, Wanted
from storage import jobs, usage
from tests.gateway.conftest import MODEL, THINKER, Gate
from tests.support.rows import every_row

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOON = Patience(0.05, 0.05, 0.05)
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "hello, tokens=3"}]}
ASK = ChatRequest(ModelName(MODEL), (ChatMessage(Role.USER, "hello, tokens=3"),), 16)


class Client:
    """One request as the app sees it: what was sent to it, and whether it is still there."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.changed = asyncio.Event()
        self._gone = asyncio.Event()

    async def receive(self) -> Message:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        self.changed.set()

    async def begun(self) -> None:
        await self.until(lambda: bool(self.sent))

    def leave(self) -> None:
        self._gone.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def job(self) -> JobId:
        return JobId(UUID(self.headers[b"x-queue-id"].decode()))

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def ended(self) -> bool:
        return self.sent[-1].get("more_body") is False


@pytest_asyncio.fixture(loop_scope="module")
async def busy(gate: Gate) -> AsyncIterator[Gate]:
    """The one slot is taken until the test opens the gate, and nothing waits that another test left."""
    async with asyncio.timeout(60):
        while gate.home.core.scheduler.jobs:  # noqa: ASYNC110 - it has no event of its own
            await asyncio.sleep(0.01)
    gate.server.gate.clear()
    async with gate.place.http() as http:
        first = asyncio.create_task(http.post("/api/chat", json={**BODY, "stream": False}))
        async with asyncio.timeout(60):
            await gate.server.until(lambda: gate.server.generating == 1)
        yield gate
        gate.server.gate.set()
        assert (await first).status_code == 200


async def holder(gate: Gate) -> KeyHolder:
    found = await gate.home.core.accounts.keys.find(gate.place.key or "")
    assert found is not None
    return found


async def asking(gate: Gate, way: type[Answering], voice: Any, ask: Ask = ASK) -> tuple[Client, asyncio.Task[None]]:
    client = Client()
    response = way(Desk(gate.home.core.gateway, time.monotonic, SOON), await holder(gate), ask, voice)
    scope = {"type": "http", "path": "/api/chat", "headers": []}
    return client, asyncio.create_task(response(scope, client.receive, client.send))


def now() -> datetime:
    return datetime.now(UTC)


VOICES: dict[str, tuple[type[Answering], Callable[[], Any], bytes]] = {
    "ollama, streamed": (Streamed, lambda: OllamaVoice(MODEL, now), b" "),
    "ollama, whole": (Single, lambda: OllamaVoice(MODEL, now), b" "),
    "openai, streamed": (Streamed, lambda: OpenAIVoice(Wanted(MODEL, 0), "1"), b": waiting\n\n"),
    "openai, whole": (Single, lambda: OpenAIVoice(Wanted(MODEL, 0), "1"), b" "),
}


@pytest.mark.parametrize("name", VOICES)
async def test_who_waits_is_told_where_and_the_line_is_kept_open(busy: Gate, name: str) -> None:
    way, voice, keep_alive = VOICES[name]
    client, work = await asking(busy, way, voice())
    await client.until(lambda: client.body.startswith(keep_alive * 3))
    assert client.status == 200
    assert client.headers[b"x-queue-position"] == b"1"
    assert int(client.headers[b"x-queue-eta"]) >= 0
    busy.server.gate.set()
    async with asyncio.timeout(60):
        await work
    assert client.ended
    told = client.body.replace(keep_alive, b"") if keep_alive != b" " else client.body
    if way is Single:
        assert json.loads(told)["model"] == MODEL
    elif keep_alive == b" ":
        assert json.loads(told.splitlines()[-1])["done"] is True
    else:
        assert told.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("name", VOICES)
async def test_who_goes_away_while_waiting_frees_the_place(busy: Gate, name: str) -> None:
    way, voice, _ = VOICES[name]
    client, work = await asking(busy, way, voice())
    await client.begun()
    assert len(busy.home.core.scheduler.jobs) == 2
    client.leave()
    async with asyncio.timeout(60):
        await work
    assert len(busy.home.core.scheduler.jobs) == 1
    assert busy.server.generating == 1


async def test_who_goes_away_in_mid_answer_frees_the_slot(gate: Gate) -> None:
    gate.server.gate.clear()
    aborted = gate.server.aborted
    async with gate.place.http() as http, http.stream("POST", "/api/chat", json=BODY) as answer:
        assert answer.headers["x-queue-position"] == "0"
    async with asyncio.timeout(60):
        await gate.server.until(lambda: gate.server.aborted == aborted + 1)
    gate.server.gate.set()


async def test_who_goes_away_during_a_load_frees_the_place(gate: Gate) -> None:
    memory, jobs_now = gate.server.memory, gate.home.core.scheduler
    body = {**BODY, "model": THINKER, "stream": False}
    async with gate.place.http() as http:
        async with memory._loader:  # whatever is to be loaded waits for this
            asked = asyncio.create_task(http.post("/api/chat", json=body))
            async with asyncio.timeout(60):
                await memory.until(lambda: memory.pending == 1)
            asked.cancel()
            async with asyncio.timeout(60):
                while jobs_now.jobs:  # noqa: ASYNC110 - it has no event of its own
                    await asyncio.sleep(0.01)
        answered = await http.post("/api/chat", json=body)
    assert answered.status_code == 200
    assert [body["model"] for body in gate.server.bodies("/api/chat") if body["messages"]].count(THINKER) == 1


async def test_what_fails_after_the_head_is_an_error_line_or_a_broken_line(busy: Gate) -> None:
    streamed, first = await asking(busy, Streamed, OllamaVoice(MODEL, now))
    single, second = await asking(busy, Single, OllamaVoice(MODEL, now))
    event, third = await asking(busy, Streamed, OpenAIVoice(Wanted(MODEL, 0), "1"))
    for client in (streamed, single, event):
        await client.begun()
        await busy.home.core.scheduler.stop(client.job)
    async with asyncio.timeout(60):
        await asyncio.gather(first, second, third)
    assert "canceled" in json.loads(streamed.body)["error"]
    assert streamed.ended
    assert not single.ended
    assert "canceled" in json.loads(event.body.rpartition(b"data: ")[2])["error"]["message"]


async def test_a_key_asks_no_more_at_once_than_it_may(busy: Gate) -> None:
    place = await busy.key(busy.ada, KeyScope.ASK, most=1)
    async with place.http() as http:
        first = asyncio.create_task(http.post("/api/chat", json=BODY))
        async with asyncio.timeout(60):
            while len(busy.home.core.scheduler.jobs) < 2:  # noqa: ASYNC110 - it has no event of its own
                await asyncio.sleep(0.01)
        refused = await http.post("/v1/chat/completions", json=BODY)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        busy.server.gate.set()
        assert (await first).status_code == 200


async def test_a_revoked_key_stops_what_was_asked_with_it(busy: Gate) -> None:
    place = await busy.key(busy.ada, KeyScope.ASK)
    found = await busy.home.core.accounts.keys.find(place.key or "")
    assert found is not None
    async with place.http() as http:
        asked = asyncio.create_task(http.post("/api/chat", json={**BODY, "stream": False}))
        async with asyncio.timeout(60):
            while len(busy.home.core.scheduler.jobs) < 2:  # noqa: ASYNC110 - it has no event of its own
                await asyncio.sleep(0.01)
        await busy.home.core.accounts.keys.revoke(Principal(busy.ada.user, "127.0.0.1"), found.card.id)
        assert (await asked).status_code == 499


async def test_use_is_counted_and_no_word_is_kept(gate: Gate) -> None:
    secret = "the teapot is hidden behind the stove"
    core = gate.home.core
    guest = await gate.home.guest("Cleo")
    place = await gate.key(guest)
    async with place.http() as http:
        body = {"model": MODEL, "messages": [{"role": "user", "content": f"{secret}, tokens=7"}]}
        assert (await http.post("/api/chat", json=body)).status_code == 200
        gate.server.broken_answers.append("an error was encountered while running the model: gone")
        await http.post("/v1/chat/completions", json=body)
    await core.journal.settle()
    rows = await core.database.read(every_row)
    assert secret not in str(rows)
    assert "kettle" not in str([row for name, table in rows.items() for row in table if name != "apikey"])
    used = await core.database.read(lambda session: usage.tokens_on(session, guest.user.id, now().date()))
    assert used >= 7
    mine = [row for row in rows["job"] if row["account_id"] == guest.user.id]
    assert {row["purpose"] for row in mine} == {"api"}
    assert {row["state"] for row in mine} == {"done", "interrupted"}
    assert [row["code"] for row in rows["failure"] if row["account_id"] == guest.user.id] == ["interrupted"]
    assert await core.database.read(jobs.unfinished_jobs) == []
