"""The whole app killed at random moments while people ask: what was acknowledged is there, and goes on in its order."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import websockets

from storage.engines import sqlite_module
from tests.support.app import AppProcess, running_app, start_app, tab
from tests.support.ollama_server import OllamaScript, OllamaServer

ROUNDS, LONG_ROUNDS = 5, 100
PEOPLE = 4
SCRIPT = OllamaScript(tokens_per_second=100, parallel=2)
FLAGS = ("--workers", "2")
MOST_LOST_S = 1.0
TAGS = re.compile(r"<[^>]+>")


@dataclass
class Seen:
    """What the people were told before the app died: acknowledged questions, and the text on their pages, with when."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    texts: dict[str, list[tuple[float, int]]] = field(default_factory=dict)

    def text(self, frame: dict[str, Any]) -> None:
        """Note how long the text of an answer is on the page: one paragraph, drawn anew or added to."""
        times = self.texts.setdefault(frame["message"], [(0.0, 0)])
        drawn = frame.get("tail")
        length = times[-1][1] + len(frame.get("append", "")) if drawn is None else len(TAGS.sub("", drawn).strip())
        times.append((time.monotonic(), length))


async def ask_on(app: AppProcess, seen: Seen, rng: random.Random) -> None:
    """Ask one question after the other until the line breaks."""
    with suppress(websockets.WebSocketException, OSError, TimeoutError):
        async with tab(app) as client:
            while True:
                text = f"question {uuid4()}, tokens={rng.randrange(20, 300)}"
                key = await client.ask(text)
                while True:
                    frame = await client.read()
                    note(frame, key, text, seen)
                    if frame["t"] == "message" and over(frame["message"]):
                        break


def note(frame: dict[str, Any], key: str, text: str, seen: Seen) -> None:
    match frame["t"]:
        case "asked" if frame["key"] == key:
            seen.acknowledged[key] = text
        case "live":
            seen.text(frame)


def over(message: dict[str, Any]) -> bool:
    return message["role"] == "assistant" and message["state"] not in {"waiting", "streaming"}


@dataclass(frozen=True)
class Kept:
    """What the database holds right after a death."""

    questions: dict[str, str]
    answers: dict[str, int]
    queued: list[int]


def read(data: Path) -> Kept:
    """Look at the database as it was left, and check it."""
    with closing(sqlite_module().connect(data / "samovar.db")) as driver:
        assert driver.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert driver.execute("PRAGMA foreign_key_check").fetchall() == []
        questions = driver.execute("SELECT id, content FROM message WHERE role = 'user'").fetchall()
        answers = driver.execute("SELECT id, length(content) FROM message WHERE role = 'assistant'").fetchall()
        queued = driver.execute("SELECT arrival FROM job WHERE state = 'queued' ORDER BY arrival").fetchall()
    return Kept(dict(questions), dict(answers), [arrival for (arrival,) in queued])


class Disk:
    """How long a small write took at most while the app lived: on a machine that hesitates, more was under way."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "hesitation"
        self._over = asyncio.Event()
        self._watching = asyncio.create_task(self._watch())
        self._longest_s = 0.0

    async def longest_s(self) -> float:
        self._over.set()
        await self._watching
        return self._longest_s

    async def _watch(self) -> None:
        while not self._over.is_set():
            begun_at = time.monotonic()
            await asyncio.to_thread(self._write)
            self._longest_s = max(self._longest_s, time.monotonic() - begun_at)
            await asyncio.sleep(0.02)

    def _write(self) -> None:
        with self._file.open("wb") as file:
            file.write(b"tea")
            os.fsync(file.fileno())


def bare(identifier: str) -> str:
    return identifier.replace("-", "")


def check_round(seen: Seen, kept: Kept, saved_at: float) -> None:
    """What was acknowledged is kept, and so is what was on a page at that time."""
    lost = {key: text for key, text in seen.acknowledged.items() if kept.questions.get(bare(key)) != text}
    assert lost == {}
    for message, lengths in seen.texts.items():
        shown = max(length for at, length in lengths if at < saved_at)
        assert kept.answers[bare(message)] >= shown


async def one_life(data: Path, ollama: OllamaServer, rng: random.Random) -> None:
    """Start the app, have people ask, kill it at a random moment, and look at what is left."""
    app = await start_app(data, "--backend", ollama.url, *FLAGS)
    seen, disk = Seen(), Disk(data.parent)
    people = [asyncio.create_task(ask_on(app, seen, rng)) for _ in range(PEOPLE)]
    await asyncio.sleep(rng.uniform(0.05, 2.5))
    app.kill()
    died_at = time.monotonic()
    await app.wait()
    await asyncio.gather(*people)
    saved_at = died_at - MOST_LOST_S - await disk.longest_s()
    check_round(seen, await asyncio.to_thread(read, data), saved_at)


async def settled(data: Path, ollama: OllamaServer) -> None:
    """Start once more and wait until nothing waits; then what was queued has been answered in its order."""
    queued = (await asyncio.to_thread(read, data)).queued
    async with running_app(data, "--backend", ollama.url, *FLAGS) as app, tab(app) as client:
        await client.ask("the last question")
        assert (await client.answer())["state"] == "complete"
    rows = await asyncio.to_thread(finished, data)
    assert {state for _, state, _ in rows} <= {"done", "interrupted", "failed", "stopped"}
    begun = [arrival for arrival, _, _ in sorted(rows, key=lambda row: row[2]) if arrival in queued]
    assert begun == sorted(begun)


def finished(data: Path) -> list[tuple[int, str, str]]:
    with closing(sqlite_module().connect(data / "samovar.db")) as driver:
        rows = driver.execute("SELECT arrival, state, coalesce(started_at, '') FROM job").fetchall()
        return [(arrival, state, started) for arrival, state, started in rows]


async def killed(data: Path, rounds: int) -> None:
    rng = random.Random(rounds)
    async with OllamaServer(SCRIPT) as ollama:
        for _ in range(rounds):
            await one_life(data, ollama, rng)
        await settled(data, ollama)


@pytest.mark.broad
async def test_killed_at_random_moments(tmp_path: Path) -> None:
    await killed(tmp_path / "data", ROUNDS)


@pytest.mark.long
@pytest.mark.timeout(3_600)
async def test_killed_at_random_moments_many_times(tmp_path: Path) -> None:
    await killed(tmp_path / "data", LONG_ROUNDS)


@pytest.mark.parametrize("drain_s", [0.5, pytest.param(25, marks=pytest.mark.long)])
async def test_sigterm_under_load(tmp_path: Path, drain_s: float) -> None:
    async with OllamaServer(SCRIPT) as ollama:
        ollama.gate.clear()
        app = await start_app(tmp_path, "--backend", ollama.url, *FLAGS, "--drain-seconds", str(drain_s))
        seen = Seen()
        people = [asyncio.create_task(ask_on(app, seen, random.Random(number))) for number in range(5)]
        async with asyncio.timeout(60):
            await ollama.until(lambda: ollama.generating == 2)
            while len(seen.acknowledged) < 5 or len(seen.texts) < 5:  # noqa: ASYNC110 - told over the line
                await asyncio.sleep(0.01)
        app.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(drain_s + 60):  # the answers that hold it up never end by themselves
            assert await app.wait() == 0
        await asyncio.gather(*people)
    rows = await asyncio.to_thread(finished, tmp_path)
    assert sorted(state for _, state, _ in rows) == ["interrupted"] * 2 + ["queued"] * 3
    kept = await asyncio.to_thread(read, tmp_path)
    assert sorted(length > 0 for length in kept.answers.values()) == [False] * 3 + [True] * 2
