"""What is asked of an OpenAI-compatible server, as it reads it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from chatui.backends.bodies import given, tool_field
from chatui.backends.wire import JsonObject
from chatui.domain.asks import CompletionRequest, EmbedRequest
from chatui.domain.messages import ChatMessage, ChatRequest, Image, JsonFormat, Role, Sampling, Think
from chatui.domain.tools import ToolCall, ToolUse

_IMAGE_TYPES = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"RIFF", "webp"), (b"BM", "bmp"))


def chat_body(request: ChatRequest) -> JsonObject:
    """Build the body of a chat."""
    return {
        "model": request.model,
        "messages": list(map(_message, with_call_ids(request.messages))),
        **_answer_fields(request),
        **_tool_fields(request),
        **_think_fields(request.think),
        **given(
            response_format=_format(request.format),
            logprobs=None if request.logprobs is None else True,
            top_logprobs=request.logprobs or None,
        ),
    }


def completion_body(request: CompletionRequest) -> JsonObject:
    """Build the body of a completion, which nothing is written around."""
    return {
        "model": request.model,
        "prompt": request.prompt,
        **_answer_fields(request),
        **given(suffix=request.suffix or None, logprobs=request.logprobs, response_format=_format(request.format)),
    }


def as_chat(request: CompletionRequest) -> ChatRequest:
    """Ask for a completion that is framed as a chat's question by asking that question."""
    system = (ChatMessage(Role.SYSTEM, request.system),) if request.system else ()
    return ChatRequest(
        model=request.model,
        messages=(*system, ChatMessage(Role.USER, request.prompt, images=request.images)),
        max_tokens=request.max_tokens,
        sampling=request.sampling,
        format=request.format,
        think=request.think,
        logprobs=request.logprobs,
        keep_alive=request.keep_alive,
        overflow=request.overflow,
    )


def embed_body(request: EmbedRequest) -> JsonObject:
    """Build the body of embeddings."""
    fields = given(dimensions=request.dimensions)
    return {"model": request.model, "input": list(request.inputs), "encoding_format": "float", **fields}


def with_call_ids(messages: Iterable[ChatMessage]) -> Iterator[ChatMessage]:
    """Give every tool call an id, and every result the id of its call: this protocol knows calls by nothing else.

    A result that names no call answers the first open one of its tool, or else the first open one.
    """
    made = 0
    waiting: list[ToolCall] = []
    for message in messages:
        if message.role is Role.TOOL:
            call = _answered(message, waiting)
            yield replace(message, tool_call_id=message.tool_call_id or (call.id if call else None))
            continue
        calls = []
        for call in message.tool_calls:
            made += 1
            calls.append(replace(call, id=call.id or f"call_{made}"))
        waiting += calls
        yield replace(message, tool_calls=tuple(calls)) if calls else message


def _answered(result: ChatMessage, waiting: list[ToolCall]) -> ToolCall | None:
    """Take the call that a result answers from those that wait for theirs."""
    by_id = [call for call in waiting if call.id == result.tool_call_id]
    by_name = [call for call in waiting if call.name == result.tool_name]
    call = next(iter(by_id or by_name or waiting), None)
    if call is not None:
        waiting.remove(call)
    return call


def _message(message: ChatMessage) -> JsonObject:
    return {
        "role": message.role.value,
        "content": _content(message),
        **given(
            reasoning_content=message.thinking or None,
            tool_calls=list(map(_call, message.tool_calls)) or None,
            tool_call_id=message.tool_call_id,
            name=message.tool_name,
        ),
    }


def _content(message: ChatMessage) -> str | list[JsonObject]:
    if not message.images:
        return message.content
    text = [{"type": "text", "text": message.content}] if message.content else []
    return [*text, *({"type": "image_url", "image_url": {"url": data_url(image)}} for image in message.images)]


def data_url(image: Image) -> str:
    """Write a picture as a URL; its first bytes tell what it is, and PNG stands for what nobody knows."""
    kind = next((name for magic, name in _IMAGE_TYPES if image.data.startswith(magic)), "png")
    return f"data:image/{kind};base64,{b64encode(image.data).decode()}"


def _call(call: ToolCall) -> JsonObject:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _tool_fields(request: ChatRequest) -> JsonObject:
    if not request.tools:
        return {}
    return {
        "tools": list(map(tool_field, request.tools)),
        **given(
            tool_choice=None if request.tool_use is ToolUse.AUTO else request.tool_use.value,
            parallel_tool_calls=request.parallel_tool_calls,
        ),
    }


def _think_fields(think: Think | None) -> JsonObject:
    """Say how much to think: to templates (Qwen, DeepSeek), and as an effort, which only levels have."""
    if think is None:
        return {}
    fields: JsonObject = {"chat_template_kwargs": {"enable_thinking": think is not Think.OFF}}
    if think not in {Think.OFF, Think.ON}:
        effort = Think.HIGH if think is Think.MAX else think  # the highest that these servers know
        fields["reasoning_effort"] = effort.value
        fields["chat_template_kwargs"]["reasoning_effort"] = effort.value
    return fields


def _format(wanted: JsonFormat | None) -> JsonObject | None:
    if wanted is None:
        return None
    if wanted.schema is None:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": json.loads(wanted.schema)}}


def _answer_fields(request: ChatRequest | CompletionRequest) -> JsonObject:
    return {
        "max_tokens": request.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        **sampling_fields(request.sampling),
    }


def sampling_fields(sampling: Sampling) -> dict[str, Any]:
    """Build the fields that choose tokens. llama-server and vLLM have their own word for the penalty of repetition."""
    return given(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        seed=sampling.seed,
        stop=list(sampling.stop) or None,
        top_k=sampling.top_k,
        min_p=sampling.min_p,
        typical_p=sampling.typical_p,
        repeat_penalty=sampling.repeat_penalty,
        repetition_penalty=sampling.repeat_penalty,
        repeat_last_n=sampling.repeat_last_n,
        presence_penalty=sampling.presence_penalty,
        frequency_penalty=sampling.frequency_penalty,
    )
