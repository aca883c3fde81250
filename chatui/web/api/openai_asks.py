"""What a program asks in OpenAI's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatui.domain.asks import CompletionRequest, EmbedRequest, Framing
from chatui.domain.messages import (
    ChatMessage,
    ChatRequest,
    Image,
    JsonFormat,
    ModelName,
    Role,
    Sampling,
    Think,
)
from chatui.domain.tools import Tool, ToolCall, ToolUse
from chatui.web.api.fields import BadAsk, Fields, image_of
from chatui.web.api.ollama_asks import tool_of

Room = Callable[[ModelName, int | None], int]

_ROLES: Final = {"developer": Role.SYSTEM, "function": Role.TOOL}
_EFFORTS: Final = {
    "none": Think.OFF,
    "minimal": Think.LOW,
    "low": Think.LOW,
    "medium": Think.MEDIUM,
    "high": Think.HIGH,
    "xhigh": Think.MAX,
}
_MOST_ALTERNATIVES: Final = 20


def chat_ask(body: Fields, model: ModelName, room: Room) -> ChatRequest:
    """Read the body of `/v1/chat/completions`; raises BadAsk."""
    messages = tuple(map(_message, body.objects("messages")))
    if not messages:
        raise BadAsk("messages must not be empty", "messages")
    tools = tuple(map(tool_of, body.objects("tools")))
    tools, use = _chosen(body, tools)
    wanted = body.integer("max_completion_tokens")
    return ChatRequest(
        model=model,
        messages=messages,
        max_tokens=room(model, body.integer("max_tokens") if wanted is None else wanted),
        sampling=_sampling(body),
        tools=tools,
        tool_use=use,
        parallel_tool_calls=body.flag("parallel_tool_calls"),
        format=_format(body.object("response_format")),
        think=_think(body),
        logprobs=_alternatives(body, "top_logprobs") or 0 if body.flag("logprobs") else None,
    )


def completion_ask(body: Fields, model: ModelName, room: Room) -> CompletionRequest:
    """Read the body of `/v1/completions`; raises BadAsk, also for several prompts at once."""
    prompts = body.texts("prompt")
    if len(prompts) != 1:
        raise BadAsk("one prompt at a time is answered, as a string", "prompt")
    return CompletionRequest(
        model=model,
        prompt=prompts[0],
        max_tokens=room(model, body.integer("max_tokens")),
        sampling=_sampling(body),
        framing=Framing.SERVERS_OWN,
        suffix=body.text("suffix"),
        logprobs=_alternatives(body, "logprobs"),
    )


def embed_ask(body: Fields, model: ModelName) -> EmbedRequest:
    """Read the body of `/v1/embeddings`; raises BadAsk, also for inputs that are tokens already."""
    inputs = body.texts("input")
    if not inputs:
        raise BadAsk("input must not be empty", "input")
    return EmbedRequest(model, inputs, body.integer("dimensions"))


def wants_usage(body: Fields) -> bool:
    """Tell whether a stream is to end with what it cost."""
    return body.object("stream_options").flag("include_usage") is True


def wants_base64(body: Fields) -> bool:
    """Tell whether vectors are wanted as base64; raises BadAsk for another form than the two."""
    form = body.text("encoding_format", "float")
    if form not in {"float", "base64"}:
        raise BadAsk("encoding_format is float or base64", "encoding_format")
    return form == "base64"


def require_one(body: Fields) -> None:
    """Return where one answer is wanted; raises BadAsk for more."""
    if (body.integer("n") or 1) != 1 or (body.integer("best_of") or 1) != 1:
        raise BadAsk("one answer at a time is given: n must be 1", "n")


def _message(body: Fields) -> ChatMessage:
    text, images = _content(body)
    return ChatMessage(
        role=_role(body),
        content=text,
        thinking=body.text("reasoning_content"),
        images=images,
        tool_calls=tuple(map(_call, body.objects("tool_calls"))),
        tool_name=body.text("name") or None if body.text("role") in {"tool", "function"} else None,
        tool_call_id=body.text("tool_call_id") or None,
    )


def _role(body: Fields) -> Role:
    role = body.needed("role")
    if role in _ROLES:
        return _ROLES[role]
    try:
        return Role(role)
    except ValueError as error:
        raise BadAsk(f"no role {role!r}", f"{body.where}.role") from error


def _content(body: Fields) -> tuple[str, tuple[Image, ...]]:
    """Read a text, or a list of parts: texts and pictures."""
    if not isinstance(body.raw("content"), list):
        return body.text("content"), ()
    texts: list[str] = []
    images: list[Image] = []
    for part in body.objects("content"):
        match part.needed("type"):
            case "text":
                texts.append(part.text("text"))
            case "image_url":
                images.append(_image(part))
            case kind:
                raise BadAsk(f"no part of type {kind!r} is understood", f"{part.where}.type")
    return "\n".join(texts), tuple(images)


def _image(part: Fields) -> Image:
    url = part.text("image_url") if isinstance(part.raw("image_url"), str) else part.object("image_url").needed("url")
    head, found, data = url.partition(";base64,")
    if not found or not head.startswith("data:image/"):
        # Fetching it would let a program look into the network of this machine.
        raise BadAsk("images are taken as data URLs alone", f"{part.where}.image_url")
    return image_of(data, f"{part.where}.image_url")


def _call(body: Fields) -> ToolCall:
    function = body.object("function")
    return ToolCall(function.needed("name"), function.object_text("arguments"), body.text("id") or None)


def _chosen(body: Fields, tools: tuple[Tool, ...]) -> tuple[tuple[Tool, ...], ToolUse]:
    """Read which of the tools may be called, and whether one must."""
    choice = body.raw("tool_choice")
    if choice is None:
        return tools, ToolUse.AUTO
    if isinstance(choice, str) and choice in set(ToolUse):
        return tools, ToolUse(choice)
    if isinstance(choice, dict):
        name = body.object("tool_choice").object("function").needed("name")
        if named := tuple(tool for tool in tools if tool.name == name):
            return named, ToolUse.REQUIRED
    raise BadAsk("tool_choice is auto, none, required or one of the tools", "tool_choice")


def _format(wanted: Fields) -> JsonFormat | None:
    match wanted.text("type", "text"):
        case "text":
            return None
        case "json_object":
            return JsonFormat()
        case "json_schema":
            return JsonFormat(wanted.object("json_schema").object_text("schema"))
        case kind:
            raise BadAsk(f"no response_format of type {kind!r} is understood", "response_format")


def _think(body: Fields) -> Think | None:
    effort = body.text("reasoning_effort")
    if effort and effort not in _EFFORTS:
        raise BadAsk(f"reasoning_effort is one of {', '.join(_EFFORTS)}", "reasoning_effort")
    return _EFFORTS.get(effort)


def _alternatives(body: Fields, name: str) -> int | None:
    count = body.integer(name)
    if count is not None and not 0 <= count <= _MOST_ALTERNATIVES:
        raise BadAsk(f"{name} goes from 0 to {_MOST_ALTERNATIVES}", name)
    return count


def _sampling(body: Fields) -> Sampling:
    return Sampling(
        temperature=body.number("temperature"),
        top_p=body.number("top_p"),
        seed=body.integer("seed"),
        stop=body.texts("stop"),
        top_k=body.integer("top_k"),
        min_p=body.number("min_p"),
        repeat_penalty=body.number("repeat_penalty"),
        presence_penalty=body.number("presence_penalty"),
        frequency_penalty=body.number("frequency_penalty"),
    )
