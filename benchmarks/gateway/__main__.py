"""What the app adds to the first token, what comes through it, and what it takes to have 500 clients wait.

`python -m benchmarks.gateway --json` prints tables; its last line is one flat JSON object. The same scripted Ollama is
asked directly, through the app in both APIs, and through LiteLLM's proxy where `make bench-peers` installed it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.gateway.door import Door
from benchmarks.gateway.measures import FirstTokens, first_tokens, throughput
from benchmarks.gateway.places import MODEL, OpenHouse, Proxy, Speed, litellm, model_server, open_house
from benchmarks.gateway.waiting import Crowd, crowd
from benchmarks.report import parser, table, tell, tell_figures

PEOPLE, CLIENTS = 10, 50
DIRECT, OURS = "direct", "Samovar"


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each is asked: rounds of first tokens, and rounds of so many answers for each client; who waits."""

    first_tokens: int = 300
    rounds: int = 2
    answers: int = 2
    waiting: int = 500


async def main(effort: Effort, scratch: Path) -> dict[str, float]:
    """Measure all of it in one run."""
    speed = Speed()
    async with (
        model_server(speed) as backend,
        open_house(scratch / "data", backend, PEOPLE, "--workers", str(speed.slots)) as home,
        litellm(backend, scratch) as proxy,
    ):
        doors = _doors(backend, home, proxy)
        firsts = await first_tokens(doors, effort.first_tokens)
        tell(_first_tokens_table(doors, firsts))
        ways = [[_of(door, home, number) for number in range(CLIENTS)] for door in doors]
        passed = await throughput(ways, effort.answers, effort.rounds)
        tell(_throughput_table(doors, passed))
    waited = await crowd(scratch, effort.waiting)
    tell(_crowd_sentence(waited))
    direct, ours = firsts[0], firsts[1]
    figures = {
        "added_first_token_p50_ms": ours.added_ms(direct, 50),
        "added_first_token_p95_ms": ours.added_ms(direct, 95),
        "throughput_vs_direct": passed[1] / passed[0],
        "waiting_clients_dropped": waited.clients - waited.served,
        "memory_per_waiting_client_kib": waited.memory_kib,
    }
    if proxy is not None:
        figures["litellm_added_first_token_p50_ms"] = firsts[-1].added_ms(direct, 50)
    return figures


def _doors(backend: str, home: OpenHouse, proxy: Proxy | None) -> list[Door]:
    key = home.keys[0]
    doors = [
        Door(DIRECT, backend, "/api/chat", MODEL),
        Door(f"{OURS}, Ollama's API", home.app.url, "/api/chat", MODEL, key),
        Door(f"{OURS}, OpenAI's API", home.app.url, "/v1/chat/completions", MODEL, key),
    ]
    if proxy is not None:
        doors.append(Door("LiteLLM's proxy", proxy.url, "/v1/chat/completions", MODEL, proxy.key))
    return doors


def _of(door: Door, home: OpenHouse, number: int) -> Door:
    """The door as one of many clients has it: those of the app are people of it in turn."""
    return replace(door, key=home.keys[number % PEOPLE]) if door.key in home.keys else door


def _first_tokens_table(doors: Sequence[Door], firsts: Sequence[FirstTokens]) -> str:
    rows = {}
    for door, first in zip(doors, firsts, strict=True):
        added = [f"{first.added_ms(firsts[0], percent):.1f}" for percent in (50, 95)]
        own = [f"{first.quantile_ms(percent):.1f}" for percent in (50, 95)]
        rows[door.name] = own + (["", ""] if door.name == DIRECT else added)
    return table("first token, ms", ("p50", "p95", "added p50", "added p95"), rows)


def _throughput_table(doors: Sequence[Door], passed: Sequence[float]) -> str:
    rows = {door.name: (f"{rate:.1f}", f"{rate / passed[0]:.3f}") for door, rate in zip(doors, passed, strict=True)}
    return table(f"{CLIENTS} clients at once", ("tokens/s", "of direct"), rows)


def _crowd_sentence(waited: Crowd) -> str:
    served = f"{waited.served} of {waited.clients} were served, {waited.memory_kib:.0f} KiB of memory each"
    return f"{waited.waited} clients waiting at once: {served}"


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--quick", action="store_true", help="a few of each: does it all still work?")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        chosen = Effort(first_tokens=20, rounds=1, answers=1, waiting=100) if arguments.quick else Effort()
        measured = asyncio.run(main(chosen, Path(directory)))
    if arguments.json:
        tell_figures(measured)
