"""What is measured, each a process of its own: a scripted Ollama, the app in front of it, and LiteLLM's proxy."""

from __future__ import annotations

import asyncio
import secrets
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import PEERS, ROOT, end, free_port, serving
from chatui.accounts.accounts import open_accounts
from chatui.accounts.keys import KeyWish
from chatui.domain.people import AccountRole, KeyScope, Principal
from storage.database import Database
from tests.support.app import ADMIN, PASSWORD, AppProcess, running_app

LITELLM = PEERS / "litellm" / "bin" / "litellm"
MODEL = "llama3.2:1b"


@dataclass(frozen=True, slots=True)
class Speed:
    """How the model server works: how many answers at once, and how fast each is written."""

    slots: int = 4
    tokens_per_s: float = 40.0


@dataclass(frozen=True, slots=True)
class OpenHouse:
    """A served app, and a key of each of its people."""

    app: AppProcess
    keys: Sequence[str]


@asynccontextmanager
async def model_server(speed: Speed) -> AsyncIterator[str]:
    """The scripted Ollama, with its model in memory; gives its address."""
    flags = ["--models", MODEL, "--parallel", str(speed.slots), "--tokens-per-second", str(speed.tokens_per_s)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.ollama_server", *flags, cwd=ROOT, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().strip()
    finally:
        await end(process)


@asynccontextmanager
async def open_house(data: Path, backend: str, people: int, *flags: str) -> AsyncIterator[OpenHouse]:
    """The app in front of a model server, with so many people who have a key each."""
    keys = await _keys(data, people)
    async with running_app(data, "--backend", f"ollama={backend}", *flags) as app:
        yield OpenHouse(app, keys)


@dataclass(frozen=True, slots=True)
class Proxy:
    """Another proxy, and the key to it."""

    url: str
    key: str


@asynccontextmanager
async def litellm(
    backend: str, scratch: Path, models: Sequence[str] = (MODEL,), backend_key: str = ""
) -> AsyncIterator[Proxy | None]:
    """LiteLLM's proxy, before Ollama, or with a key before a server of OpenAI's API; None where it is not installed."""
    if not LITELLM.exists():
        yield None
        return
    config = scratch / "litellm.yaml"
    config.write_text(
        "model_list:\n" + "".join(_litellm_model(model, backend, backend_key) for model in models) + _LITELLM_SETTINGS
    )
    proxy = Proxy(f"http://127.0.0.1:{free_port()}", f"sk-{secrets.token_hex(16)}")
    command = (LITELLM, "--config", config, "--host", "127.0.0.1", "--port", proxy.url.rpartition(":")[2])
    environment = {**_LITELLM_ENVIRONMENT, "LITELLM_MASTER_KEY": proxy.key}
    async with serving(
        (*command, "--telemetry", "False"), scratch, environment, until=f"{proxy.url}/health/liveliness"
    ):
        yield proxy


# What its page for production advises: one worker, production mode, errors alone in the log. Prices are not fetched,
# since nothing is paid for.
_LITELLM_ENVIRONMENT = {"LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}

_LITELLM_SETTINGS = """
litellm_settings:
  request_timeout: 600
  set_verbose: False
  json_logs: true
"""


def _litellm_model(model: str, backend: str, key: str) -> str:
    """Its page on Ollama advises the native chat."""
    return f"""
  - model_name: "{model}"
    litellm_params:
      model: "{"openai" if key else "ollama_chat"}/{model}"
      api_base: "{backend}"
{f'      api_key: "{key}"' if key else ""}
"""


async def _keys(data: Path, people: int) -> list[str]:
    """Make the admin of the data directory, and people with a key each."""
    database = await Database.open(data)
    try:
        accounts = await open_accounts(database, database.clocks, database.erase_deleted)
        try:
            await accounts.service.create_admin(ADMIN, PASSWORD)
            made = []
            for number in range(people):
                user = await accounts.service.create_account(f"Person {number}", PASSWORD, AccountRole.MEMBER)
                wish = KeyWish("benchmark", frozenset({KeyScope.ASK, KeyScope.QUEUE}))
                made.append((await accounts.keys.create(Principal(user, "console"), wish)).token)
            return made
        finally:
            await accounts.close()
    finally:
        await database.close()
