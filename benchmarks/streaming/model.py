"""A model server that writes numbered tokens at a steady rate and knows when it wrote each."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any

from tests.support.fault_server import STREAM_HEAD, Fault, chunk
from tests.support.faulty_ollama import DONE, FaultyOllama, line

TOKENS_PER_SECOND = 30
_ASKED = re.compile(r"stream (\d+) of (\d+) tokens")


def question(stream: int, tokens: int) -> str:
    """What a person asks to get the stream of that number."""
    return f"stream {stream} of {tokens} tokens"


def tokens(count: int) -> Iterator[str]:
    """Text as models write it: paragraphs, lists, code. The token of number n reads xnx."""
    for number in range(count):
        section, place = divmod(number, 60)
        match section % 4:
            case 2 if place % 12 == 0:
                yield f"\n- x{number}x "
            case 3 if place == 0:
                yield f"\n\n```python\nx{number}x = "
            case 3 if place == 59:
                yield f"x{number}x\n```\n\n"
            case 3:
                yield f"x{number}x\n" if place % 10 == 9 else f"x{number}x + "
            case _:
                yield ("\n\n" if place == 0 else "") + (f"**x{number}x**, " if place % 15 == 14 else f"x{number}x ")


class SteadyModel(FaultyOllama):
    """Writes the stream that is asked for. `written` has the moments of its tokens, by stream."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[int, list[float]] = {}

    def _chat(self, body: dict[str, Any]) -> Fault:
        asked = _ASKED.search(body["messages"][-1]["content"]) if body["messages"] else None
        return self._stream(*map(int, asked.groups())) if asked else super()._chat(body)

    def _stream(self, stream: int, count: int) -> Fault:
        async def play(writer: asyncio.StreamWriter) -> None:
            moments = self.written[stream] = []
            writer.write(STREAM_HEAD)
            begin = time.perf_counter()
            for number, token in enumerate(tokens(count)):
                await asyncio.sleep(begin + number / TOKENS_PER_SECOND - time.perf_counter())
                moments.append(time.perf_counter())
                writer.write(chunk(line(token)))
            writer.write(chunk(DONE) + b"0\r\n\r\n")
            await writer.drain()

        return play
