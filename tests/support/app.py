"""The real app as a subprocess, the way a person starts it, and a tab on its live line."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import websockets

ROOT = Path(__file__).parents[2]
Frame = dict[str, Any]


def clean_environment() -> dict[str, str]:
    """The environment without what a developer's machine may say about models."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("SAMOVAR_", "OLLAMA_"))}


@dataclass
class AppProcess:
    """A started app: its process, its address, and what it said at the start."""

    process: asyncio.subprocess.Process
    url: str
    greeting: list[str]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.process.terminate()

    async def wait(self) -> int:
        return await self.process.wait()


async def start_app(data: Path, *flags: str, port: int = 0) -> AppProcess:
    """Start the app and return once it serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "app.py",
        "--data",
        str(data),
        "--port",
        str(port),
        *flags,
        cwd=ROOT,
        env=clean_environment(),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(60):
        while not any(" on http://" in line for line in lines):
            line = (await process.stdout.readline()).decode().strip()
            assert line or process.returncode is None, "the app ended before it served"
            lines.append(line)
        lines.append((await process.stdout.readline()).decode().strip())
    url = next(line for line in lines if " on http://" in line).rpartition(" ")[2]
    return AppProcess(process, url, lines)


@asynccontextmanager
async def running_app(data: Path, *flags: str, port: int = 0) -> AsyncIterator[AppProcess]:
    """The app for the length of a block; ended at its end, politely first."""
    app = await start_app(data, *flags, port=port)
    try:
        yield app
    finally:
        if app.process.returncode is None:
            app.terminate()
        try:
            async with asyncio.timeout(40):
                await app.wait()
        except TimeoutError:
            app.kill()
            await app.wait()


async def run_to_end(*flags: str) -> tuple[int, str]:
    """Run the app with flags that cannot work; tell its exit status and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "app.py",
        *flags,
        cwd=ROOT,
        env=clean_environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@dataclass
class TabClient:
    """A tab without a browser: speaks the line's protocol and keeps what it was shown."""

    socket: websockets.ClientConnection
    frames: list[Frame] = field(default_factory=list)
    messages: dict[str, Frame] = field(default_factory=dict)
    lines: list[Frame] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    conversation: str | None = None

    async def send(self, **frame: object) -> None:
        await self.socket.send(json.dumps(frame))

    async def ask(self, text: str, conversation: str | None = None, model: str | None = None) -> str:
        """Send a question; tells its key."""
        key = str(uuid4())
        await self.send(t="ask", key=key, conversation=conversation, text=text, model=model)
        return key

    async def until(self, seen: Callable[[Frame], object], limit_s: float = 60) -> Frame:
        """Read on until a frame is seen."""
        async with asyncio.timeout(limit_s):
            while True:
                frame = await self.read()
                if seen(frame):
                    return frame

    async def read(self) -> Frame:
        frame: Frame = json.loads(await self.socket.recv())
        self.frames.append(frame)
        match frame["t"]:
            case "asked":
                self.conversation = frame["conversation"]
            case "conversation":
                self.conversation = frame["id"]
                self.messages = {message["id"]: message for message in frame["messages"]}
            case "message":
                self.messages[frame["message"]["id"]] = frame["message"]
            case "live" if frame.get("line"):
                self.lines.append(frame["line"])
        return frame

    async def answer(self, limit_s: float = 60) -> Frame:
        """Wait for an answer that is over."""
        frame = await self.until(
            lambda frame: (
                frame["t"] == "message" and frame["message"]["role"] == "assistant" and _is_over(frame["message"])
            ),
            limit_s,
        )
        message: Frame = frame["message"]
        return message


def _is_over(message: Frame) -> bool:
    return message["role"] == "assistant" and message["state"] not in {"waiting", "streaming"}


@asynccontextmanager
async def tab(url: str, conversation: str | None = None, resume: str | None = None) -> AsyncIterator[TabClient]:
    """A tab that has said hello and was shown what it asked for."""
    async with websockets.connect(f"{url.replace('http', 'ws', 1)}/live", max_size=None) as socket:
        client = TabClient(socket)
        await client.send(t="hello", language="en", conversation=conversation, resume=resume)
        await client.until(lambda frame: frame["t"] == "conversation")
        yield client
