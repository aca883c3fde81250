"""A busy app: one answer that stands still while it is written, and questions that wait behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.app import AppProcess, Frame, TabClient, running_app, tab
from tests.support.ollama_server import OllamaServer

MODEL = "llama3.2:1b"
QUEUE = "/admin/queue"


def has_text(frame: Frame) -> bool:
    return frame["t"] == "live" and bool(frame.get("tail"))


def waits_at(position: int | None, turn: str = "turn") -> Callable[[Frame], bool]:
    def seen(frame: Frame) -> bool:
        line = frame.get("line") or {}
        return frame["t"] == "live" and line.get("turn") == turn and (position is None or line["position"] == position)

    return seen


@dataclass
class House:
    """An app with one worker, the server that it asks, and an admin's line to it."""

    app: AppProcess
    ollama: OllamaServer
    admin: httpx.AsyncClient

    async def queue(self) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.admin.get(QUEUE)).json()
        return shown

    async def clear(self) -> None:
        """Leave nothing behind for the next test."""
        if self.app.process.returncode is not None:
            return
        self.ollama.gate.set()
        await self.admin.post(f"{QUEUE}/resume")
        queue = await self.queue()
        for job in queue["waiting"] + queue["running"]:
            await self.admin.post(f"{QUEUE}/jobs/{job['id']}/stop")


@asynccontextmanager
async def open_house(folder: Path, *flags: str) -> AsyncIterator[House]:
    async with OllamaServer() as ollama, serving(folder, ollama, *flags) as house:
        yield house


@asynccontextmanager
async def serving(folder: Path, ollama: OllamaServer, *flags: str) -> AsyncIterator[House]:
    """The app before a server that outlives it."""
    async with (
        running_app(folder, "--backend", ollama.url, "--workers", "1", *flags) as app,
        httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60) as admin,
    ):
        yield House(app, ollama, admin)


@dataclass
class Rush:
    """One answer that stands still while it is written, and questions that wait behind it, each in a tab."""

    house: House
    first: TabClient
    waiting: Sequence[TabClient]
    answers: Sequence[str]
    asked_before: int

    @property
    def gate(self) -> asyncio.Event:
        return self.house.ollama.gate

    def asked(self) -> list[str]:
        """What the model was asked, in order."""
        asked = [body["messages"][-1]["content"] for body in self.house.ollama.bodies("/api/chat") if body["messages"]]
        return asked[self.asked_before :]


@asynccontextmanager
async def rush(house: House, *questions: str) -> AsyncIterator[Rush]:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(house.clear)
        house.ollama.gate.clear()
        busy = Rush(house, await stack.enter_async_context(tab(house.app)), [], [], 0)
        busy.asked_before = len(busy.asked())
        await busy.first.ask("first", model=MODEL)
        await busy.first.until(has_text)
        for position, question in enumerate(questions, 1):
            client = await stack.enter_async_context(tab(house.app))
            await client.ask(question, model=MODEL)
            seen = await client.until(waits_at(position))
            busy.waiting = [*busy.waiting, client]
            busy.answers = [*busy.answers, seen["message"]]
        yield busy
