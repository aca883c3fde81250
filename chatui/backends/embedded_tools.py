"""Tool calls of the small model, which knows of none: it fills in a form instead.

Offered tools it never chooses one by itself, so it is asked in this way only where a call is required.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from uuid import uuid4

from chatui.backends.wire import as_object, as_text, decode_object, json_text
from chatui.domain.events import BackendEvent, ReplyFinished, TextDelta, ToolCallDelta
from chatui.domain.messages import ChatMessage, ChatRequest, FinishReason, JsonFormat, Role
from chatui.domain.tools import Tool, ToolUse


def as_form(request: ChatRequest) -> ChatRequest:
    """Ask for a call as JSON: the name of a tool and its arguments."""
    offered = "\n".join(f"- {tool.name}: {tool.description} {tool.parameters}" for tool in request.tools)
    note = ChatMessage(Role.SYSTEM, f"Call one of these functions, as JSON with its name and arguments:\n{offered}")
    form = json_text({"anyOf": list(map(_call_of, request.tools))})
    return replace(
        request,
        messages=(note, *request.messages),
        tools=(),
        tool_use=ToolUse.AUTO,
        format=JsonFormat(form),
    )


def _call_of(tool: Tool) -> dict[str, object]:
    properties = {"name": {"const": tool.name}, "arguments": json.loads(tool.parameters)}
    return {"type": "object", "properties": properties, "required": ["name", "arguments"]}


async def as_call(form: AsyncGenerator[BackendEvent, None]) -> AsyncGenerator[BackendEvent, None]:
    """Turn the form that was filled in into a tool call; one that was cut by the longest length is none."""
    text = ""
    async with aclosing(form) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                text += event.text
                continue
            if isinstance(event, ReplyFinished) and event.reason is FinishReason.STOP:
                yield _read_call(text)
            yield event


def _read_call(text: str) -> ToolCallDelta:
    filled = decode_object(text.encode() + b"\n")
    arguments = json_text(as_object(filled.get("arguments")))
    return ToolCallDelta(0, arguments, as_text(filled.get("name")), f"call_{uuid4().hex[:8]}")
