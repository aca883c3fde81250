"""What is asked of Ollama, as it reads it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from chatui.backends.base import ModelOptions, ModelRecipe
from chatui.backends.bodies import given, tool_field
from chatui.backends.wire import JsonObject
from chatui.domain.asks import CompletionRequest, EmbedRequest, Framing
from chatui.domain.messages import (
    ChatMessage,
    ChatRequest,
    Image,
    JsonFormat,
    ModelName,
    Overflow,
    Sampling,
    Think,
)
from chatui.domain.tools import ToolCall, ToolUse

_THINK: dict[Think, bool | str] = {Think.OFF: False, Think.ON: True}


def chat_body(request: ChatRequest, options: ModelOptions) -> JsonObject:
    """Build the body of a chat.

    Ollama cannot be told that a tool must be called: it is left to the model then.
    """
    return {
        "model": request.model,
        "messages": list(_messages(request.messages)),
        **given(tools=[tool_field(tool) for tool in request.tools if request.tool_use is not ToolUse.NONE] or None),
        **_answer_fields(request, options),
    }


def completion_body(request: CompletionRequest, options: ModelOptions) -> JsonObject:
    """Build the body of a completion. Ollama's own way is to frame the prompt as a question of a chat."""
    return {
        "model": request.model,
        "prompt": request.prompt,
        **given(
            suffix=request.suffix or None,
            system=request.system or None,
            template=request.template or None,
            context=list(request.context) or None,
            images=_images(request.images),
            raw=request.framing is Framing.RAW or None,
        ),
        **_answer_fields(request, options),
    }


def embed_body(request: EmbedRequest, options: ModelOptions) -> JsonObject:
    """Build the body of embeddings."""
    return {
        "model": request.model,
        "input": list(request.inputs),
        "truncate": request.overflow is Overflow.TRUNCATE,
        **given(dimensions=request.dimensions),
        **runner_fields(options, request.keep_alive),
    }


def load_body(model: ModelName, options: ModelOptions) -> JsonObject:
    """Build the body that loads a model: a chat without messages."""
    return {"model": model, "messages": [], "stream": False, **runner_fields(options)}


def recipe_body(recipe: ModelRecipe) -> JsonObject:
    """Build the body that makes a model."""
    return {
        "model": recipe.name,
        "from": recipe.source,
        "stream": True,
        **given(
            system=recipe.system or None,
            template=recipe.template or None,
            license=list(recipe.licenses) or None,
            parameters=None if recipe.parameters is None else json.loads(recipe.parameters),
            messages=list(_messages(recipe.messages)) or None,
            quantize=recipe.quantize or None,
        ),
    }


def _answer_fields(request: ChatRequest | CompletionRequest, options: ModelOptions) -> JsonObject:
    runner = runner_fields(options, request.keep_alive)
    runner["options"] |= {"num_predict": request.max_tokens, **sampling_fields(request.sampling)}
    think = request.think
    return {
        "stream": True,
        "truncate": request.overflow is Overflow.TRUNCATE,
        **given(
            format=_format(request.format),
            think=None if think is None else _THINK.get(think, think.value),
            logprobs=None if request.logprobs is None else True,
            top_logprobs=request.logprobs or None,
        ),
        **runner,
    }


def runner_fields(options: ModelOptions, wanted: timedelta | None = None) -> JsonObject:
    """Build what decides whether the runner is loaded again, and how long it stays: as set, else as `wanted`."""
    named = given(
        num_ctx=options.num_ctx,
        num_gpu=options.num_gpu,
        num_batch=options.num_batch,
        num_thread=options.num_thread,
    )
    fields: JsonObject = {"options": {**options.extra, **named}}
    if options.keep_alive is not None:
        fields["keep_alive"] = keep_alive_value(options.keep_alive)
    elif wanted is not None:
        fields["keep_alive"] = round(wanted.total_seconds())
    return fields


def keep_alive_value(text: str) -> str | int:
    """Write a keep-alive as Ollama reads it: `5m` as a text, bare seconds such as `-1` as a number."""
    return int(text) if text.lstrip("-").isdecimal() else text


def sampling_fields(sampling: Sampling) -> JsonObject:
    """Build the options that choose tokens; they never make Ollama load a model again."""
    return given(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        seed=sampling.seed,
        stop=list(sampling.stop) or None,
        top_k=sampling.top_k,
        min_p=sampling.min_p,
        typical_p=sampling.typical_p,
        repeat_penalty=sampling.repeat_penalty,
        repeat_last_n=sampling.repeat_last_n,
        presence_penalty=sampling.presence_penalty,
        frequency_penalty=sampling.frequency_penalty,
    )


def _messages(messages: Iterable[ChatMessage]) -> Iterator[JsonObject]:
    names: dict[str, str] = {}
    for message in messages:
        names |= {call.id: call.name for call in message.tool_calls if call.id}
        yield {
            "role": message.role.value,
            "content": message.content,
            **given(
                thinking=message.thinking or None,
                images=_images(message.images),
                tool_calls=[_call(number, call) for number, call in enumerate(message.tool_calls)] or None,
                # Ollama's templates name the tool, where OpenAI's protocol names the call alone.
                tool_name=message.tool_name or names.get(message.tool_call_id or ""),
                tool_call_id=message.tool_call_id,
            ),
        }


def _call(number: int, call: ToolCall) -> JsonObject:
    function = {"index": number, "name": call.name, "arguments": json.loads(call.arguments)}
    return {**given(id=call.id), "function": function}


def _images(images: Iterable[Image]) -> list[str] | None:
    return [b64encode(image.data).decode() for image in images] or None


def _format(wanted: JsonFormat | None) -> Any:
    if wanted is None:
        return None
    return "json" if wanted.schema is None else json.loads(wanted.schema)
