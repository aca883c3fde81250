"""What the models of the scripted servers write, for a given ask; one piece is one token to them.

A prompt that holds `tokens=N` gets N words. Offered tools, the model calls the first one once, or as often as a prompt
says that holds `calls=N`. Asked for JSON it fills in the schema. Shown pictures it counts them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]

_FILLED: dict[str, Any] = {"string": "Paris", "integer": 7, "number": 1.5, "boolean": True, "null": None}
_PIECE = 6


def count_in(name: str, prompt: str) -> int | None:
    found = re.search(rf"{name}=(\d+)", prompt)
    return int(found.group(1)) if found else None


def words_for(prompt: str, words: Sequence[str], default: int) -> list[str]:
    count = count_in("tokens", prompt)
    return [f"{words[index % len(words)]} " for index in range(default if count is None else count)]


def pieces_of(text: str) -> list[str]:
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]


def call_for(tools: Sequence[Json], turns: Iterable[tuple[str, str]]) -> tuple[str, Json] | None:
    """Give the name and the arguments of the next call; None when it is time to answer. A turn is role and text."""
    if not tools:
        return None
    calls, results = 1, 0
    for role, text in turns:
        if role == "user":
            calls, results = count_in("calls", text) or 1, 0
        results += role == "tool"
    if results >= calls:
        return None
    function = tools[0]["function"]
    return function["name"], {"n": results} | filled(function.get("parameters") or {})


def json_for(schema: Any) -> str:
    return json.dumps(filled(schema) if isinstance(schema, dict) else {"answer": "tea"})


def filled(schema: Json) -> Any:
    """Give a value that fits a JSON schema."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type", "object"):
        case "object":
            return {name: filled(part) for name, part in (schema.get("properties") or {}).items()}
        case "array":
            return [filled(schema.get("items") or {"type": "string"})]
        case kind:
            return _FILLED[kind]


def seen(images: Sequence[bytes]) -> str:
    return f"{len(images)} images, {sum(map(len, images))} bytes"


def vector_for(text: str, dimensions: int | None = None) -> list[float]:
    """Give a vector of length 1 that depends on the text; `dimensions` that make no sense count for nothing."""
    raw = [float(1 + (sum(text.encode()) + 7 * index) % 11) for index in range(8)]
    raw = raw[:dimensions] if dimensions and 0 < dimensions < len(raw) else raw
    length = sum(number * number for number in raw) ** 0.5
    return [number / length for number in raw]


def score_of(token: str, alternatives: int) -> Json:
    raw = list(token.encode())
    others = [{"token": f"{token}{n}", "logprob": -1.5 - n, "bytes": raw} for n in range(alternatives)]
    return {"token": token, "logprob": -0.5, "bytes": raw, **({"top_logprobs": others} if others else {})}
