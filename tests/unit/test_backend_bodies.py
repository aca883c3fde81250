"""What the adapters write for the servers, field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chatui.backends.base import ModelOptions
from chatui.backends.ollama_requests import chat_body as ollama_chat_body
from chatui.backends.ollama_requests import completion_body as ollama_completion_body
from chatui.backends.ollama_requests import keep_alive_value
from chatui.backends.openai_requests import chat_body as openai_chat_body
from chatui.backends.openai_requests import with_call_ids
from chatui.domain.asks import CompletionRequest, Framing
from chatui.domain.messages import (
    ChatMessage,
    ChatRequest,
    Image,
    JsonFormat,
    ModelName,
    Overflow,
    Role,
    Sampling,
    Think,
)
from chatui.domain.tools import JsonText, Tool, ToolCall, ToolUse

A = ModelName("a:1b")
REQUEST = ChatRequest(A, (ChatMessage(Role.USER, "Hello"),), 64)


def test_ollama_is_sent_the_model_options_and_the_sampling() -> None:
    options = ModelOptions(num_ctx=8192, num_thread=4, keep_alive="30m", extra={"use_mmap": True})
    asked = ChatRequest(A, REQUEST.messages, 9, Sampling(temperature=0.5, top_p=0.9, seed=3, stop=("END",)))

    assert ollama_chat_body(asked, options) == {
        "model": "a:1b",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "truncate": False,
        "keep_alive": "30m",
        "options": {
            "use_mmap": True,
            "num_ctx": 8192,
            "num_thread": 4,
            "num_predict": 9,
            "temperature": 0.5,
            "top_p": 0.9,
            "seed": 3,
            "stop": ["END"],
        },
    }


def test_without_options_no_keep_alive_is_sent() -> None:
    assert "keep_alive" not in ollama_chat_body(REQUEST, ModelOptions())


def test_what_is_set_for_a_model_wins_over_a_wish_to_keep_it() -> None:
    wishing = replace(REQUEST, keep_alive=timedelta(minutes=10))

    assert ollama_chat_body(wishing, ModelOptions())["keep_alive"] == 600
    assert ollama_chat_body(wishing, ModelOptions(keep_alive="30m"))["keep_alive"] == "30m"


def test_ollama_is_sent_everything_that_its_api_knows() -> None:
    call = ToolCall("weather", JsonText('{"city": "Paris"}'), "call_1")
    messages = (
        ChatMessage(Role.USER, "Look", images=(Image(b"abc"),)),
        ChatMessage(Role.ASSISTANT, "", thinking="Hm.", tool_calls=(call,)),
        ChatMessage(Role.TOOL, "sunny", tool_call_id="call_1"),
    )
    asked = ChatRequest(
        A,
        messages,
        9,
        Sampling(top_k=20, min_p=0.1, typical_p=0.7, repeat_penalty=1.2, repeat_last_n=33, presence_penalty=1.5),
        tools=(Tool("weather", "Tells it.", JsonText('{"type": "object"}')),),
        format=JsonFormat(JsonText('{"type": "object"}')),
        think=Think.HIGH,
        logprobs=3,
        overflow=Overflow.TRUNCATE,
    )

    body = ollama_chat_body(asked, ModelOptions())

    assert body["messages"] == [
        {"role": "user", "content": "Look", "images": ["YWJj"]},
        {
            "role": "assistant",
            "content": "",
            "thinking": "Hm.",
            "tool_calls": [
                {"id": "call_1", "function": {"index": 0, "name": "weather", "arguments": {"city": "Paris"}}}
            ],
        },
        {"role": "tool", "content": "sunny", "tool_name": "weather", "tool_call_id": "call_1"},
    ]
    function = {"name": "weather", "description": "Tells it.", "parameters": {"type": "object"}}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert (body["format"], body["think"], body["logprobs"], body["top_logprobs"]) == (
        {"type": "object"},
        "high",
        True,
        3,
    )
    assert body["truncate"] is True
    assert body["options"] == {
        "num_predict": 9,
        "top_k": 20,
        "min_p": 0.1,
        "typical_p": 0.7,
        "repeat_penalty": 1.2,
        "repeat_last_n": 33,
        "presence_penalty": 1.5,
    }


def test_a_completion_carries_what_ollama_alone_has() -> None:
    asked = CompletionRequest(
        A, "a", 9, framing=Framing.RAW, suffix="z", system="s", template="t", context=(1, 2), images=(Image(b"abc"),)
    )

    body = ollama_completion_body(asked, ModelOptions())

    assert {name: body[name] for name in ("prompt", "raw", "suffix", "system", "template", "context", "images")} == {
        "prompt": "a",
        "raw": True,
        "suffix": "z",
        "system": "s",
        "template": "t",
        "context": [1, 2],
        "images": ["YWJj"],
    }


def test_a_keep_alive_in_bare_seconds_is_a_number() -> None:
    assert [keep_alive_value(text) for text in ("5m", "-1", "0", "300", "1h30m")] == ["5m", -1, 0, 300, "1h30m"]


def test_openai_is_sent_the_sampling_that_is_set() -> None:
    request = ChatRequest(ModelName("m"), REQUEST.messages, 9, Sampling(temperature=0.0, seed=3, stop=("END",)))

    body = openai_chat_body(request)

    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
        "max_tokens": 9,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.0,
        "seed": 3,
        "stop": ["END"],
    }


def test_openai_is_sent_everything_that_its_protocol_knows() -> None:
    call = ToolCall("weather", JsonText('{"city": "Paris"}'), "call_9")
    request = ChatRequest(
        ModelName("m"),
        (
            ChatMessage(Role.USER, "Look", images=(Image(b"\xff\xd8\xff"), Image(b"?"))),
            ChatMessage(Role.ASSISTANT, "", thinking="Hm.", tool_calls=(call,)),
            ChatMessage(Role.TOOL, "sunny", tool_call_id="call_9"),
        ),
        9,
        Sampling(top_k=20, repeat_penalty=1.2),
        tools=(Tool("weather", "Tells it."),),
        tool_use=ToolUse.REQUIRED,
        parallel_tool_calls=False,
        format=JsonFormat(JsonText('{"type": "object"}')),
        think=Think.MAX,
        logprobs=0,
    )

    body = openai_chat_body(request)

    jpeg, unknown = "data:image/jpeg;base64,/9j/", "data:image/png;base64,Pw=="
    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": jpeg}},
        {"type": "image_url", "image_url": {"url": unknown}},
    ]
    function = {"name": "weather", "arguments": '{"city": "Paris"}'}
    assert body["messages"][1]["tool_calls"] == [{"id": "call_9", "type": "function", "function": function}]
    assert body["messages"][1]["reasoning_content"] == "Hm."
    assert body["messages"][2] == {"role": "tool", "content": "sunny", "tool_call_id": "call_9"}
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", False)
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert body["chat_template_kwargs"] == {"enable_thinking": True, "reasoning_effort": "high"}
    assert body["logprobs"] is True
    assert "top_logprobs" not in body
    assert body["repeat_penalty"] == body["repetition_penalty"] == 1.2


def test_calls_and_results_without_ids_are_given_them() -> None:
    def called(*names: str) -> ChatMessage:
        return ChatMessage(Role.ASSISTANT, "", tool_calls=tuple(ToolCall(name, JsonText("{}")) for name in names))

    def result(name: str | None = None, call_id: str | None = None) -> ChatMessage:
        return ChatMessage(Role.TOOL, "done", tool_name=name, tool_call_id=call_id)

    turns = (called("a", "b"), result("b"), result(), called("a"), result("a"), result(), result(call_id="other"))
    messages = list(with_call_ids(turns))

    ids = [call.id for message in messages for call in message.tool_calls]
    answered = [message.tool_call_id for message in messages if message.role is Role.TOOL]
    assert ids == ["call_1", "call_2", "call_3"]
    assert answered == ["call_2", "call_1", "call_3", None, "other"]
