"""What Ollama's replies say, read without trust."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from typing_extensions import override

from chatui.backends.base import LoadedModel, ModelCard, ModelInfo, PullProgress
from chatui.backends.ollama_errors import OLLAMA_ERRORS
from chatui.backends.refusals import error_text, innermost_text
from chatui.backends.scores import read_scores
from chatui.backends.wire import (
    JsonObject,
    as_count,
    as_counts,
    as_duration,
    as_label,
    as_object,
    as_objects,
    as_text,
    as_texts,
    as_vectors,
    decode_object,
    json_text,
)
from chatui.domain.errors import BackendError, BackendFailed, ReplyInterrupted, ReplyTruncated
from chatui.domain.events import (
    BackendEvent,
    ContextMade,
    EmbeddingsMade,
    ReplyFinished,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
)
from chatui.domain.messages import FinishReason, ModelName, Usage

NANOSECONDS = 1e9

# A model that stays for ever expires in some hundred years, one without a date in the year 1.
PLAUSIBLE_YEARS = range(2000, 2200)

# Older servers tell no capabilities; these families only embed.
EMBEDDING_FAMILY = re.compile("bert", re.IGNORECASE)


class OllamaAnswer:
    """Reads the NDJSON lines of one reply. Only `done: true` makes an answer whole: status 200 is no success."""

    whole = False

    def __init__(self) -> None:
        self._shown = False
        self._calls = 0

    def read(self, line: bytes) -> Iterator[BackendEvent]:
        """Read one line; raises what an `error` in it means."""
        if not line.strip():
            return
        chunk = decode_object(line)
        if "error" in chunk:
            raise self._error(chunk)
        for piece in self._pieces(chunk):
            self._shown = True
            yield piece
        if chunk.get("done") is True:
            yield ReplyFinished(_finish_reason(chunk), _usage(chunk))

    def end(self) -> ReplyFinished:
        """The stream ended before `done`, as it does after 30 equal tokens."""
        raise ReplyTruncated("the stream ended without done")

    def _pieces(self, chunk: JsonObject) -> Iterator[BackendEvent]:
        message = as_object(chunk.get("message"))
        if "logprobs" in chunk:
            yield from read_scores(chunk["logprobs"])
        if thinking := as_text(message.get("thinking")):
            yield ThinkingDelta(thinking)
        if content := as_text(message.get("content")):
            yield TextDelta(content)
        if "tool_calls" in message:
            for call in as_objects(message["tool_calls"]):
                yield self._call(call)

    def _call(self, call: JsonObject) -> ToolCallDelta:
        function = as_object(call.get("function"))
        arguments = json_text(as_object(function.get("arguments")))
        self._calls += 1
        return ToolCallDelta(self._calls - 1, arguments, as_text(function.get("name")), as_text(call.get("id")) or None)

    def _error(self, chunk: JsonObject) -> BackendError:
        text = innermost_text(error_text(chunk))
        if self._shown:
            return ReplyInterrupted(text)
        return (OLLAMA_ERRORS.find(text) or BackendFailed)(text)


class OllamaCompletion(OllamaAnswer):
    """Reads the lines of one completion, whose text stands in other fields."""

    @override
    def _pieces(self, chunk: JsonObject) -> Iterator[BackendEvent]:
        yield from read_scores(chunk.get("logprobs"))
        if thinking := as_text(chunk.get("thinking")):
            yield ThinkingDelta(thinking)
        if response := as_text(chunk.get("response")):
            yield TextDelta(response)
        if context := as_counts(chunk.get("context")):
            yield ContextMade(context)


def _finish_reason(chunk: JsonObject) -> FinishReason:
    return FinishReason.LENGTH if chunk.get("done_reason") == "length" else FinishReason.STOP


def _usage(chunk: JsonObject) -> Usage:
    return Usage(
        prompt_tokens=as_count(chunk.get("prompt_eval_count")) or 0,
        output_tokens=as_count(chunk.get("eval_count")) or 0,
        load=as_duration(chunk.get("load_duration"), NANOSECONDS),
        reading=as_duration(chunk.get("prompt_eval_duration"), NANOSECONDS),
        writing=as_duration(chunk.get("eval_duration"), NANOSECONDS),
    )


def read_embeddings(reply: JsonObject) -> tuple[EmbeddingsMade, ReplyFinished]:
    """Read the reply of `/api/embed`; raises `ReplyInvalid` where a vector is none."""
    return EmbeddingsMade(as_vectors(reply.get("embeddings"))), ReplyFinished(FinishReason.STOP, _usage(reply))


def read_tagged_model(entry: JsonObject) -> ModelInfo:
    """Read one entry of `/api/tags`."""
    return _described(_name(entry), entry)


def read_shown_model(name: ModelName, reply: JsonObject) -> ModelCard:
    """Read the reply of `/api/show`; its context is what the model was trained for."""
    metadata = as_object(reply.get("model_info"))
    info = _described(name, reply)
    return ModelCard(
        info=replace(info, context_length=_trained_context(metadata)),
        metadata=json_text(metadata),
        modelfile=_without_paths(as_text(reply.get("modelfile")), name),
        parameters=as_text(reply.get("parameters")),
        template=as_text(reply.get("template")),
        system=as_text(reply.get("system")),
        license=as_text(reply.get("license")),
    )


def _described(name: ModelName, entry: JsonObject) -> ModelInfo:
    details = as_object(entry.get("details"))
    return ModelInfo(
        name=name,
        size_bytes=as_count(entry.get("size")),
        parameters=as_label(details.get("parameter_size")) or None,
        quantization=as_label(details.get("quantization_level")) or None,
        context_length=as_count(details.get("context_length")) or None,
        capabilities=_capabilities(entry, details),
        digest=as_text(entry.get("digest")) or None,
        family=as_text(details.get("family")) or None,
        families=as_texts(details.get("families")),
        file_format=as_text(details.get("format")) or None,
        parent=as_text(details.get("parent_model")) or None,
        embedding_length=as_count(details.get("embedding_length")) or None,
        modified_at=read_moment(as_text(entry.get("modified_at"))),
    )


def _without_paths(modelfile: str, name: ModelName) -> str:
    """Name the model where the file names a path on the server's disk, which is nobody's business here."""
    return re.sub(r"^FROM +(/|[A-Za-z]:\\).*$", f"FROM {name}", modelfile, flags=re.MULTILINE)


def _trained_context(model_info: JsonObject) -> int | None:
    lengths = (value for key, value in model_info.items() if key.endswith(".context_length"))
    return as_count(next(lengths, None)) or None


def _capabilities(entry: JsonObject, details: JsonObject) -> frozenset[str]:
    if told := as_texts(entry.get("capabilities")):
        return frozenset(told)
    if EMBEDDING_FAMILY.search(as_text(details.get("family"))):
        return frozenset({"embedding"})
    return frozenset({"completion"})


def read_loaded_model(entry: JsonObject) -> LoadedModel:
    """Read one entry of `/api/ps`."""
    return LoadedModel(
        name=_name(entry),
        size_bytes=as_count(entry.get("size")),
        vram_bytes=as_count(entry.get("size_vram")),
        context_length=as_count(entry.get("context_length")) or None,
        expires_at=read_moment(as_text(entry.get("expires_at"))),
    )


def _name(entry: JsonObject) -> ModelName:
    return ModelName(as_label(entry.get("name")) or as_label(entry.get("model")))


def read_moment(text: str) -> datetime | None:
    """Read a moment, in UTC; None when nothing sensible is told, as for the expiry of a model that stays."""
    # Go writes nanoseconds; a datetime takes six digits at most.
    try:
        at = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
        return at.astimezone(UTC) if at.year in PLAUSIBLE_YEARS else None
    except (ValueError, OverflowError):
        return None


def read_progress(line: bytes) -> PullProgress:
    """Read one line of a pull or its like; raises what an `error` in it means, since they fail inside of a 200."""
    progress = decode_object(line)
    if "error" in progress:
        text = innermost_text(error_text(progress))
        raise (OLLAMA_ERRORS.find(text) or BackendFailed)(text)
    return PullProgress(
        status=as_text(progress.get("status")),
        completed_bytes=as_count(progress.get("completed")),
        total_bytes=as_count(progress.get("total")),
        digest=as_text(progress.get("digest")) or None,
    )
