"""An answer in OpenAI's words: events of a stream, or one reply. Pure."""

from __future__ import annotations

import json
from array import array
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from typing_extensions import override

from chatui.backends.base import ModelInfo
from chatui.domain.events import (
    AttemptStarted,
    JobEvent,
    JobFinished,
    ScoredToken,
    TextDelta,
    ThinkingDelta,
    TokensScored,
    ToolCallDelta,
)
from chatui.domain.messages import FinishReason, Usage
from chatui.scheduler.job import Job
from chatui.web.api.calls import Calls, OpenCall
from chatui.web.api.ollama_says import shown_token, vectors_of
from chatui.web.api.problems import Problem

Json = dict[str, Any]

FINGERPRINT: Final = "fp_samovar"
_DONE: Final = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a stream is to have: the model's name as it was asked for, when (Unix seconds), and the cost or not."""

    model: str
    created: int
    usage: bool = False


class OpenAIVoice:
    """Tells a chat."""

    media_type = "text/event-stream; charset=utf-8"
    keep_alive = b": waiting\n\n"

    prefix = "chatcmpl"
    kind = "chat.completion"
    stream_kind = "chat.completion.chunk"

    def __init__(self, wanted: Wanted, number: str) -> None:
        self._wanted = wanted
        self._id = f"{self.prefix}-{number}"
        self._opened = False
        self._calls: set[int] = set()
        self._scores: list[ScoredToken] = []

    def pieces(self, event: JobEvent) -> Iterator[bytes]:
        """Tell an event."""
        match event:
            case AttemptStarted():
                self._scores.clear()
            case TokensScored(tokens):
                self._scores += tokens
            case ThinkingDelta(text):
                yield from self._chunk({"reasoning_content": text})
            case TextDelta(text):
                yield from self._chunk({"content": text}, self._take_scores())
            case ToolCallDelta():
                yield from self._chunk({"tool_calls": [self._call(event)]})
            case _:
                pass

    def last(self, job: Job, end: JobFinished) -> bytes:
        """Tell why it ended, and what it cost where that is wanted."""
        closing = [*self._chunk({}, reason=self.reason(job, end))]
        if self._wanted.usage:
            closing.append(event_of({**self._head(self.stream_kind), "choices": [], "usage": usage_of(end)}))
        return b"".join([*closing, _DONE])

    def broken(self, problem: Problem) -> bytes:
        """Tell what went wrong."""
        return event_of(problem.in_openais_shape())

    def whole(self, job: Job, end: JobFinished) -> bytes:
        """Tell the whole answer."""
        scores = [token for part in job.parts if isinstance(part, TokensScored) for token in part.tokens]
        choice = {
            "index": 0,
            **self.answer(job),
            "logprobs": self.scored(scores),
            "finish_reason": self.reason(job, end),
        }
        body = {**self._head(self.kind), "choices": [choice], "usage": usage_of(end)}
        return json.dumps(body, ensure_ascii=False).encode()

    def answer(self, job: Job) -> Json:
        """Give the answer where this API has it."""
        calls = [call.in_openais_shape() for call in calls_of(job)]
        message: Json = {"role": "assistant", "content": job.text if job.text or not calls else None}
        message |= {"reasoning_content": job.thinking} if job.thinking else {}
        return {"message": message | ({"tool_calls": calls} if calls else {})}

    def delta(self, piece: Json) -> Json:
        """Give a piece where this API has it."""
        return {"delta": piece}

    def reason(self, job: Job, end: JobFinished) -> str:
        """Tell why the answer ended."""
        if end.reason is FinishReason.LENGTH:
            return "length"
        return "tool_calls" if any(isinstance(part, ToolCallDelta) for part in job.parts) else "stop"

    def scored(self, scores: list[ScoredToken]) -> Json | None:
        """Tell how probable tokens were."""
        tokens = [{"top_logprobs": [], **shown_token(token)} for token in scores]
        return {"content": tokens, "refusal": None} if tokens else None

    def _chunk(self, piece: Json, scores: Json | None = None, reason: str | None = None) -> Iterator[bytes]:
        if not self._opened:
            self._opened = True
            piece = {"role": "assistant", "content": "", **piece}
        choice = {"index": 0, **self.delta(piece), "logprobs": scores, "finish_reason": reason}
        usage = {"usage": None} if self._wanted.usage else {}
        yield event_of({**self._head(self.stream_kind), "choices": [choice], **usage})

    def _take_scores(self) -> Json | None:
        scores, self._scores = self._scores, []
        return self.scored(scores)

    def _call(self, piece: ToolCallDelta) -> Json:
        function = {"arguments": piece.arguments}
        if piece.index in self._calls:
            return {"index": piece.index, "function": function}
        self._calls.add(piece.index)
        named = {"name": piece.name or "", **function}
        return {"index": piece.index, "id": piece.id or f"call_{piece.index}", "type": "function", "function": named}

    def _head(self, kind: str) -> Json:
        return {
            "id": self._id,
            "object": kind,
            "created": self._wanted.created,
            "model": self._wanted.model,
            "system_fingerprint": FINGERPRINT,
        }


class CompletionVoice(OpenAIVoice):
    """Tells a completion."""

    prefix = "cmpl"
    kind = stream_kind = "text_completion"

    @override
    def answer(self, job: Job) -> Json:
        return {"text": job.text}

    @override
    def delta(self, piece: Json) -> Json:
        return {"text": piece.get("content", "")}

    @override
    def scored(self, scores: list[ScoredToken]) -> Json | None:
        if not scores:
            return None
        offsets, at = [], 0
        for token in scores:
            offsets.append(at)
            at += len(token.chosen.token)
        return {
            "tokens": [token.chosen.token for token in scores],
            "token_logprobs": [token.chosen.logprob for token in scores],
            "top_logprobs": [{other.token: other.logprob for other in token.alternatives} for token in scores],
            "text_offset": offsets,
        }


class EmbedVoice(OpenAIVoice):
    """Tells vectors, as numbers."""

    @override
    def whole(self, job: Job, end: JobFinished) -> bytes:
        data = [
            {"object": "embedding", "index": number, "embedding": self.written(vector)}
            for number, vector in enumerate(vectors_of(job))
        ]
        read = (end.usage or Usage()).prompt_tokens
        usage = {"prompt_tokens": read, "total_tokens": read}
        return json.dumps({"object": "list", "data": data, "model": self._wanted.model, "usage": usage}).encode()

    def written(self, vector: tuple[float, ...]) -> list[float] | str:
        """Write a vector."""
        return list(vector)


class PackedEmbedVoice(EmbedVoice):
    """Tells vectors as base64 of their numbers, four bytes each, the least significant first."""

    @override
    def written(self, vector: tuple[float, ...]) -> list[float] | str:
        return b64encode(array("f", vector).tobytes()).decode()


def calls_of(job: Job) -> list[OpenCall]:
    """Give the tool calls of an answer."""
    calls = Calls()
    whole = [call for part in job.parts if isinstance(part, ToolCallDelta) for call in calls.add(part)]
    return [*whole, *calls.rest()]


def listed_model(info: ModelInfo) -> Json:
    """Tell a model in a list."""
    created = int(info.modified_at.timestamp()) if info.modified_at else 0
    return {"id": info.name, "object": "model", "created": created, "owned_by": "library"}


def usage_of(end: JobFinished) -> Json:
    """Tell what an answer cost."""
    usage = end.usage or Usage()
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.prompt_tokens + usage.output_tokens,
    }


def event_of(body: Json) -> bytes:
    """Write an event of a stream."""
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"
