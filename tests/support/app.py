"""The real app as a subprocess, the way a person starts it, and a tab on its live line."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Protocol
from uuid import uuid4

import httpx
import websockets

from storage.engines import sqlite_module
from tests.support.forked import PROGRAM, Forked
from tests.support.fresh import furnish

ROOT = Path(__file__).parents[2]
Frame = dict[str, Any]
STDOUT, STDERR = 1, 2
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

    process: Forked
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


async def start_app(data: Path, *flags: str, port: int = 0, program: Path = PROGRAM) -> AppProcess:
    """Start the app and return once it serves."""
    await asyncio.to_thread(furnish, data)
    has_admin = await asyncio.to_thread(_has_admin, data / "samovar.db")
    with NamedTemporaryFile() as console:
        arguments = ("--data", str(data), "--port", str(port), *flags)
        process = await Forked.start(arguments, clean_environment(), {STDOUT: Path(console.name)}, program=program)
        try:
            lines = await _greeting(process, Path(console.name), "code=" if not has_admin else "")
        except BaseException:
            process.kill()
            raise
    url = next(line for line in lines if " on http://" in line).rpartition(" ")[2]
    app = AppProcess(process, url, lines)
    app.cookie = await _enter(app)
    return app


async def _greeting(process: Forked, console: Path, last: str) -> list[str]:
    """What is said at the start: where it serves, what answers, and what holds `last`."""
    async with asyncio.timeout(60):
        while True:
            *lines, _ = (await asyncio.to_thread(console.read_text)).split("\n")
            at = next((at for at, line in enumerate(lines) if " on http://" in line), len(lines))
            if lines[at + 1 :] and last in lines[-1]:
                return lines
            assert process.returncode is None, "the app ended before it served"
            await asyncio.sleep(0.01)


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
async def running_app(data: Path, *flags: str, port: int = 0, program: Path = PROGRAM) -> AsyncIterator[AppProcess]:
    """The app for the length of a block; ended at its end, politely first."""
    app = await start_app(data, *flags, port=port, program=program)
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


async def run_to_end(*arguments: str, says: str = "") -> tuple[int, str]:
    """Run the program to its end; tell its exit status and what it wrote."""
    with NamedTemporaryFile() as console:
        told = Path(console.name)
        process = await Forked.start(arguments, clean_environment(), {STDOUT: told, STDERR: told}, says)
        try:
            async with asyncio.timeout(180):
                status = await process.wait()
        finally:
            process.kill()
        return status, await asyncio.to_thread(told.read_text)


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

    async def ask(
        self, text: str, conversation: str | None = None, model: str | None = None, files: Sequence[str] = ()
    ) -> str:
        """Send a question; tells its key."""
        key = str(uuid4())
        await self.send(t="ask", key=key, conversation=conversation, text=text, model=model, files=list(files))
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
        max_queue=None,  # what nobody takes must not keep the closing from being heard
    ) as socket:
        client = TabClient(socket)
        await client.send(t="hello", language="en", conversation=conversation, resume=resume)
        await client.until(lambda frame: frame["t"] == "conversation")
        yield client
