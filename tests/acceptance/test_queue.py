"""Many people at the same moment, through the real app."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.app import AppProcess, Frame, TabClient, running_app, tab
from tests.support.ollama_server import OllamaScript, OllamaServer
from tests.support.rush import has_text

ROOM = ("--queued-per-person", "50")


async def ask_in_a_tab(app: AppProcess, text: str, everybody: asyncio.Barrier | None = None) -> TabClient:
    """Ask, and wait for the answer; before that for `everybody` to be in line or to be answered."""
    async with tab(app) as client:
        await client.ask(text)
        if everybody is not None:
            await client.until(lambda frame: frame["t"] == "live" and (has_text(frame) or place(frame)))
            await everybody.wait()
        await client.answer()
        return client


def place(frame: Frame) -> int | None:
    found: int | None = (frame.get("line") or {}).get("position")
    return found


def answer_of(client: TabClient) -> dict[str, str]:
    return next(message for message in client.messages.values() if message["role"] == "assistant")


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("people", [5, pytest.param(20, marks=pytest.mark.broad)])
async def test_many_ask_at_once_and_all_get_whole_answers_counting_down(
    tmp_path: Path, people: int, workers: int
) -> None:
    script = OllamaScript(tokens_per_second=60, parallel=workers)
    async with (
        OllamaServer(script) as ollama,
        running_app(tmp_path, "--backend", ollama.url, "--workers", str(workers), *ROOM) as app,
    ):
        ollama.gate.clear()
        everybody = asyncio.Barrier(people + 1)
        questions = [f"question {n}, tokens=15" for n in range(people)]
        asking = [asyncio.create_task(ask_in_a_tab(app, question, everybody)) for question in questions]
        await everybody.wait()
        ollama.gate.set()
        tabs = await asyncio.gather(*asking)
    assert [answer_of(client)["state"] for client in tabs] == ["complete"] * people
    texts = {answer_of(client)["text"] for client in tabs}
    assert len(texts) == 1, "the scripted answer is the same for everybody"
    places = [[line["position"] for line in client.lines if line["position"]] for client in tabs]
    assert all(seen == sorted(seen, reverse=True) for seen in places), places
    assert sorted(max(seen, default=0) for seen in places) == [0] * workers + list(range(1, people - workers + 1)), (
        places
    )


async def test_no_more_run_at_once_than_there_are_workers(tmp_path: Path) -> None:
    script = OllamaScript(tokens_per_second=200, parallel=8)
    async with (
        OllamaServer(script) as ollama,
        running_app(tmp_path, "--backend", ollama.url, "--workers", "2") as app,
    ):
        await asyncio.gather(*(ask_in_a_tab(app, f"question {n}") for n in range(8)))
        assert ollama.stats()["peak_generating"] <= 2


async def test_a_queue_that_is_full_refuses_with_a_sentence(tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url, "--workers", "1", "--queue-total", "1") as app,
        tab(app) as first,
        tab(app) as second,
        tab(app) as third,
    ):
        ollama.gate.clear()
        await first.ask("one")
        await first.until(lambda frame: frame["t"] == "live" and frame.get("line", {}).get("stage") == "writing")
        await second.ask("two")
        await second.until(lambda frame: frame["t"] == "asked")
        key = await third.ask("three")
        refused = await third.until(lambda frame: frame["t"] == "refused")
        assert refused["key"] == key
        assert "The queue is full" in refused["sentence"]
        ollama.gate.set()
        assert (await second.answer())["state"] == "complete"


async def test_stop_frees_the_slot_for_the_next(tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url, "--workers", "1") as app,
        tab(app) as first,
        tab(app) as second,
    ):
        ollama.gate.clear()
        await first.ask("one")
        writing = await first.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
        await second.ask("two")
        await second.until(lambda frame: frame["t"] == "live" and frame.get("line", {}).get("position") == 1)
        await first.send(t="stop", message=writing["message"])
        stopped = await first.answer()
        assert stopped["state"] == "stopped"
        assert stopped["text"], "what had arrived is kept"
        ollama.gate.set()
        assert (await second.answer())["state"] == "complete"
        assert ollama.stats()["generating"] == 0


async def test_a_waiting_question_can_be_withdrawn(tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url, "--workers", "1") as app,
        tab(app) as first,
        tab(app) as second,
    ):
        ollama.gate.clear()
        await first.ask("one")
        await first.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
        await second.ask("two")
        waiting = await second.until(lambda frame: frame["t"] == "live" and frame.get("line", {}).get("position") == 1)
        await second.send(t="stop", message=waiting["message"])
        assert (await second.answer())["state"] == "stopped"
        ollama.gate.set()
        assert (await first.answer())["state"] == "complete"


async def test_sent_twice_it_is_asked_once(tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url) as app,
        tab(app) as client,
    ):
        key = await client.ask("hello")
        first = await client.until(lambda frame: frame["t"] == "asked")
        await client.answer()
        await client.send(t="ask", key=key, conversation=None, text="hello", model=None)
        second = await client.until(lambda frame: frame["t"] == "asked")
        assert second["conversation"] == first["conversation"]
        questions = [body for body in ollama.bodies("/api/chat") if body["messages"]]
        assert len(questions) == 1


async def test_characters_that_cannot_be_written_are_replaced(tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url) as app,
        tab(app) as client,
    ):
        await client.ask("half \ud800 a pair and \x00 nothing")
        assert (await client.answer())["state"] == "complete"
        question = next(message for message in client.messages.values() if message["role"] == "user")
        assert question["text"] == "half \ufffd a pair and \ufffd nothing"
