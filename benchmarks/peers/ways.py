"""What stands between the people and the model server, each at the best settings that its documentation names."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.gateway.door import Door
from benchmarks.gateway.places import litellm
from benchmarks.peers.pace import SCRIPTED, SLOTS
from benchmarks.peers.people import app_for
from benchmarks.peers.trace import MODELS, person
from benchmarks.processes import PEERS, free_port, serving
from benchmarks.scheduling.workload import Ask
from chatui.domain.jobs import Priority

PEOPLE = 10
OURS = "Samovar"


@dataclass(frozen=True)
class Way:
    """How each question is asked; `turn` is held from before it is sent to its end."""

    door: Callable[[Ask], Door]
    turn: AbstractAsyncContextManager[Any] = field(default_factory=nullcontext)


Opened = AbstractAsyncContextManager[Way | None]
"""None where `make bench-peers` was not run."""


@asynccontextmanager
async def _direct(backend: str, _scratch: Path) -> AsyncIterator[Way | None]:
    yield Way(lambda ask: Door("direct", backend, "/api/chat", ask.model))


@asynccontextmanager
async def _semaphore(backend: str, _scratch: Path) -> AsyncIterator[Way | None]:
    """As many at a time as the server has slots, in the order of asking."""
    yield Way(lambda ask: Door("semaphore", backend, "/api/chat", ask.model), asyncio.Semaphore(SLOTS))


@asynccontextmanager
async def _bastion(backend: str, scratch: Path) -> AsyncIterator[Way | None]:
    program = PEERS / "bastion" / "bin" / "bastion"
    if not program.exists():
        yield None
        return
    config, port = scratch / "broker.yaml", free_port()
    config.write_text(json.dumps(_bastion_config(port, int(backend.rpartition(":")[2]))))
    command = (program, "--config", config, "--log-level", "ERROR")
    url = f"http://127.0.0.1:{port}"
    async with serving(command, scratch, {}, until=f"{url}/api/tags"):
        yield Way(lambda ask: Door("bastion-broker", url, "/api/chat", ask.model, headers=(_tier(ask.priority),)))


def _tier(priority: Priority) -> str:
    tiers = {Priority.HIGH: "interactive", Priority.NORMAL: "agent", Priority.LOW: "background"}
    return f"X-Broker-Priority: {tiers[priority]}"


def _bastion_config(port: int, backend_port: int) -> dict[str, Any]:
    """Its waits are compressed as the trace is; what brakes swaps to spare a graphics card is off, and nobody is shed.

    It is told that both models fit, and leaves it to the server to swap them: after an unload of its own it would wait
    ten seconds for a graphics card to tell of free memory, and there is none. JSON is YAML, too.
    """
    return {
        "server": {"host": "127.0.0.1", "port": port},
        "ollama": {"host": "127.0.0.1", "port": backend_port},
        "gpu": {"total_vram_gb": 64.0, "headroom_gb": 0.0, "hardware_gate_fail_mode": "open"},
        "models": {model: {"vram_gb": 6.0} for model in MODELS},
        "proxy": {"inference_timeout_seconds": 3600.0, "queue_timeout_seconds": 3600.0},
        "scheduler": {
            "cooldown_seconds": 0.0,
            "aging_rate": 2.0 * SCRIPTED.speed,
            "loop_interval_seconds": 0.1 / SCRIPTED.speed,
            "residency_cache_ttl_seconds": 1.0 / SCRIPTED.speed,
            "swap_rate_warn_cooldown_seconds": 0.0,
            "swap_rate_critical_cooldown_seconds": 0.0,
            "max_concurrent_dispatches": SLOTS,
            "concurrent_dispatch_delay_seconds": 0.0,
            "queue_ttl_seconds": 3600.0,
            "swap_brake": {"enabled": False},
        },
        "thrashing_detection": {"enabled": False},
    }


@asynccontextmanager
async def _herd(backend: str, scratch: Path) -> AsyncIterator[Way | None]:
    programs = PEERS / "herd" / "bin"
    if not (programs / "herd").exists():
        yield None
        return
    url = f"http://127.0.0.1:{free_port()}"
    router = (programs / "herd", "--host", "127.0.0.1", "--port", url.rpartition(":")[2], "--log-level", "ERROR")
    node = (programs / "herd-node", "--ollama-host", backend, "--router-url", url, "--log-level", "ERROR")
    async with (
        serving(router, scratch, _HERD_ENVIRONMENT, until=f"{url}/fleet/status"),
        serving(node, scratch, _HERD_ENVIRONMENT, until=f"{url}/api/tags", says=MODELS[0]),
    ):
        yield Way(lambda ask: Door("ollama-herd", url, "/api/chat", ask.model))


# An answer comes from the model that was asked; nothing is pulled, preloaded, or told to its makers.
_HERD_ENVIRONMENT = {
    "FLEET_VRAM_FALLBACK": "false",
    "FLEET_AUTO_PULL": "false",
    "FLEET_DISABLE_MODEL_PRELOADER": "true",
    "FLEET_FLEET_INTELLIGENCE": "false",
    "FLEET_NODE_TELEMETRY": "false",
    "FLEET_NODE_HEARTBEAT_INTERVAL": "0.5",
    "OLLAMA_NUM_PARALLEL": str(SLOTS),
}


@asynccontextmanager
async def _litellm(backend: str, scratch: Path) -> AsyncIterator[Way | None]:
    async with litellm(backend, scratch, MODELS) as proxy:
        if proxy is None:
            yield None
            return

        def door(ask: Ask) -> Door:
            priority = (("priority", int(ask.priority)),)
            return Door("LiteLLM's proxy", proxy.url, "/v1/chat/completions", ask.model, proxy.key, fields=priority)

        yield Way(door)


@asynccontextmanager
async def _ours(backend: str, scratch: Path) -> AsyncIterator[Way | None]:
    """The app as it is started by anybody, with as many workers as slots."""
    async with app_for(scratch / "data", PEOPLE, SCRIPTED, "--backend", f"ollama={backend}") as (url, keys):
        yield Way(lambda ask: Door(OURS, url, "/api/chat", ask.model, keys[person(ask), ask.priority]))


WAYS: Mapping[str, Callable[[str, Path], Opened]] = MappingProxyType(
    {
        "direct": _direct,
        "semaphore": _semaphore,
        "bastion-broker": _bastion,
        "ollama-herd": _herd,
        "LiteLLM's proxy": _litellm,
        OURS: _ours,
    },
)
