"""What the scripted OpenAI-compatible server says, as llama-server writes it."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.model_says import call_for, json_for, pieces_of, score_of, seen, vector_for, words_for

WORDS = ("a", "full", "pot", "warms", "the", "whole", "room")
CREATED = 1_790_000_000


@dataclass(frozen=True, slots=True)
class OpenAIScript:
    """How the server behaves. A rate of None means at once."""

    models: tuple[str, ...] = ("small", "thinking-small")
    context_length: int = 4096
    slots: int = 2
    answer_tokens: int = 8
    tokens_per_second: float | None = None
    api_key: str | None = None
    tells_usage: bool = True
    says_done: bool = True


class Refusal(Exception):
    """The server refuses with a status, and an error of OpenAI's shape."""

    def __init__(self, status: int, kind: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"error": {"code": status, "message": text, "type": kind}}


class Answer:
    """One answer, to a chat or to a bare prompt: deltas, the end, and what it cost."""

    def __init__(self, script: OpenAIScript, body: dict[str, Any]) -> None:
        self._script = script
        self._body = body
        self._is_chat = "messages" in body
        self._turns = [(m["role"], text_of(m)) for m in body.get("messages") or ()] or [("user", body["prompt"])]
        self.prompt_tokens = sum(len(text.split()) + 4 for _, text in self._turns)
        self.streamed = body.get("stream") is True
        self._deltas = list(self._written())
        limit = body.get("max_tokens") or body.get("max_completion_tokens") or len(self._deltas)
        self._reason = "length" if limit < len(self._deltas) else "stop"
        del self._deltas[limit:]
        if self._reason == "stop" and any("tool_calls" in delta for delta in self._deltas):
            self._reason = "tool_calls"

    @property
    def usage(self) -> dict[str, int]:
        count = len(self._deltas)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": count,
            "total_tokens": self.prompt_tokens + count,
        }

    async def chunks(self, gate: asyncio.Event) -> AsyncGenerator[dict[str, Any], None]:
        if self._is_chat:
            yield self._chunk({"role": "assistant", "content": None})
        for delta in self._deltas:
            await asyncio.sleep(1 / self._script.tokens_per_second if self._script.tokens_per_second else 0)
            yield self._chunk(delta)
            await gate.wait()
        yield self._chunk({}, self._reason)
        if self._script.tells_usage:
            timings = {"prompt_ms": 12.5, "predicted_ms": 250.0}
            yield {**self._head(), "choices": [], "usage": self.usage, "timings": timings}

    def whole(self) -> dict[str, Any]:
        content = "".join(delta.get("content", "") for delta in self._deltas)
        choice: dict[str, Any] = {"index": 0, "finish_reason": self._reason}
        if self._is_chat:
            choice["message"] = {"role": "assistant", "content": content} | self._whole_extras()
        else:
            choice |= {"text": content, "logprobs": None}
        scores = [self._scores(delta)["logprobs"]["content"][0] for delta in self._deltas if self._scores(delta)]
        if scores:
            choice["logprobs"] = {"content": scores}
        kind = "chat.completion" if self._is_chat else "text_completion"
        return {**self._head(), "object": kind, "choices": [choice], "usage": self.usage}

    def _whole_extras(self) -> dict[str, Any]:
        thinking = "".join(delta.get("reasoning_content", "") for delta in self._deltas)
        calls: list[dict[str, Any]] = []
        for delta in self._deltas:
            for piece in delta.get("tool_calls", ()):
                if "id" in piece:
                    calls.append({"id": piece["id"], "type": "function", "function": dict(piece["function"])})
                else:
                    calls[-1]["function"]["arguments"] += piece["function"]["arguments"]
        return {
            **({"reasoning_content": thinking} if thinking else {}),
            **({"tool_calls": calls} if calls else {}),
        }

    def _head(self) -> dict[str, Any]:
        kind = "chat.completion.chunk" if self._is_chat else "text_completion"
        model = self._body.get("model")
        return {
            "id": "chatcmpl-1",
            "object": kind,
            "created": CREATED,
            "model": model,
            "system_fingerprint": "fp_scripted",
        }

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "finish_reason": reason, **self._scores(delta)}
        choice |= {"delta": delta} if self._is_chat else {"text": delta.get("content", "")}
        return {**self._head(), "choices": [choice]}

    def _scores(self, delta: dict[str, Any]) -> dict[str, Any]:
        if not self._body.get("logprobs") or not delta.get("content"):
            return {}
        return {"logprobs": {"content": [score_of(delta["content"], self._body.get("top_logprobs") or 0)]}}

    def _written(self) -> Iterator[dict[str, Any]]:
        wishes = self._body.get("chat_template_kwargs") or {}
        if str(self._body["model"]).startswith("thinking") and wishes.get("enable_thinking") is not False:
            yield from ({"reasoning_content": word} for word in words_for("tokens=2", WORDS, 2))
        tools = [] if self._body.get("tool_choice") == "none" else self._body.get("tools") or []
        images = [image for message in self._body.get("messages") or () for image in images_of(message)]
        if (call := call_for(tools, self._turns)) is not None:
            yield from call_deltas(call, len(self._turns))
        elif (schema := schema_of(self._body.get("response_format"))) is not None:
            yield from ({"content": piece} for piece in pieces_of(json_for(schema)))
        elif images:
            yield from ({"content": piece} for piece in pieces_of(seen(images)))
        else:
            words = words_for(self._turns[-1][1], WORDS, self._script.answer_tokens)
            yield from ({"content": word + (self._body.get("suffix") or "")} for word in words)


def call_deltas(call: tuple[str, dict[str, Any]], turn: int) -> Iterator[dict[str, Any]]:
    name, arguments = call
    first = {"index": 0, "id": f"call-{turn}", "type": "function", "function": {"name": name, "arguments": ""}}
    yield {"tool_calls": [first]}
    for piece in pieces_of(json.dumps(arguments)):
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def schema_of(wanted: Mapping[str, Any] | None) -> Any:
    match wanted:
        case {"type": "json_schema", "json_schema": {"schema": schema}}:
            return schema
        case {"type": "json_object"}:
            return "json"
        case _:
            return None


def text_of(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return " ".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def images_of(message: Mapping[str, Any]) -> Iterator[bytes]:
    content = message.get("content")
    for part in content if isinstance(content, list) else ():
        if part["type"] == "image_url":
            found = re.fullmatch(r"data:image/(png|jpeg|gif|webp);base64,(.*)", part["image_url"]["url"])
            if found is None:
                raise Refusal(400, "invalid_request_error", "Invalid image url")
            yield b64decode(found.group(2))


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    inputs = [body["input"]] if isinstance(body["input"], str) else body["input"]
    # As llama-server, it does not cut vectors.
    entries = [{"object": "embedding", "index": n, "embedding": vector_for(text)} for n, text in enumerate(inputs)]
    tokens = sum(len(text.split()) for text in inputs)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "model": body["model"], "data": entries, "usage": usage}
