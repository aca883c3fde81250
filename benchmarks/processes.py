"""Programs that are measured: started, waited for, and ended at the end of a block."""

from __future__ import annotations

import asyncio
import os
import socket
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
PEERS = ROOT / "build" / "peers"
"""Where `make bench-peers` puts what is compared with; each has an environment of its own."""

_STARTS_WITHIN_S = 180


@asynccontextmanager
async def serving(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], until: str, says: str = ""
) -> AsyncIterator[Process]:
    """A program in a folder of its own, which is also its home; entered once it `says` so at address `until`."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, "HOME": str(folder), **environment},
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        await _answers(until, says, process)
        yield process
    finally:
        await end(process)


async def end(process: Process) -> None:
    """End a process that may be over already."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def free_port() -> int:
    """Find a port of the loopback that nobody uses."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


async def _answers(url: str, says: str, process: Process) -> None:
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(_STARTS_WITHIN_S):
        while True:
            assert process.returncode is None, f"what was to serve {url} ended before it did"
            with suppress(httpx.HTTPError):
                answer = await http.get(url, timeout=5)
                if answer.is_success and says in answer.text:
                    return
            await asyncio.sleep(0.2)
