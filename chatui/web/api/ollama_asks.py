"""What a program asks in Ollama's words.

`num_ctx` and whatever else would make a server load its model again is checked and then left to what is set for the
model; `keep_alive` can only keep a model for longer than it would stay by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from chatui.backends.base import ModelRecipe
from chatui.domain.asks import CompletionRequest, EmbedRequest, Framing
from chatui.domain.messages import (
    ChatMessage,
    ChatRequest,
    JsonFormat,
    ModelName,
    Overflow,
    Role,
    Sampling,
    Think,
)
from chatui.domain.tools import Tool, ToolCall
from chatui.web.api.fields import BadAsk, Fields

Room = Callable[[ModelName, int | None], int]

_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION: Final = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+|[+-]?0")
_PART: Final = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
_RUNNER_INTEGERS: Final = ("num_ctx", "num_batch", "num_thread", "num_gpu", "num_keep", "main_gpu")
_STAYS_ANYWAY, _STAYS_LONGEST = timedelta(minutes=5), timedelta(days=1)
_MOST_ALTERNATIVES: Final = 20


def chat_ask(body: Fields, model: ModelName, room: Room) -> ChatRequest:
    """Read the body of `/api/chat`; raises BadAsk."""
    options = body.object("options")
    return ChatRequest(
        model=model,
        messages=tuple(map(_message, body.objects("messages"))),
        max_tokens=room(model, options.whole("num_predict")),
        sampling=_sampling(options),
        tools=tuple(map(tool_of, body.objects("tools"))),
        format=_format(body),
        think=_think(body),
        logprobs=_logprobs(body),
        keep_alive=_longer(body),
        overflow=_overflow(body),
    )


def completion_ask(body: Fields, model: ModelName, room: Room) -> CompletionRequest:
    """Read the body of `/api/generate`; raises BadAsk."""
    options, raw = body.object("options"), body.flag("raw")
    if raw and (body.text("system") or body.text("template") or body.integers("context")):
        raise BadAsk("raw mode does not support template, system, or context")
    return CompletionRequest(
        model=model,
        prompt=body.text("prompt"),
        max_tokens=room(model, options.whole("num_predict")),
        sampling=_sampling(options),
        framing=Framing.RAW if raw else Framing.CHAT,
        suffix=body.text("suffix"),
        system=body.text("system"),
        template=body.text("template"),
        context=body.integers("context"),
        images=body.images("images"),
        format=_format(body),
        think=_think(body),
        logprobs=_logprobs(body),
        keep_alive=_longer(body),
        overflow=_overflow(body),
    )


def embed_ask(body: Fields, model: ModelName) -> EmbedRequest:
    """Read the body of `/api/embed`; raises BadAsk."""
    _sampling(body.object("options"))
    return EmbedRequest(
        model=model,
        inputs=body.texts("input"),
        dimensions=body.integer("dimensions"),
        keep_alive=_longer(body),
        overflow=_overflow(body),
    )


def recipe_of(body: Fields) -> ModelRecipe:
    """Read the body of `/api/create`; raises BadAsk. A model is made of another one that is there, never of files."""
    return ModelRecipe(
        name=ModelName(model_name(body)),
        source=ModelName(body.needed("from")),
        system=body.text("system"),
        template=body.text("template"),
        licenses=body.texts("license"),
        parameters=body.object_text("parameters") if "parameters" in body else None,
        messages=tuple(map(_message, body.objects("messages"))),
        quantize=body.text("quantize"),
    )


def model_name(body: Fields) -> str:
    """Read which model is asked, by the name of today or the one of old; raises BadAsk."""
    name = given_name(body)
    if not name:
        raise BadAsk("model is required", "model")
    return name


def given_name(body: Fields) -> str:
    """Read the same; empty where none is given, which some routes of Ollama's take for a model that is not there."""
    return body.text("model") or body.text("name")


def unloads(body: Fields) -> bool:
    """Tell whether a model is to leave the memory at once."""
    return _keep_alive(body) == timedelta()


def tool_of(body: Fields) -> Tool:
    """Read a tool that is offered."""
    function = body.object("function")
    return Tool(function.needed("name"), function.text("description"), function.object_text("parameters"))


def _message(body: Fields) -> ChatMessage:
    try:
        role = Role(body.text("role").lower())
    except ValueError as error:
        raise BadAsk(f"invalid message: no role {body.text('role')!r}", "messages") from error
    return ChatMessage(
        role=role,
        content=body.text("content"),
        thinking=body.text("thinking"),
        images=body.images("images"),
        tool_calls=tuple(map(_call, body.objects("tool_calls"))),
        tool_name=body.text("tool_name") or body.text("name") or None,
        tool_call_id=body.text("tool_call_id") or None,
    )


def _call(body: Fields) -> ToolCall:
    function = body.object("function")
    return ToolCall(function.needed("name"), function.object_text("arguments"), body.text("id") or None)


def _sampling(options: Fields) -> Sampling:
    for name in _RUNNER_INTEGERS:
        options.whole(name)
    return Sampling(
        temperature=options.number("temperature"),
        top_p=options.number("top_p"),
        seed=options.whole("seed"),
        stop=options.texts("stop"),
        top_k=options.whole("top_k"),
        min_p=options.number("min_p"),
        typical_p=options.number("typical_p"),
        repeat_penalty=options.number("repeat_penalty"),
        repeat_last_n=options.whole("repeat_last_n"),
        presence_penalty=options.number("presence_penalty"),
        frequency_penalty=options.number("frequency_penalty"),
    )


def _format(body: Fields) -> JsonFormat | None:
    match body.raw("format"):
        case None | "":
            return None
        case "json":
            return JsonFormat()
        case dict():
            return JsonFormat(body.json("format"))
        case _:
            raise BadAsk(
                f'invalid format: {body.json("format")}; expected "json" or a valid JSON Schema object', "format"
            )


def _think(body: Fields) -> Think | None:
    value = body.raw("think")
    if value is None or isinstance(value, bool):
        return None if value is None else Think.ON if value else Think.OFF
    if value in {"low", "medium", "high", "max"}:
        return Think(value)
    raise BadAsk(f'invalid think value: {body.json("think")} (must be "high", "medium", "low", "max", true, or false)')


def _logprobs(body: Fields) -> int | None:
    alternatives = body.integer("top_logprobs") or 0
    if not 0 <= alternatives <= _MOST_ALTERNATIVES:
        raise BadAsk(f"top_logprobs must be between 0 and {_MOST_ALTERNATIVES}", "top_logprobs")
    return alternatives if body.flag("logprobs") else None


def _overflow(body: Fields) -> Overflow:
    return Overflow.REFUSE if body.flag("truncate") is False else Overflow.TRUNCATE


def _longer(body: Fields) -> timedelta | None:
    """Read for how long a model is to stay, where that is longer than by itself."""
    wanted = _keep_alive(body)
    if wanted is None:
        return None
    if wanted < timedelta():
        return _STAYS_LONGEST
    return min(wanted, _STAYS_LONGEST) if wanted > _STAYS_ANYWAY else None


def _keep_alive(body: Fields) -> timedelta | None:
    """Read a time: seconds, or a text such as `5m`; below zero means for ever."""
    value = body.raw("keep_alive")
    if not isinstance(value, str):
        number = body.number("keep_alive")
        return None if number is None else _seconds(number)
    if not _DURATION.fullmatch(value):
        problem = "missing unit in" if re.fullmatch(r"[+-]?\d+\.?\d*", value) else "invalid"
        raise BadAsk(f'time: {problem} duration "{value}"', "keep_alive")
    total = sum(float(count) * _UNITS[unit] for count, unit in _PART.findall(value))
    return _seconds(-total if value.startswith("-") else total)


def _seconds(number: float) -> timedelta:
    longest = _STAYS_LONGEST.total_seconds()
    return timedelta(seconds=max(-1.0, min(number, longest)))
