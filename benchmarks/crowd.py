"""The people and the model server of the soak, as a process of their own: started by `benchmarks.soak`.

First it prints the model server's URL. Then it reads lines of `<port> <seconds> <cookie>,<cookie>...`: for so long
people ask the app at that port, each in a tab with a session of theirs, and the number of answers that ended is
printed. One answer in ten meets a fault, and one in twenty is stopped.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from dataclasses import dataclass

from tests.support.app import Frame, tab
from tests.support.fault_server import Fault, chunk, error_reply, raw, reset_after, stream
from tests.support.faulty_ollama import DONE, LINES, FaultyOllama, line, some

PEOPLE = 12
QUESTIONS_A_CONVERSATION = 5
STOPPED = 1 / 20
TOKENS = 40
TOKEN_S = 0.005
PAUSE_S = 0.7  # on average, between an answer and the next question

FAULTS: tuple[Fault, ...] = (
    raw(b""),
    raw(some(3)),
    reset_after(some(3)),
    stream(*LINES[:3]),
    stream(*LINES[:3], b'{"error":"an error was encountered while running the model: EOF"}\n'),
    error_reply(503, "server busy, please try again.  maximum pending requests exceeded"),
    error_reply(500, "something that nobody has seen before"),
)


async def _write_slowly(writer: asyncio.StreamWriter) -> None:
    writer.write(some(1))
    for number in range(TOKENS):
        await asyncio.sleep(TOKEN_S)
        writer.write(chunk(line(f"word {number} ")))
        await writer.drain()
    writer.write(chunk(DONE) + b"0\r\n\r\n")
    await writer.drain()


def _sometimes_faulty(rng: random.Random) -> Fault:
    async def play(writer: asyncio.StreamWriter) -> None:
        await (rng.choice(FAULTS) if rng.random() < 0.1 else _write_slowly)(writer)

    return play


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where the app is, and a session of it."""

    url: str
    cookie: str


async def _person(entrance: Entrance, until: float, rng: random.Random) -> int:
    """Ask until the time is over; tells how many answers ended."""
    ended = 0
    known: set[str] = set()  # an end may be told twice: by who shows the question, and by who follows the answer

    def over(frame: Frame) -> bool:
        return _over(frame) and frame["message"]["id"] not in known

    def begun_or_over(frame: Frame) -> bool:
        return frame["t"] == "live" or over(frame)

    while time.monotonic() < until:
        async with tab(entrance) as client:
            conversation = None
            for _ in range(QUESTIONS_A_CONVERSATION):
                await client.ask(f"question {rng.random()}", conversation)
                seen = await client.until(begun_or_over if rng.random() < STOPPED else over, 300)
                if seen["t"] == "live":
                    await client.send(t="stop", message=seen["message"])
                    seen = await client.until(over, 300)
                known.add(seen["message"]["id"])
                ended += 1
                conversation = client.conversation
                client.frames.clear()
                if time.monotonic() >= until:
                    break
                await asyncio.sleep(rng.uniform(0, 2 * PAUSE_S))
    return ended


def _over(frame: Frame) -> bool:
    if frame["t"] == "refused":
        raise AssertionError(frame["sentence"])
    message: Frame = frame["message"] if frame["t"] == "message" else {}
    return message.get("role") == "assistant" and message["state"] not in {"waiting", "streaming"}


async def main() -> None:
    """Serve the model, and ask whenever told to."""
    rng = random.Random(1)
    server = FaultyOllama(always=_sometimes_faulty(rng))
    await server.start()
    print(server.url, flush=True)
    while order := await asyncio.to_thread(sys.stdin.readline):
        port, seconds, cookies = order.split()
        until = time.monotonic() + float(seconds)
        entrances = [Entrance(f"http://127.0.0.1:{port}", cookie) for cookie in cookies.split(",")]
        people = (_person(entrance, until, rng) for entrance in entrances)
        print(sum(await asyncio.gather(*people)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
