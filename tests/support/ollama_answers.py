"""What the scripted Ollama says: its models, and an answer token by token."""

from __future__ import annotations

import asyncio
import hashlib
import json
from base64 import b64decode
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.support.model_says import call_for, json_for, pieces_of, score_of, seen, words_for
from tests.support.ollama_checks import Refusal
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


class Answer:
    """One answer to a chat, or to a completion: what the model says, token by token."""

    def __init__(self, script: OllamaScript, model: ScriptedModel, body: dict[str, Any], load_seconds: float) -> None:
        self._script = script
        self._model = model
        self._body = body
        self._load_seconds = load_seconds
        self._is_chat = "messages" in body
        self._messages = body["messages"] if self._is_chat else [{"role": "user", "content": body["prompt"]}]
        self.streamed = body.get("stream", True) is not False
        options = body.get("options") or {}
        self._prompt_tokens = sum(len((message.get("content") or "").split()) + 4 for message in self._messages)
        self._context = int(options.get("num_ctx", DEFAULT_CONTEXT))
        self._limit = int(options.get("num_predict", -1))

    async def chunks(self) -> AsyncGenerator[dict[str, Any], None]:
        """Generate the lines of the stream."""
        self._refuse_oversize()
        started_at = now()
        await pause(self._prompt_tokens, self._script.prompt_tokens_per_second)
        read_at = now()
        wanted = list(self._written())
        count = len(wanted) if self._limit < 0 else min(len(wanted), self._limit)
        beat = Beat(self._script.tokens_per_second)
        for piece in wanted[:count]:
            await beat.next()
            yield self._chunk(piece)
        yield {
            **self._last("stop" if count == len(wanted) else "length"),
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
        scores = [score for chunk in chunks for score in chunk.get("logprobs", ())]
        told = {**chunks[-1], **({"logprobs": scores} if scores else {})}
        if not self._is_chat:
            return told | _joined(chunks, "response")
        messages = [chunk["message"] for chunk in chunks]
        calls = [call for message in messages for call in message.get("tool_calls", ())]
        message = {"role": "assistant", **_joined(messages, "content"), **({"tool_calls": calls} if calls else {})}
        return told | {"message": message}

    def _written(self) -> Iterator[dict[str, Any]]:
        prompt = str(self._messages[-1].get("content") or "")
        if "thinking" in self._model.capabilities and self._body.get("think") is not False:
            yield from ({"thinking": word} for word in words_for("tokens=2", WORDS, 2))
        tools, turns = self._body.get("tools") or [], [(m["role"], m.get("content") or "") for m in self._messages]
        images = [b64decode(image) for holder in (*self._messages, self._body) for image in holder.get("images") or ()]
        if (call := call_for(tools, turns)) is not None:
            yield {"tool_calls": [tool_call(call, len(turns))]}
        elif (wanted := self._body.get("format")) not in (None, ""):
            yield from ({"content": piece} for piece in pieces_of(json_for(wanted)))
        elif images:
            yield from ({"content": piece} for piece in pieces_of(seen(images)))
        else:
            suffix = self._body.get("suffix") or ""
            yield from ({"content": word + suffix} for word in words_for(prompt, WORDS, self._script.answer_tokens))

    def _chunk(self, piece: dict[str, Any]) -> dict[str, Any]:
        text = piece.get("content", "")
        scores = [score_of(text, self._body.get("top_logprobs") or 0)] if self._body.get("logprobs") and text else []
        told = {**stamp(self._body["model"]), "done": False, **({"logprobs": scores} if scores else {})}
        if self._is_chat:
            return told | {"message": {"role": "assistant", "content": "", **piece}}
        return told | {"response": text} | {name: value for name, value in piece.items() if name == "thinking"}

    def _last(self, reason: str) -> dict[str, Any]:
        if self._is_chat:
            return last_chunk(self._body["model"], reason)
        last = last_completion(self._body["model"], reason)
        return last if self._body.get("raw") else last | {"context": [1, 2, 3, self._prompt_tokens]}

    def _refuse_oversize(self) -> None:
        if self._prompt_tokens > self._context and self._body.get("truncate") is False:
            # llama-server's own error, as a text inside of Ollama's.
            text = f"request ({self._prompt_tokens} tokens) exceeds the available context size ({self._context} tokens)"
            inner = {"code": 400, "message": f"{text}, try increasing it", "type": "exceed_context_size_error"}
            raise Refusal(400, json.dumps({"error": inner}))


def _joined(parts: list[dict[str, Any]], field: str) -> dict[str, Any]:
    thinking = "".join(part.get("thinking", "") for part in parts)
    text = "".join(part[field] for part in parts)
    return {field: text, **({"thinking": thinking} if thinking else {})}


def tool_call(call: tuple[str, dict[str, Any]], turn: int) -> dict[str, Any]:
    name, arguments = call
    return {"id": f"call_{turn:08d}", "function": {"index": 0, "name": name, "arguments": arguments}}


def now() -> float:
    return asyncio.get_running_loop().time()


class Beat:
    """Comes so often a second, whatever is done in between: as a processor of its own writes. None means at once."""

    def __init__(self, per_second: float | None) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._due = now()

    async def next(self) -> None:
        """Wait for the next beat. One that was missed by more than a beat is not made up for."""
        self._due = max(self._due + self._interval, now())
        await asyncio.sleep(self._due - now())


async def pause(tokens: int, per_second: float | None) -> None:
    await asyncio.sleep(tokens / per_second if per_second else 0)


def nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)


def parse_keep_alive(value: Any) -> float | None:
    """Read a keep-alive: seconds, or a text such as `5m`; negative means for ever, None that none was sent."""
    if value is None:
        return None
    if isinstance(value, int | float):
        seconds = float(value)
    else:
        number = str(value).rstrip("msh")
        unit = str(value)[len(number) :]
        if unit not in UNITS:
            raise Refusal(400, f'time: missing unit in duration "{value}"')
        seconds = float(number) * UNITS[unit]
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
            "parent_model": "",
            "format": "gguf",
            "family": "llama",
            "families": ["llama"],
            "parameter_size": model.parameters,
            "quantization_level": model.quantization,
            "context_length": model.context_length,
            "embedding_length": 2048,
        },
    }


def show(model: ScriptedModel) -> dict[str, Any]:
    return {
        "license": "Apache-2.0",
        "modelfile": "# Made by a test\nFROM /root/.ollama/models/blobs/sha256-1\nTEMPLATE {{ .Prompt }}\n",
        "parameters": 'stop "<|end|>"',
        "template": "{{ .Prompt }}",
        "system": "You are brief.",
        "details": {k: v for k, v in describe(model)["details"].items() if not k.endswith("_length")},
        "model_info": {"general.architecture": "llama", "llama.context_length": model.context_length},
        "capabilities": list(model.capabilities),
        "modified_at": "2026-08-21T10:00:00.123456789+02:00",
    }


def stamp(model: str) -> dict[str, Any]:
    return {"model": model, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}


def last_chunk(model: str, reason: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": ""}
    return {**stamp(model), "message": message, "done": True, "done_reason": reason}


def last_completion(model: str, reason: str) -> dict[str, Any]:
    return {**stamp(model), "response": "", "done": True, "done_reason": reason}
