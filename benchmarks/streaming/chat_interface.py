"""A plain `gr.ChatInterface` over the same model server and with the same history, as a process of its own.

It prints as JSON what `GradioPage` needs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
import httpx

from benchmarks.streaming.history import ANSWER, HISTORY, QUESTION
from tests.support.faulty_ollama import MODEL


async def main(model_url: str) -> None:
    """Serve until ended."""
    async with httpx.AsyncClient(base_url=model_url, timeout=None, limits=httpx.Limits(max_connections=None)) as http:  # noqa: S113 - it is ended from outside

        async def answer(message: str, history: list[dict[str, Any]]) -> AsyncIterator[str]:
            said = [{"role": turn["role"], "content": turn["content"]} for turn in history[-20:]]
            body = {"model": MODEL, "messages": [*said, {"role": "user", "content": message}]}
            text = ""
            async with http.stream("POST", "/api/chat", json=body) as reply:
                async for line in reply.aiter_lines():
                    text += json.loads(line)["message"]["content"]
                    yield text

        turns = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}] * (HISTORY // 2)
        chat = gr.ChatInterface(answer, chatbot=gr.Chatbot(value=turns), concurrency_limit=None)
        chat.queue(max_size=None)
        _, url, _ = chat.launch(prevent_thread_lock=True, quiet=True, server_port=None)
        numbers = {function.fn.__name__: number for number, function in chat.fns.items() if function.fn}
        print(
            json.dumps(
                {"url": url.rstrip("/"), "save": numbers["_clear_and_save_textbox"], "stream": numbers["_submit_fn"]}
            ),
            flush=True,
        )
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
