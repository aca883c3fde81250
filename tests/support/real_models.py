"""The small model under any name, served by llama.cpp as a server of its own: a second real one without a download."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from chatui.backends.embedded import find_model_file
from chatui.backends.embedded_child import ChildOrder
from tests.support.app import ROOT


@asynccontextmanager
async def real_model(name: str) -> AsyncIterator[str]:
    """Serve it under that name for the length of a block; gives the address."""
    order = ChildOrder(str(find_model_file()), name, slots=1, num_ctx=2048, threads=1, api_key="")
    command = (sys.executable, "-m", "chatui.backends.embedded_child")
    server = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=ROOT)
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        server.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        async with asyncio.timeout(60):
            told: dict[str, str] = json.loads(await server.stdout.readline())
        yield told["url"]
    finally:
        server.stdin.close()  # it lives for as long as that stays open
        await server.wait()
