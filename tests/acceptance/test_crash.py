"""The app dies in mid-answer: nothing that was accepted is gone."""

from __future__ import annotations

from pathlib import Path

from tests.support.app import TabClient, running_app, start_app, tab
from tests.support.ollama_server import OllamaServer


def answer_of(client: TabClient) -> dict[str, str]:
    return next(message for message in client.messages.values() if message["role"] == "assistant")


async def test_kill_in_mid_answer_keeps_question_and_partial_answer(tmp_path: Path) -> None:
    async with OllamaServer() as ollama:
        ollama.gate.clear()
        app = await start_app(tmp_path, "--backend", ollama.url, "--workers", "1")
        async with tab(app) as writing, tab(app) as waiting:
            await writing.ask("the first question")
            await writing.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
            await waiting.ask("the second question")
            await waiting.until(lambda frame: frame["t"] == "asked")
            # The first token is written to the disk at once; the second question's commit came after it.
            app.kill()
            await app.wait()
        ollama.gate.set()
        async with running_app(tmp_path, "--backend", ollama.url, "--workers", "1") as again:
            async with tab(again, writing.conversation) as client:
                question = next(message for message in client.messages.values() if message["role"] == "user")
                assert question["text"] == "the first question"
                answer = answer_of(client)
                assert answer["state"] == "interrupted"
                assert answer["text"]
                assert "kept" in (answer["notice"] or "")
            async with tab(again, waiting.conversation) as client:
                if answer_of(client)["state"] != "complete":
                    await client.answer()
                assert answer_of(client)["state"] == "complete"


async def test_an_interrupted_answer_can_be_asked_for_again(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url) as app, tab(app) as client:
        ollama.gate.clear()
        await client.ask("a question")
        writing = await client.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
        await client.send(t="stop", message=writing["message"])
        stopped = await client.answer()
        await client.send(t="again", message=stopped["id"])
        await client.until(lambda frame: frame["t"] == "conversation")
        ollama.gate.set()  # over before it was shown, it would come with the conversation
        whole = await client.answer()
        assert whole["state"] == "complete"
        assert whole["id"] != stopped["id"]
