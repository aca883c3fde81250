"""JSON that may be anything."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatui.backends.ollama_replies import (
    OllamaAnswer,
    OllamaCompletion,
    read_embeddings,
    read_loaded_model,
    read_moment,
    read_progress,
    read_shown_model,
    read_tagged_model,
)
from chatui.backends.openai_replies import OpenAIAnswer, read_listed_model, read_props_context
from chatui.backends.openai_replies import read_embeddings as read_openai_embeddings
from chatui.backends.wire import as_count, as_duration, as_label, as_text, decode_object
from chatui.domain.errors import BackendError, BackendMisconfigured, ReplyInvalid, ReplyTruncated
from chatui.domain.messages import ModelName

WEIRD: list[Any] = [
    None,
    True,
    -1,
    0,
    3,
    10**400,
    2.5,
    float("nan"),
    float("inf"),
    "",
    "stop",
    "\ud800",
    [],
    [1],
    [{}],
    [[]],
    [[0.5, 2]],
    [["x"]],
    {},
]
anything = st.sampled_from(WEIRD)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIELDS = [
    *("name", "model", "size", "size_vram", "digest", "details", "capabilities", "expires_at", "context_length"),
    *("parameter_size", "quantization_level", "family", "model_info", "x.context_length", "id", "meta", "n_ctx"),
    *("n_params", "ftype", "max_model_len", "default_generation_settings", "message", "content", "thinking", "done"),
    *("done_reason", "eval_count", "eval_duration", "load_duration", "prompt_eval_count", "error", "choices", "delta"),
    *("reasoning_content", "finish_reason", "usage", "timings", "prompt_tokens", "completion_tokens", "prompt_ms"),
    *("predicted_ms", "status", "completed", "total", "tool_calls", "function", "arguments", "index", "logprobs"),
    *("token", "logprob", "bytes", "top_logprobs", "response", "context", "text", "embeddings", "data", "embedding"),
    *("modelfile", "families", "modified_at"),
]
inner = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=5)
objects = st.dictionaries(st.sampled_from(FIELDS), anything | inner | st.lists(inner, max_size=2), max_size=8)
lines = objects.map(json.dumps).map(str.encode)


@unhurried
@given(objects)
def test_no_reply_breaks_a_reader(value: dict[str, Any]) -> None:
    models = [
        read_tagged_model(value),
        read_shown_model(ModelName("m"), value).info,
        read_listed_model(value),
    ]
    read_loaded_model(value)
    read_props_context(value)

    for model in models:
        model.name.encode()
        assert model.context_length is None or model.context_length > 0
        assert all(isinstance(capability, str) for capability in model.capabilities)


@unhurried
@given(st.binary() | st.binary().map(b"data: ".__add__) | lines | lines.map(b"data: ".__add__))
def test_no_line_raises_anything_but_an_error_of_ours(line: bytes) -> None:
    for read in (OllamaAnswer().read, OllamaCompletion().read, OpenAIAnswer(lambda: 0.0).read):
        try:
            events = list(read(line + b"\n"))
        except BackendError:
            continue
        for event in events:
            getattr(event, "text", "").encode()
            getattr(event, "arguments", "").encode()


@unhurried
@given(objects)
def test_no_reply_with_vectors_raises_anything_but_an_error_of_ours(value: dict[str, Any]) -> None:
    for read in (read_embeddings, lambda reply: read_openai_embeddings(reply, 1)):
        try:
            made, _ = read(value)
        except ReplyInvalid:
            continue
        assert all(isinstance(number, float) for vector in made.vectors for number in vector)


def test_bytes_that_are_no_object_are_named() -> None:
    with pytest.raises(ReplyInvalid, match="no json"):
        decode_object(b"no json\n")
    with pytest.raises(ReplyTruncated, match="cut"):
        decode_object(b'{"half": ')
    with pytest.raises(BackendMisconfigured, match="web page"):
        decode_object(b"  <!doctype html>\n")


def test_half_of_a_surrogate_pair_becomes_a_marker() -> None:
    assert as_text("a\ud83d") == "a\ufffd"
    assert as_text("\ud83d\ude00") == "😀"


def test_numbers_of_the_wrong_kind_are_absent() -> None:
    assert [as_count(value) for value in (3, 0, -1, 2.5, True, "3", None)] == [3, 0, None, None, None, None, None]
    assert as_duration(1_500_000_000, 1e9) == timedelta(seconds=1.5)
    assert {as_duration(value, 1e9) for value in (-1, True, "1", None, float("nan"), float("inf"))} == {timedelta()}


def test_when_a_model_leaves() -> None:
    at = read_moment("2026-08-21T12:00:00.123456789+02:00")

    assert at is not None
    assert at.isoformat() == "2026-08-21T10:00:00.123456+00:00"
    assert read_moment("2318-12-01T00:00:00Z") is None
    assert read_moment("0001-01-01T00:00:00Z") is None
    assert read_moment("tomorrow") is None


def test_a_pull_that_fails_inside_of_a_200() -> None:
    assert read_progress(b'{"status":"pulling x","completed":1,"total":2}\n').total_bytes == 2
    with pytest.raises(BackendError, match="disk full"):
        read_progress(b'{"error":"disk full"}\n')


@pytest.mark.parametrize("name", ["qwen3:1.7b", "hf.co/some one/模型:Q4_K_M", "<b>x</b>", "a" * 256])
def test_a_label_is_kept_as_it_is(name: str) -> None:
    assert as_label(name) == name


@pytest.mark.parametrize("name", [None, 1, "a" * 257, "a\nb", "a\u202eb", "a\u200bb", "a\x00b", "\ud800"])
def test_a_label_that_cannot_be_shown_is_none(name: object) -> None:
    assert as_label(name) == ""
