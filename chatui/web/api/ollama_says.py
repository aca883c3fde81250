"""An answer in Ollama's words: lines of a stream, or one reply. Pure but for the moments that it writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from typing_extensions import override

from chatui.backends.base import LoadedModel, ModelCard, ModelInfo, PullProgress
from chatui.domain.events import (
    AttemptStarted,
    ContextMade,
    EmbeddingsMade,
    JobEvent,
    JobFinished,
    ScoredToken,
    TextDelta,
    ThinkingDelta,
    TokenScore,
    TokensScored,
    ToolCallDelta,
)
from chatui.domain.messages import FinishReason, Usage
from chatui.scheduler.job import Job
from chatui.web.api.calls import Calls
from chatui.web.api.problems import Problem

Json = dict[str, Any]
Now = Callable[[], datetime]

_NO_MOMENT: Final = "0001-01-01T00:00:00Z"
_FOR_EVER: Final = "2318-01-01T00:00:00Z"


class OllamaVoice:
    """Tells a chat. `model` is the name that was asked for."""

    media_type = "application/x-ndjson"
    keep_alive = b" "

    def __init__(self, model: str, now: Now) -> None:
        self._model = model
        self._now = now
        self._calls = Calls()
        self._scores: list[ScoredToken] = []

    def pieces(self, event: JobEvent) -> Iterator[bytes]:
        """Tell an event."""
        match event:
            case AttemptStarted():
                self._calls = Calls()
                self._scores.clear()
            case TokensScored(tokens):
                self._scores += tokens
            case ThinkingDelta(text):
                yield self._chunk(thinking=text)
            case TextDelta(text):
                yield self._chunk(text)
            case ToolCallDelta():
                for call in self._calls.add(event):
                    yield self._chunk(tool_calls=[call.in_ollamas_shape()])
            case _:
                pass

    def last(self, job: Job, end: JobFinished) -> bytes:
        """Tell the rest of the calls, and what it cost."""
        rest = [self._chunk(tool_calls=[call.in_ollamas_shape()]) for call in self._calls.rest()]
        return b"".join([*rest, line_of(self._stamp() | self.message("") | _closing(job, end) | self.closing(job))])

    def broken(self, problem: Problem) -> bytes:
        """Tell what went wrong."""
        return line_of(problem.in_ollamas_shape())

    def whole(self, job: Job, end: JobFinished) -> bytes:
        """Tell the whole answer."""
        calls = Calls()
        told = [call for part in job.parts if isinstance(part, ToolCallDelta) for call in calls.add(part)]
        shown = [call.in_ollamas_shape() for call in [*told, *calls.rest()]]
        scores = [token for part in job.parts if isinstance(part, TokensScored) for token in part.tokens]
        extras: Json = {"thinking": job.thinking} if job.thinking else {}
        extras |= {"tool_calls": shown} if shown else {}
        body = self._stamp() | self.message(job.text, **extras) | _closing(job, end) | self.closing(job)
        return json.dumps(body | _scored(scores), ensure_ascii=False).encode()

    def message(self, text: str, **extras: Any) -> Json:
        """Put a piece of the answer where this API has it."""
        return {"message": {"role": "assistant", "content": text, **extras}}

    def closing(self, _job: Job) -> Json:
        """Give what the last line has beside what it cost."""
        return {}

    def _chunk(self, text: str = "", **extras: Any) -> bytes:
        scores, self._scores = (self._scores, []) if text else ([], self._scores)
        return line_of(self._stamp() | self.message(text, **extras) | {"done": False} | _scored(scores))

    def _stamp(self) -> Json:
        return {"model": self._model, "created_at": moment(self._now())}


class CompletionVoice(OllamaVoice):
    """Tells a completion, whose text stands in other fields."""

    @override
    def message(self, text: str, **extras: Any) -> Json:
        return {"response": text, **extras}

    @override
    def closing(self, job: Job) -> Json:
        context = [token for part in job.parts if isinstance(part, ContextMade) for token in part.tokens]
        return {"context": context} if context else {}


class LoadVoice(OllamaVoice):
    """Tells that a model was loaded or unloaded, in the words of the voice that it is `like`."""

    def __init__(self, like: OllamaVoice, reason: str) -> None:
        super().__init__(like._model, like._now)  # noqa: SLF001 - its own class
        self._like = like
        self._reason = reason

    @override
    def whole(self, job: Job, end: JobFinished) -> bytes:
        return self.reply()

    def reply(self) -> bytes:
        """Tell it."""
        body = self._stamp() | self._like.message("") | {"done": True, "done_reason": self._reason}
        return json.dumps(body).encode()


class EmbedVoice(OllamaVoice):
    """Tells vectors."""

    @override
    def whole(self, job: Job, end: JobFinished) -> bytes:
        vectors = vectors_of(job)
        cost: Json = {}
        if vectors and end.usage:
            cost = {
                "total_duration": _nanoseconds(_took(job, end)),
                "load_duration": _nanoseconds(end.usage.load + _waited(job)),
                "prompt_eval_count": end.usage.prompt_tokens,
            }
        return json.dumps({"model": self._model, "embeddings": vectors, **cost}).encode()


class OldEmbedVoice(OllamaVoice):
    """Tells the one vector of the route of old."""

    @override
    def whole(self, job: Job, end: JobFinished) -> bytes:
        return json.dumps({"embedding": next(iter(vectors_of(job)), [])}).encode()


def vectors_of(job: Job) -> list[tuple[float, ...]]:
    """Give the vectors that a job made."""
    return [vector for part in job.parts if isinstance(part, EmbeddingsMade) for vector in part.vectors]


def listed_model(info: ModelInfo) -> Json:
    """Tell a model in a list."""
    return {
        "name": info.name,
        "model": info.name,
        "modified_at": moment(info.modified_at) if info.modified_at else _NO_MOMENT,
        "size": info.size_bytes or 0,
        "digest": info.digest or "",
        "details": _details(info) | _lengths(info),
        "capabilities": sorted(info.capabilities),
    }


def loaded_model(info: ModelInfo, loaded: LoadedModel) -> Json:
    """Tell a model that is in memory."""
    return {
        **listed_model(info),
        "size": loaded.size_bytes or info.size_bytes or 0,
        "size_vram": loaded.vram_bytes or 0,
        "expires_at": moment(loaded.expires_at) if loaded.expires_at else _FOR_EVER,
        "context_length": loaded.context_length or info.context_length or 0,
    }


def shown_model(card: ModelCard) -> Json:
    """Tell a model in full."""
    return {
        "license": card.license,
        "modelfile": card.modelfile,
        "parameters": card.parameters,
        "template": card.template,
        "system": card.system,
        "details": _details(card.info),
        "model_info": json.loads(card.metadata),
        "capabilities": sorted(card.info.capabilities),
        "modified_at": moment(card.info.modified_at) if card.info.modified_at else _NO_MOMENT,
    }


def progress_step(step: PullProgress) -> Json:
    """Tell how far a pull or its like is."""
    told = {"digest": step.digest, "total": step.total_bytes, "completed": step.completed_bytes}
    return {"status": step.status} | {name: value for name, value in told.items() if value is not None}


def line_of(body: Json) -> bytes:
    """Write a line of a stream."""
    return json.dumps(body, ensure_ascii=False).encode() + b"\n"


def moment(at: datetime) -> str:
    """Write a moment of UTC."""
    return at.isoformat().replace("+00:00", "Z")


def shown_score(score: TokenScore) -> Json:
    """Tell a token and how probable it was."""
    raw = score.raw if score.raw is not None else tuple(score.token.encode())
    return {"token": score.token, "logprob": score.logprob, "bytes": list(raw)}


def shown_token(token: ScoredToken) -> Json:
    """Tell a token that was written, with the others at its place."""
    others = [shown_score(other) for other in token.alternatives]
    return shown_score(token.chosen) | ({"top_logprobs": others} if others else {})


def _scored(scores: list[ScoredToken]) -> Json:
    return {"logprobs": [shown_token(token) for token in scores]} if scores else {}


def _closing(job: Job, end: JobFinished) -> Json:
    usage = end.usage or Usage()
    return {
        "done": True,
        "done_reason": "length" if end.reason is FinishReason.LENGTH else "stop",
        "total_duration": _nanoseconds(_took(job, end)),
        "load_duration": _nanoseconds(usage.load + _waited(job)),
        "prompt_eval_count": usage.prompt_tokens,
        "prompt_eval_duration": _nanoseconds(usage.reading),
        "eval_count": usage.output_tokens,
        "eval_duration": _nanoseconds(usage.writing),
    }


def _took(job: Job, end: JobFinished) -> timedelta:
    return timedelta(seconds=end.at - job.timeline[0].at)


def _waited(job: Job) -> timedelta:
    """How long the job waited for its turn: Ollama counts its own queue among the load, too."""
    began = [event.at for event in job.timeline if isinstance(event, AttemptStarted)]
    return timedelta(seconds=began[-1] - job.timeline[0].at) if began else timedelta()


def _nanoseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1e9)


def _details(info: ModelInfo) -> Json:
    return {
        "parent_model": info.parent or "",
        "format": info.file_format or "gguf",
        "family": info.family or "",
        "families": list(info.families) or None,
        "parameter_size": info.parameters or "",
        "quantization_level": info.quantization or "",
    }


def _lengths(info: ModelInfo) -> Json:
    told = {"context_length": info.context_length, "embedding_length": info.embedding_length}
    return {name: value for name, value in told.items() if value}
