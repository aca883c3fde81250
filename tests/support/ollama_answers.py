"""What the scripted Ollama says: its models, and an answer token by token."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.support.ollama_memory import FOR_EVER

DEFAULT_CONTEXT = 4096
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
WORDS = ("the", "kettle", "sings", "while", "tea", "grows", "dark", "and", "every", "guest", "gets", "a", "cup")


@dataclass(frozen=True, slots=True)
class ScriptedModel:
    """A model on the server's disk."""

    name: str
    size_bytes: int = 1_000_000_000
    context_length: int = 8192
    parameters: str = "1B"
    quantization: str = "Q4_K_M"
    capabilities: tuple[str, ...] = ("completion",)


@dataclass(frozen=True, slots=True)
class OllamaScript:
    """How the server behaves. Rates of None mean at once."""

    models: tuple[ScriptedModel, ...] = (ScriptedModel("llama3.2:1b"), ScriptedModel("qwen3:1.7b"))
    version: str = "0.33.0"
    max_loaded: int = 3
    parallel: int = 1
    max_queue: int = 512
    load_seconds: float = 0.0
    prompt_tokens_per_second: float | None = None
    tokens_per_second: float | None = None
    answer_tokens: int = 8


class Refusal(Exception):
    """The server refuses with a status and Ollama's own text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Answer:
    """One answer: what the model says to a request, token by token."""

    def __init__(self, script: OllamaScript, model: ScriptedModel, body: dict[str, Any], load_seconds: float) -> None:
        self._script = script
        self._model = model
        self._load_seconds = load_seconds
        self.streamed = body.get("stream", True) is not False
        options = body.get("options") or {}
        self._prompt_tokens = sum(len(message["content"].split()) + 4 for message in body["messages"])
        self._context = int(options.get("num_ctx", DEFAULT_CONTEXT))
        self._wanted = wanted_tokens(body["messages"][-1]["content"], self._script.answer_tokens)
        self._limit = int(options.get("num_predict", -1))

    async def chunks(self) -> AsyncGenerator[dict[str, Any], None]:
        """Generate the lines of the stream."""
        self._refuse_oversize()
        started_at = now()
        await pause(self._prompt_tokens, self._script.prompt_tokens_per_second)
        read_at = now()
        count = self._wanted if self._limit < 0 else min(self._wanted, self._limit)
        thinking = 2 if "thinking" in self._model.capabilities else 0
        for index in range(count):
            await pause(1, self._script.tokens_per_second)
            yield token_chunk(self._model.name, "thinking" if index < thinking else "content", index)
        yield {
            **last_chunk(self._model.name, "stop" if count == self._wanted else "length"),
            "total_duration": nanoseconds(self._load_seconds + now() - started_at),
            "load_duration": nanoseconds(self._load_seconds),
            "prompt_eval_count": self._prompt_tokens,
            "prompt_eval_duration": nanoseconds(read_at - started_at),
            "eval_count": count,
            "eval_duration": nanoseconds(now() - read_at),
        }

    async def whole(self) -> dict[str, Any]:
        """Generate the one object of a reply that is not streamed."""
        chunks = [chunk async for chunk in self.chunks()]
        content = "".join(chunk["message"]["content"] for chunk in chunks)
        return {**chunks[-1], "message": {"role": "assistant", "content": content}}

    def _refuse_oversize(self) -> None:
        if self._prompt_tokens > self._context:
            # llama-server's own error, as a text inside of Ollama's.
            text = f"request ({self._prompt_tokens} tokens) exceeds the available context size ({self._context} tokens)"
            inner = {"code": 400, "message": f"{text}, try increasing it", "type": "exceed_context_size_error"}
            raise Refusal(400, json.dumps({"error": inner}))


def now() -> float:
    return asyncio.get_running_loop().time()


async def pause(tokens: int, per_second: float | None) -> None:
    await asyncio.sleep(tokens / per_second if per_second else 0)


def nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)


def wanted_tokens(prompt: str, default: int) -> int:
    found = re.search(r"tokens=(\d+)", prompt)
    return int(found.group(1)) if found else default


def parse_keep_alive(value: Any) -> float | None:
    """Read a keep-alive: seconds, or a text such as `5m`; negative means for ever, None that none was sent."""
    if value is None:
        return None
    if isinstance(value, int | float):
        seconds = float(value)
    else:
        found = re.fullmatch(r"(-?\d+(?:\.\d+)?)(ms|s|m|h)", str(value))
        if not found:
            raise Refusal(400, f'time: missing unit in duration "{value}"')
        seconds = float(found.group(1)) * UNITS[found.group(2)]
    return FOR_EVER if seconds < 0 else seconds


def describe(model: ScriptedModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "model": model.name,
        "modified_at": "2026-08-21T10:00:00.123456789+02:00",
        "size": model.size_bytes,
        "digest": hashlib.sha256(model.name.encode()).hexdigest(),
        "capabilities": list(model.capabilities),
        "details": {
            "format": "gguf",
            "family": "llama",
            "parameter_size": model.parameters,
            "quantization_level": model.quantization,
            "context_length": model.context_length,
        },
    }


def show(model: ScriptedModel) -> dict[str, Any]:
    return {
        "details": describe(model)["details"],
        "model_info": {"general.architecture": "llama", "llama.context_length": model.context_length},
        "capabilities": list(model.capabilities),
        "parameters": "",
        "template": "{{ .Prompt }}",
    }


def stamp(model: str) -> dict[str, Any]:
    return {"model": model, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}


def token_chunk(model: str, field: str, index: int) -> dict[str, Any]:
    message = {"role": "assistant", "content": "", field: f"{WORDS[index % len(WORDS)]} "}
    return {**stamp(model), "message": message, "done": False}


def last_chunk(model: str, reason: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": ""}
    return {**stamp(model), "message": message, "done": True, "done_reason": reason}
