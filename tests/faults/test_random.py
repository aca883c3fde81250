"""Random sequences of faults, seeded: whatever comes, each question ends once and no slot is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from chatui.conversations.question import Asked
from tests.faults.invariants import check_invariants
from tests.support.assembly import QUICK, Assembly, Setup, assembled
from tests.support.fault_server import (
    STREAM_HEAD,
    Fault,
    error_reply,
    gzip_bomb,
    huge_line,
    raw,
    reply,
    reset_after,
    stall_after,
    stream,
)
from tests.support.faulty_ollama import DONE, LINES, TOKENS, FaultyOllama, faulty_ollama, some, whole_answer
from tests.support.fresh import furnish

SEQUENCES, LONG_SEQUENCES = 24, 504
TOGETHER = 8
LEAK_REQUESTS = 5_000
QUESTIONS = 12

TEXTS = (
    "llama-server process has terminated: exit status 1",
    "llama-server process has terminated: failed to allocate buffer",
    "timed out waiting for llama-server to start - ",
    "llama-server process no longer running: -1",
    "server busy, please try again.  maximum pending requests exceeded",
    "an error was encountered while running the model: unexpected EOF",
    "unable to load model: /models/x",
    'option "num_ctx" must be of type integer',
    "something that nobody has seen before",
)

Make = Callable[[random.Random], Fault]

QUICK_FAULTS: tuple[Make, ...] = (
    lambda rng: whole_answer,
    lambda rng: raw(b""),
    lambda rng: raw(some(rng.randrange(len(TOKENS)))),
    lambda rng: reset_after(b""),
    lambda rng: reset_after(some(rng.randrange(len(TOKENS)))),
    lambda rng: stream(*LINES[: rng.randrange(len(TOKENS))]),
    lambda rng: stream(*LINES[: rng.randrange(len(TOKENS))], LINES[0][: rng.randrange(1, 40)]),
    lambda rng: stream(
        *LINES[: rng.randrange(len(TOKENS))], b'{"error":"' + rng.choice(TEXTS[:8:2]).encode() + b'"}\n'
    ),
    lambda rng: stream(*LINES, DONE, *LINES),
    lambda rng: error_reply(rng.choice((400, 404, 500, 503)), rng.choice(TEXTS[:7])),
    lambda rng: error_reply(503, TEXTS[4], Retry_After=str(rng.randrange(70))),
    lambda rng: reply(rng.choice((200, 302, 404, 500, 502)), b"<html>", "text/html", Location="/"),
    lambda rng: gzip_bomb(1),
    lambda rng: huge_line(2),
)
SLOW_FAULTS: tuple[Make, ...] = (
    lambda rng: stall_after(b""),
    lambda rng: stall_after(STREAM_HEAD),
    lambda rng: stall_after(some(rng.randrange(len(TOKENS)))),
)


def script(server: FaultyOllama, rng: random.Random, count: int, slow: float) -> None:
    for _ in range(count):
        make = rng.choice(SLOW_FAULTS if rng.random() < slow else QUICK_FAULTS)
        server.chats.append(make(rng))
    server.loads.extend(error_reply(500, rng.choice(TEXTS)) for _ in range(rng.randrange(4)))


async def ask_at_random(assembly: Assembly, rng: random.Random, count: int) -> list[Asked]:
    """Several people ask for two models, at moments of their own, and stop one answer in eight."""
    people = [await assembly.person(name) for name in ("ada", "bob", "eve")]
    asked = []
    for number in range(count):
        user = rng.choice(people)
        asked.append(await assembly.ask(f"question {number}", user=user, model=rng.choice(("a", "b"))))
        if rng.random() < 1 / 8:
            await assembly.stop(rng.choice(asked))
        if rng.random() < 1 / 2:
            await asyncio.sleep(rng.random() * 0.005)
    return asked


async def play(data: Path, seed: int) -> None:
    furnish(data)
    rng = random.Random(seed)
    setup = Setup(workers=rng.randrange(1, 5), deadlines=QUICK, seed=seed)
    async with faulty_ollama("a", "b") as server, assembled(data, server.url, setup) as assembly:
        script(server, rng, QUESTIONS, slow=0.1)
        asked = await ask_at_random(assembly, rng, QUESTIONS)
        await assembly.over(*asked, seconds=60)
        await check_invariants(assembly)
        await server.until(lambda: server.playing == 0)


async def play_together(folder: Path, first: int) -> None:
    """Play sequences beside one another, each with a server and a database of its own: most of each is waiting."""
    async with asyncio.TaskGroup() as group:
        for seed in range(first, first + TOGETHER):
            group.create_task(play(folder / f"seed-{seed}", seed), name=f"seed {seed}")


@pytest.mark.parametrize("first", range(0, SEQUENCES, TOGETHER))
async def test_sequences_of_faults(tmp_path: Path, first: int) -> None:
    await play_together(tmp_path, first)


@pytest.mark.long
@pytest.mark.parametrize("first", range(SEQUENCES, LONG_SEQUENCES, TOGETHER))
async def test_many_sequences_of_faults(tmp_path: Path, first: int) -> None:
    await play_together(tmp_path, first)


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_thousands_of_faulted_questions_leave_no_slot_taken(data: Path) -> None:
    rng = random.Random(1)
    async with (
        faulty_ollama("a", "b") as server,
        assembled(data, server.url, Setup(workers=4, deadlines=QUICK)) as assembly,
    ):
        for _ in range(LEAK_REQUESTS // 50):
            server.chats.clear()
            script(server, rng, 50, slow=0.02)
            asked = await ask_at_random(assembly, rng, 50)
            await assembly.over(*asked, seconds=120)
            assert assembly.idle
            assert assembly.policy.waiting() == 0
            assembly.forget()
        await check_invariants(assembly)
        await server.until(lambda: server.playing == 0)
