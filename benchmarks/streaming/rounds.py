"""Rounds: so many people watch for a while, on a server whose use of the processor is measured meanwhile."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks.streaming.crowd import Outcome

ASKS_PER_SECOND = 12


@dataclass(frozen=True, slots=True)
class Round:
    """What so many people saw, and how much of one core the server took for it."""

    people: int
    seen: Outcome
    core_share: float


@asynccontextmanager
async def started(*command: str) -> AsyncIterator[tuple[Process, str]]:
    """A module as a process, with the first line that it says; it is ended at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, stdin=PIPE, stdout=PIPE, limit=16 * 2**20
    )
    try:
        yield process, await line_of(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def play(crowd: Process, server: int, pages: Sequence[dict[str, Any]], seconds: float) -> Round:
    """Have the crowd watch at those pages of the server with that process id, each for so long."""
    ramp_s = len(pages) / ASKS_PER_SECOND
    order = {"pages": pages, "seconds": seconds, "ramp_s": ramp_s}
    assert crowd.stdin is not None
    crowd.stdin.write(json.dumps(order).encode() + b"\n")
    await line_of(crowd)
    used = await _core_share(server, seconds)
    return Round(len(pages), Outcome(**json.loads(await line_of(crowd))), used)


async def line_of(process: Process) -> str:
    """Read the next line that a process prints; raises `AssertionError` when it is gone."""
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().strip()
    if not line:
        raise AssertionError("a process of the benchmark ended before its time")
    return line


async def _core_share(server: int, seconds: float) -> float:
    process = psutil.Process(server)
    before = process.cpu_times()
    await asyncio.sleep(seconds)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / seconds
