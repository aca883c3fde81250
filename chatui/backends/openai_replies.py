"""What an OpenAI-compatible server's replies say, read without trust."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import timedelta

from chatui.backends.base import ModelInfo
from chatui.backends.openai_errors import OPENAI_ERRORS
from chatui.backends.refusals import error_text, innermost_text
from chatui.backends.scores import read_scores
from chatui.backends.wire import (
    JsonObject,
    as_count,
    as_duration,
    as_label,
    as_object,
    as_objects,
    as_text,
    as_vectors,
    decode_object,
)
from chatui.domain.errors import BackendError, BackendFailed, ReplyInterrupted, ReplyTruncated
from chatui.domain.events import BackendEvent, EmbeddingsMade, ReplyFinished, TextDelta, ThinkingDelta, ToolCallDelta
from chatui.domain.messages import FinishReason, ModelName, Usage

MILLISECONDS = 1e3


class OpenAIAnswer:
    """Reads the server-sent events of one chat or completion, which differ in where the text stands.

    The answer is whole with `[DONE]`; a `finish_reason` before the end of the stream will do, since not all servers say
    both. Where the server tells no usage, each delta counts as a token and `clock` gives the durations.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._opened_at = clock()
        self._first_delta_at: float | None = None
        self._deltas = 0
        self._calls = 0
        self._reason: FinishReason | None = None
        self._usage: JsonObject = {}
        self._timings: JsonObject = {}

    @property
    def whole(self) -> bool:
        """Whether a `finish_reason` came: what is missing then is only the usage."""
        return self._reason is not None

    def read(self, line: bytes) -> Iterator[BackendEvent]:
        """Read one line of an event; raises what an `error` in it means."""
        # A server that does not stream answers with the bare object.
        field, _, value = (b"data", b":", line) if line.startswith(b"{") else line.partition(b":")
        if field not in {b"data", b"error"}:
            return
        if value.strip() == b"[DONE]":
            yield self._finished(self._reason or FinishReason.STOP)
            return
        chunk = decode_object(value)
        # llama-server names the whole event `error`, the others put it into the data.
        if field == b"error" or chunk.get("error"):
            raise self._error(chunk)
        yield from self._read_chunk(chunk)

    def end(self) -> ReplyFinished:
        """Say what an end without `[DONE]` means."""
        if self._reason is None:
            raise ReplyTruncated("the stream ended without a finish_reason")
        return self._finished(self._reason)

    def _read_chunk(self, chunk: JsonObject) -> Iterator[BackendEvent]:
        self._usage = as_object(chunk.get("usage")) or self._usage
        self._timings = as_object(chunk.get("timings")) or self._timings
        for choice in as_objects(chunk.get("choices"))[:1]:
            yield from self._read_choice(choice)
            if reason := as_text(choice.get("finish_reason")):
                self._reason = FinishReason.LENGTH if reason == "length" else FinishReason.STOP

    def _read_choice(self, choice: JsonObject) -> Iterator[BackendEvent]:
        delta = as_object(choice.get("delta") or choice.get("message"))
        thinking = as_text(delta.get("reasoning_content")) or as_text(delta.get("reasoning"))
        content = as_text(delta.get("content")) or as_text(choice.get("text"))
        calls = as_objects(delta.get("tool_calls"))
        if thinking or content or calls:
            self._deltas += 1
            self._first_delta_at = self._first_delta_at or self._clock()
        yield from read_scores(as_object(choice.get("logprobs")).get("content"))
        if thinking:
            yield ThinkingDelta(thinking)
        if content:
            yield TextDelta(content)
        yield from map(self._read_call, calls)

    def _read_call(self, call: JsonObject) -> ToolCallDelta:
        function = as_object(call.get("function"))
        name = as_text(function.get("name")) or None
        index = as_count(call.get("index"))
        if index is None:  # some servers leave it out, and give each call whole
            index = self._calls if name or not self._calls else self._calls - 1
        self._calls = max(self._calls, index + 1)
        return ToolCallDelta(index, as_text(function.get("arguments")), name, as_text(call.get("id")) or None)

    def _error(self, chunk: JsonObject) -> BackendError:
        text = innermost_text(error_text(chunk))
        if self._deltas:
            return ReplyInterrupted(text)
        return (OPENAI_ERRORS.find(text) or BackendFailed)(text)

    def _finished(self, reason: FinishReason) -> ReplyFinished:
        return ReplyFinished(reason, self._told_usage())

    def _told_usage(self) -> Usage:
        usage, timings = self._usage, self._timings
        reading, writing = self._measured()
        prompt = as_count(usage.get("prompt_tokens"))
        output = as_count(usage.get("completion_tokens"))
        return Usage(
            prompt_tokens=_timed_prompt(timings) if prompt is None else prompt,
            output_tokens=self._deltas if output is None else output,
            reading=as_duration(timings["prompt_ms"], MILLISECONDS) if "prompt_ms" in timings else reading,
            writing=as_duration(timings["predicted_ms"], MILLISECONDS) if "predicted_ms" in timings else writing,
        )

    def _measured(self) -> tuple[timedelta, timedelta]:
        now = self._clock()
        first_at = self._first_delta_at or now
        return timedelta(seconds=first_at - self._opened_at), timedelta(seconds=now - first_at)


def _timed_prompt(timings: JsonObject) -> int:
    return (as_count(timings.get("prompt_n")) or 0) + (as_count(timings.get("cache_n")) or 0)


def read_embeddings(reply: JsonObject, dimensions: int | None) -> tuple[EmbeddingsMade, ReplyFinished]:
    """Read the reply of `/v1/embeddings`; raises `ReplyInvalid` where a vector is none.

    Longer vectors than were wanted are cut and brought back to length 1, as Ollama does it: llama-server cuts none.
    """
    entries = sorted(as_objects(reply.get("data")), key=lambda entry: as_count(entry.get("index")) or 0)
    vectors = as_vectors([entry.get("embedding") for entry in entries])
    usage = Usage(prompt_tokens=as_count(as_object(reply.get("usage")).get("prompt_tokens")) or 0)
    made = EmbeddingsMade(tuple(_cut(vector, dimensions) for vector in vectors))
    return made, ReplyFinished(FinishReason.STOP, usage)


def _cut(vector: tuple[float, ...], dimensions: int | None) -> tuple[float, ...]:
    if dimensions is None or len(vector) <= dimensions:
        return vector
    head = vector[:dimensions]
    length = math.sqrt(sum(number * number for number in head)) or 1.0
    return tuple(number / length for number in head)


def read_listed_model(entry: JsonObject) -> ModelInfo:
    """Read one entry of `/v1/models`, with what llama-server (`meta`) and vLLM (`max_model_len`) add."""
    meta = as_object(entry.get("meta"))
    lengths = (meta.get("n_ctx"), entry.get("max_model_len"), meta.get("n_ctx_train"))
    return ModelInfo(
        name=ModelName(as_label(entry.get("id"))),
        size_bytes=as_count(meta.get("size")),
        parameters=_parameters(as_count(meta.get("n_params"))),
        quantization=as_label(meta.get("ftype")) or None,
        context_length=next(filter(None, map(as_count, lengths)), None),
    )


def _parameters(count: int | None) -> str | None:
    if not count:
        return None
    return f"{count / 1e9:.1f}B" if count >= 1e9 else f"{count / 1e6:.0f}M"  # noqa: PLR2004 - a billion


def read_props_context(props: JsonObject) -> int | None:
    """Read the context of one slot from llama-server's `/props`."""
    return as_count(as_object(props.get("default_generation_settings")).get("n_ctx")) or None
