"""The real app as a subprocess, the way a person starts it, and a tab on its live line."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx
import websockets

from storage.engines import sqlite_module

ROOT = Path(__file__).parents[2]
Frame = dict[str, Any]
ADMIN, PASSWORD, COOKIE = "Ana", "a samovar for everybody", "samovar"


def clean_environment() -> dict[str, str]:
    """The environment without what a developer's machine may say about models."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("SAMOVAR_", "OLLAMA_"))}


class Entrance(Protocol):
    """Where an app is, and the session with which it is entered."""

    @property
    def url(self) -> str: ...

    @property
    def cookie(self) -> str: ...


@dataclass
class AppProcess:
    """A started app: its process, its address, and what it said at the start."""

    process: asyncio.subprocess.Process
    url: str
    greeting: list[str]
    cookie: str = ""

    @property
    def cookies(self) -> dict[str, str]:
        """Ana's, who runs the app."""
        return {COOKIE: self.cookie}

    @property
    def first_admin_code(self) -> str:
        """The code of the link on the console; empty when there is an admin already."""
        return next((line.rpartition("code=")[2] for line in self.greeting if "code=" in line), "")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.process.terminate()

    async def wait(self) -> int:
        return await self.process.wait()


async def start_app(data: Path, *flags: str, port: int = 0) -> AppProcess:
    """Start the app and return once it serves."""
    has_admin = await asyncio.to_thread(_has_admin, data / "samovar.db")
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
        # What answers, and as long as there is no admin, the link that makes one.
        lines.append((await process.stdout.readline()).decode().strip())
        while not has_admin and "code=" not in lines[-1]:
            lines.append((await process.stdout.readline()).decode().strip())
    url = next(line for line in lines if " on http://" in line).rpartition(" ")[2]
    app = AppProcess(process, url, lines)
    app.cookie = await _enter(app)
    return app


def _has_admin(database: Path) -> bool:
    if not database.exists():
        return False
    with closing(sqlite_module().connect(database)) as driver:
        query = "SELECT count(*) FROM account WHERE role = 'admin' AND password_hash IS NOT NULL"
        return bool(driver.execute(query).fetchone()[0])


async def _enter(app: AppProcess) -> str:
    """Sign Ana in, who is the first admin; gives her session's token."""
    async with httpx.AsyncClient(base_url=app.url, timeout=60) as http:
        claim = {"code": app.first_admin_code, "name": ADMIN, "password": PASSWORD}
        entered = await http.post("/first-admin", data=claim)
        if entered.status_code == httpx.codes.NOT_FOUND:  # the data directory has her already
            entered = await http.post("/sign-in", data={"name": ADMIN, "password": PASSWORD})
        assert entered.status_code == httpx.codes.SEE_OTHER, entered.text
        return entered.cookies[COOKIE]


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
            async with asyncio.timeout(60):
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
    try:
        async with asyncio.timeout(60):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
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
async def tab(app: Entrance, conversation: str | None = None, resume: str | None = None) -> AsyncIterator[TabClient]:
    """A tab that has said hello and was shown what it asked for."""
    cookie = {"cookie": f"{COOKIE}={app.cookie}"}
    async with websockets.connect(
        f"{app.url.replace('http', 'ws', 1)}/live",
        max_size=None,
        additional_headers=cookie,
        open_timeout=60,
        ping_interval=None,
    ) as socket:
        client = TabClient(socket)
        await client.send(t="hello", language="en", conversation=conversation, resume=resume)
        await client.until(lambda frame: frame["t"] == "conversation")
        yield client
