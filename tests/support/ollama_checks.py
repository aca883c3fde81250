"""What Ollama refuses before a model has to do with it, with the status and the text that it has for it."""

from __future__ import annotations

import json
from typing import Any

from tests.support.http_server import HttpRequest

INTEGERS = ("num_ctx", "num_batch", "num_thread", "num_gpu", "num_predict", "top_k", "seed", "repeat_last_n")
FLOATS = ("temperature", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty")
LISTS = {"messages": "[]api.Message", "tools": "api.Tools", "images": "[]api.ImageData"}
NEEDS = {"tools": "tools", "suffix": "insert"}


class Refusal(Exception):
    """The server refuses with a status and Ollama's own text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Read a body as Go's decoder does."""
    if not request.body.strip():
        raise Refusal(400, "missing request body")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise Refusal(400, "invalid character in the body") from None
    if not isinstance(body, dict):
        raise Refusal(400, "json: cannot unmarshal array into Go value of type api.ChatRequest")
    for name, kind in LISTS.items():
        if not isinstance(body.get(name) or [], list):
            raise Refusal(400, f"json: cannot unmarshal string into Go struct field {name} of type {kind}")
    if not isinstance(body.get("model") or "", str):
        raise Refusal(400, "json: cannot unmarshal number into Go struct field model of type string")
    return body


def check_answerable(body: dict[str, Any], name: str, capabilities: tuple[str, ...]) -> None:
    """Refuse what the model cannot do, and options of a wrong type."""
    if body.get("think") and "thinking" not in capabilities:
        raise Refusal(400, f'"{name}" does not support thinking')
    if "completion" not in capabilities:
        raise Refusal(400, f'"{name}" does not support chat')
    for field, capability in NEEDS.items():
        if body.get(field) and capability not in capabilities:
            raise Refusal(400, f"registry.ollama.ai/library/{name} does not support {capability}")
    images = [message for message in body.get("messages") or [] if message.get("images")] or body.get("images")
    if images and "vision" not in capabilities:
        raise Refusal(500, "Multimodal data provided, but model does not support multimodal requests")
    check_options(body.get("options") or {})
    wanted = body.get("format")
    if wanted not in (None, "", "json") and not isinstance(wanted, dict):
        raise Refusal(500, f'invalid format: {json.dumps(wanted)}; expected "json" or a valid JSON Schema object')


def check_options(options: dict[str, Any]) -> None:
    for name in INTEGERS:
        if not isinstance(options.get(name, 1), int | float):
            raise Refusal(500, f'option "{name}" must be of type integer')
    for name in FLOATS:
        if not isinstance(options.get(name, 1.0), int | float):
            raise Refusal(500, f'option "{name}" must be of type float32')
    if not isinstance(options.get("stop", []), list):
        raise Refusal(500, 'option "stop" must be of type array')
