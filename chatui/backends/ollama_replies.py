"""What Ollama's replies say, read without trust."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from chatui.backends.base import LoadedModel, ModelInfo, PullProgress
from chatui.backends.ollama_errors import OLLAMA_ERRORS
from chatui.backends.refusals import error_text, innermost_text
from chatui.backends.wire import JsonObject, as_count, as_duration, as_label, as_object, as_text, decode_object
from chatui.domain.errors import BackendError, BackendFailed, ReplyInterrupted, ReplyTruncated
from chatui.domain.events import BackendEvent, ReplyFinished, TextDelta, ThinkingDelta
from chatui.domain.messages import FinishReason, ModelName, Usage

NANOSECONDS = 1e9

# A model that stays for ever expires in some hundred years, one without a date in the year 1.
PLAUSIBLE_YEARS = range(2000, 2200)

# Older servers tell no capabilities; these families only embed.
EMBEDDING_FAMILY = re.compile("bert", re.IGNORECASE)


class OllamaAnswer:
    """Reads the NDJSON lines of one chat reply. Only `done: true` makes an answer whole: status 200 is no success."""

    whole = False

    def __init__(self) -> None:
        self._shown = False

    def read(self, line: bytes) -> Iterator[BackendEvent]:
        """Read one line; raises what an `error` in it means."""
        if not line.strip():
            return
        chunk = decode_object(line)
        if "error" in chunk:
            raise self._error(chunk)
        yield from self._deltas(as_object(chunk.get("message")))
        if chunk.get("done") is True:
            yield ReplyFinished(_finish_reason(chunk), _usage(chunk))

    def end(self) -> ReplyFinished:
        """The stream ended before `done`, as it does after 30 equal tokens."""
        raise ReplyTruncated("the stream ended without done")

    def _deltas(self, message: JsonObject) -> Iterator[BackendEvent]:
        if thinking := as_text(message.get("thinking")):
            self._shown = True
            yield ThinkingDelta(thinking)
        if content := as_text(message.get("content")):
            self._shown = True
            yield TextDelta(content)

    def _error(self, chunk: JsonObject) -> BackendError:
        text = innermost_text(error_text(chunk))
        if self._shown:
            return ReplyInterrupted(text)
        return (OLLAMA_ERRORS.find(text) or BackendFailed)(text)


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


def read_tagged_model(entry: JsonObject) -> ModelInfo:
    """Read one entry of `/api/tags`."""
    details = as_object(entry.get("details"))
    return ModelInfo(
        name=_name(entry),
        size_bytes=as_count(entry.get("size")),
        parameters=as_label(details.get("parameter_size")) or None,
        quantization=as_label(details.get("quantization_level")) or None,
        context_length=as_count(details.get("context_length")) or None,
        capabilities=_capabilities(entry, details),
        digest=as_text(entry.get("digest")) or None,
    )


def read_shown_model(name: ModelName, reply: JsonObject) -> ModelInfo:
    """Read the reply of `/api/show`; its context is what the model was trained for."""
    details = as_object(reply.get("details"))
    return ModelInfo(
        name=name,
        parameters=as_label(details.get("parameter_size")) or None,
        quantization=as_label(details.get("quantization_level")) or None,
        context_length=_trained_context(as_object(reply.get("model_info"))),
        capabilities=_capabilities(reply, details),
    )


def _trained_context(model_info: JsonObject) -> int | None:
    lengths = (value for key, value in model_info.items() if key.endswith(".context_length"))
    return as_count(next(lengths, None)) or None


def _capabilities(entry: JsonObject, details: JsonObject) -> frozenset[str]:
    told = entry.get("capabilities")
    if isinstance(told, list) and told:
        return frozenset(filter(None, map(as_text, told)))
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
        expires_at=read_expiry(as_text(entry.get("expires_at"))),
    )


def _name(entry: JsonObject) -> ModelName:
    return ModelName(as_label(entry.get("name")) or as_label(entry.get("model")))


def read_expiry(text: str) -> datetime | None:
    """Read when a model leaves, in UTC; None when it stays, or nothing sensible is told."""
    # Go writes nanoseconds; a datetime takes six digits at most.
    try:
        at = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
        return at.astimezone(UTC) if at.year in PLAUSIBLE_YEARS else None
    except (ValueError, OverflowError):
        return None


def read_pull_line(line: bytes) -> PullProgress:
    """Read one line of a pull; raises what an `error` in it means, since a pull fails inside of a 200."""
    progress = decode_object(line)
    if "error" in progress:
        text = innermost_text(error_text(progress))
        raise (OLLAMA_ERRORS.find(text) or BackendFailed)(text)
    return PullProgress(
        status=as_text(progress.get("status")),
        completed_bytes=as_count(progress.get("completed")),
        total_bytes=as_count(progress.get("total")),
    )
