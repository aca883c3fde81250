"""What scripts do: five at once against a server that fails, a long loop of tools, the verbs of an admin."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import ollama
import pytest

from chatui.accounts.limits import GroupLimits
from chatui.domain.messages import ModelName
from chatui.domain.people import KeyScope, Principal
from tests.gateway.conftest import MODEL, Gate, key_for
from tests.support.fault_server import error_reply
from tests.support.faulty_ollama import MODEL as FAULTY
from tests.support.faulty_ollama import WHOLE, faulty_ollama, whole_answer
from tests.support.house import house

UNABLE = error_reply(500, "unable to load model: /models/blobs/sha256-00e1317c")
TOOL = {"type": "function", "function": {"name": "next", "description": "Goes on.", "parameters": {"type": "object"}}}


@pytest.mark.parametrize("stream", [False, True])
async def test_the_script_that_got_four_errors_gets_five_answers(tmp_path: Path, stream: bool) -> None:  # noqa: FBT001
    async with faulty_ollama() as server:
        server.memory.add(FAULTY)
        server.chats.extend([whole_answer, *[UNABLE] * 4])
        async with house(tmp_path, server.url, workers=5) as home:
            place = await key_for(home, await home.guest("Ada"))
            body = {
                "model": FAULTY,
                "messages": [{"role": "user", "content": "Why is the sky blue?"}],
                "stream": stream,
            }
            async with place.http() as http:
                answers = await asyncio.gather(*(http.post("/api/chat", json=body) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert [told(answer) for answer in answers] == [WHOLE] * 5


def told(answer: httpx.Response) -> str:
    chunks = [httpx.Response(200, text=line).json() for line in answer.text.splitlines() if line.strip()]
    assert chunks[-1]["done"] is True
    return "".join(chunk["message"]["content"] for chunk in chunks)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("wanted", [30, pytest.param(300, marks=pytest.mark.long)])
async def test_a_loop_of_tool_calls_completes(gate: Gate, wanted: int) -> None:
    messages: list[Any] = [{"role": "user", "content": f"Go on: calls={wanted}"}]
    calls = 0
    async with gate.place.ollama() as client:
        while (answer := await client.chat(model=MODEL, messages=messages, tools=[TOOL])).message.tool_calls:
            (call,) = answer.message.tool_calls
            assert call.function.arguments == {"n": calls}
            calls += 1
            messages += [answer.message, {"role": "tool", "content": "done", "tool_name": "next"}]
    assert calls == wanted
    assert answer.message.content


@pytest.mark.asyncio(loop_scope="module")
async def test_an_admins_key_changes_models(gate: Gate) -> None:
    async with gate.place.ollama() as client:
        steps = [step async for step in await client.pull("mistral:7b", stream=True)]
        assert steps[-1].status == "success"
        assert any(step.total and step.completed for step in steps)
        assert (await client.copy("mistral:7b", "mine:7b")).status == "success"
        assert (await client.create("tea:7b", from_="mine:7b", system="Be brief.")).status == "success"
        names = {model.model for model in (await client.list()).models}
        assert {"mistral:7b", "mine:7b", "tea:7b"} <= names
        for name in ("mistral:7b", "mine:7b", "tea:7b"):
            assert (await client.delete(name)).status == "success"
        assert {model.model for model in (await client.list()).models} == names - {"mistral:7b", "mine:7b", "tea:7b"}
        with pytest.raises(ollama.ResponseError) as gone:
            await client.delete("mistral:7b")
        assert gone.value.status_code == 404
        await client.chat(model=MODEL, messages=[], keep_alive=0)
        assert MODEL not in {model.model for model in (await client.ps()).models}


WRONG_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'"text"',
    b"[" * 100_000,
    b'{"model": 1}',
    b'{"model": null}',
    b'{"model": "llama3.2:1b", "messages": "hello", "prompt": [1], "input": 1}',
    b'{"model": "llama3.2:1b", "messages": [1], "prompt": {}, "input": [{}]}',
    b'{"model": "llama3.2:1b", "messages": [{"role": "wizard", "content": "x"}], "prompt": 1, "input": {}}',
    b'{"model": "llama3.2:1b", "messages": [{"role": "user", "content": 1}], "prompt": 1, "input": [null]}',
    b'{"model": "llama3.2:1b", "messages": [], "prompt": "", "options": [], "stream": 1, "input": true}',
    b'{"model": "llama3.2:1b", "messages": {}, "prompt": 7, "options": {"temperature": "hot"}, "input": 1e999}',
    b'{"model": "nobody:1b", "messages": [], "prompt": "x", "input": "x"}',
]
PATHS = ["/api/chat", "/api/generate", "/api/embed", "/v1/chat/completions", "/v1/completions", "/v1/embeddings"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", [*PATHS, "/api/show", "/api/pull", "/api/create", "/api/copy"])
async def test_what_makes_no_sense_is_refused_in_the_apis_shape(gate: Gate, path: str) -> None:
    async with gate.place.http() as http:
        for body in WRONG_BODIES:
            if path in {"/api/show", "/api/pull"} and b"llama" in body:
                continue  # these look at the name alone
            if path == "/api/pull" and b"nobody" in body:
                continue  # the scripted registry has every model
            answer = await http.post(path, content=body)
            assert answer.status_code in {400, 404}, (body[:80], answer.text[:200])
            error = answer.json()["error"]
            if path.startswith("/v1/"):
                assert set(error) == {"message", "type", "param", "code"}
            else:
                assert isinstance(error, str)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", ["/api/chat", "/api/generate", "/api/embed"])
async def test_what_the_server_itself_refuses_is_refused_with_its_status(gate: Gate, path: str) -> None:
    same = 0
    async with gate.place.http() as through, gate.direct.http() as direct:
        for body in (*WRONG_BODIES[:6], *WRONG_BODIES[7:10], WRONG_BODIES[-1]):
            refused = await direct.post(path, content=body)
            if refused.status_code in {400, 404}:
                answer = await through.post(path, content=body)
                assert (answer.status_code, type(answer.json()["error"])) == (refused.status_code, str), body
                same += 1
    gate.server.requests.clear()  # bodies that nothing can read
    assert same > 5


@pytest.mark.asyncio(loop_scope="module")
async def test_what_the_server_itself_lets_pass_is_let_pass(gate: Gate) -> None:
    message, odd = {"role": "User", "content": "hello"}, {"seed": 1.5, "top_k": 40.9, "mirostat": 1}
    async with gate.place.http() as http:
        answer = await http.post("/api/chat", json={"model": MODEL, "messages": [message], "options": odd, "new": 1})
    assert answer.status_code == 200
    (sent,) = gate.server.bodies("/api/chat")[-1:]
    assert sent["messages"][0]["role"] == "user"
    assert (sent["options"]["seed"], sent["options"]["top_k"]) == (1, 40)


OPTIONS: list[dict[str, Any]] = [
    {"options": {"num_ctx": "many"}},
    {"options": {"stop": [1]}},
    {"think": "wildly"},
    {"format": "xml"},
    {"keep_alive": "10"},
    {"keep_alive": "soon"},
    {"keep_alive": []},
    {"tools": [{"type": "function"}]},
    {"messages": [{"role": "user", "content": "x", "images": ["%%%"]}]},
    {"messages": [{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "x", "arguments": [1]}}]}]},
    {"top_logprobs": 99},
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("wrong", OPTIONS, ids=str)
async def test_a_wrong_option_is_refused(gate: Gate, wrong: dict[str, Any]) -> None:
    body = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}], **wrong}
    async with gate.place.http() as http:
        answer = await http.post("/api/chat", json=body)
    assert answer.status_code == 400, answer.text
    assert isinstance(answer.json()["error"], str)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_would_load_a_model_again_or_let_it_go_is_left_to_the_app(gate: Gate) -> None:
    asked = len(gate.server.bodies("/api/chat"))
    messages = [{"role": "user", "content": "hello"}]
    async with gate.place.http() as http:
        for keep_alive in (0, "1s", "30m", -1, 3600):
            body = {"model": MODEL, "messages": messages, "keep_alive": keep_alive, "options": {"num_ctx": 512}}
            assert (await http.post("/api/chat", json=body)).status_code == 200
    sent = [body for body in gate.server.bodies("/api/chat")[asked:] if body["messages"]]
    assert [body.get("keep_alive") for body in sent] == [None, None, 1800, 86_400, 3600]
    assert {body["options"]["num_ctx"] for body in sent} == {4096}


@pytest.mark.asyncio(loop_scope="module")
async def test_what_a_group_may_not_use_is_neither_listed_nor_answered(gate: Gate) -> None:
    accounts, by = gate.home.core.accounts, Principal(gate.ada.user, "127.0.0.1")
    guest = await gate.home.guest("Gus")
    group = await accounts.groups.create(by, "small", GroupLimits(models=frozenset({ModelName(MODEL)})))
    await accounts.admin.set_group(by, guest.user.id, group.id)
    place = await key_for(gate.home, guest, KeyScope.ASK)
    async with place.http() as http:
        assert [model["name"] for model in (await http.get("/api/tags")).json()["models"]] == [MODEL]
        assert [model["id"] for model in (await http.get("/v1/models")).json()["data"]] == [MODEL]
        body = {"model": "qwen3:1.7b", "messages": [{"role": "user", "content": "hello"}]}
        assert (await http.post("/api/chat", json=body)).status_code == 403
        assert (await http.post("/api/show", json=body)).status_code == 403
        assert (await http.get("/v1/models/qwen3:1.7b")).status_code == 404


@pytest.mark.asyncio(loop_scope="module")
async def test_what_an_admin_takes_away_is_refused_at_once(gate: Gate) -> None:
    accounts, by = gate.home.core.accounts, Principal(gate.ada.user, "127.0.0.1")
    guest = await gate.home.guest("Ida")
    place = await key_for(gate.home, guest, KeyScope.ASK)
    body = {"model": MODEL, "messages": [{"role": "user", "content": "hello, tokens=3"}]}
    async with place.http() as http:
        assert (await http.post("/api/chat", json=body)).status_code == 200
        group = await accounts.groups.create(by, "none", GroupLimits(models=frozenset()))
        await accounts.admin.set_group(by, guest.user.id, group.id)
        assert (await http.post("/api/chat", json=body)).status_code == 403
        await accounts.groups.change(by, group.id, "none", GroupLimits(tokens_per_day=1))
        refused = await http.post("/api/chat", json=body)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        await accounts.admin.disable(by, guest.user.id)
        assert (await http.post("/api/chat", json=body)).status_code == 401


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", ["/api/nothing", "/v1/nothing", "/v1/models/a%0Ab", "/api/chat", "/v1/completions"])
async def test_what_there_is_not_is_told_in_the_apis_shape(gate: Gate, path: str) -> None:
    async with gate.place.http() as http:
        answer = await http.get(path)
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert isinstance(error, str) if path.startswith("/api/") else error["type"] == "invalid_request_error"
