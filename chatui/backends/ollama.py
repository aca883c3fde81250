"""Ollama, through its native API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from chatui.backends.answer import stream_answer
from chatui.backends.base import (
    BackendHealth,
    BackendKind,
    Deadlines,
    LoadedModel,
    ModelInfo,
    ModelOptions,
    PullProgress,
)
from chatui.backends.deadlines import StageTimer
from chatui.backends.http import HttpClient
from chatui.backends.ollama_errors import OLLAMA_ERRORS
from chatui.backends.ollama_replies import (
    OllamaAnswer,
    read_loaded_model,
    read_pull_line,
    read_shown_model,
    read_tagged_model,
)
from chatui.backends.refusals import innermost_text
from chatui.backends.wire import JsonObject, as_objects, as_text
from chatui.domain.errors import BackendError, BackendFailed, BackendMisconfigured, ModelNotFound, ReplyTruncated
from chatui.domain.events import BackendEvent
from chatui.domain.messages import ChatRequest, ModelName, Sampling


class OllamaBackend:
    """An Ollama server at `url`, such as `http://127.0.0.1:11434`.

    `options_for` gives a model's runner options; every request to the model carries the same, since one that differs
    makes Ollama load it again. Without a `keep_alive` there, Ollama keeps the last one that anybody set.

    Ollama sends the headers of an answer with its first token, so `Deadlines.load` covers the prompt's reading too.
    """

    kind = BackendKind.OLLAMA
    loads_models = True

    def __init__(
        self,
        name: str,
        url: str,
        deadlines: Deadlines,
        options_for: Callable[[ModelName], ModelOptions],
    ) -> None:
        self.name = name
        self.url = url
        self._deadlines = deadlines
        self._options_for = options_for
        self._http = HttpClient(url, deadlines, OLLAMA_ERRORS.read)

    async def chat(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream one answer."""
        body = chat_body(request, self._options_for(request.model))
        answer = stream_answer(self._http, "/api/chat", body, OllamaAnswer(), self._deadlines)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def models(self) -> list[ModelInfo]:
        """List the models on the server's disk that can chat."""
        reply = await self._http.get("/api/tags")
        if not isinstance(reply.get("models"), list):
            raise BackendMisconfigured("no list of models, so not an Ollama server")
        models = [read_tagged_model(entry) for entry in as_objects(reply["models"])]
        return [model for model in models if model.name and "completion" in model.capabilities]

    async def show(self, model: ModelName) -> ModelInfo:
        """Tell one model in full."""
        return read_shown_model(model, await self._http.post("/api/show", {"model": model}))

    async def loaded(self) -> list[LoadedModel]:
        """List the models in memory. A runner that was killed stands there until it is used."""
        reply = await self._http.get("/api/ps")
        return [read_loaded_model(entry) for entry in as_objects(reply.get("models"))]

    async def load(self, model: ModelName) -> None:
        """Load a model; returns when it is in memory."""
        body: JsonObject = {"model": model, "messages": [], "stream": False, **runner_fields(self._options_for(model))}
        reply = await self._http.post_load("/api/chat", body)
        if reply.get("done") is not True:
            raise _failed(reply, "the load ended without a word")

    async def unload(self, model: ModelName) -> None:
        """Take a model out of memory, once the answers under way are done."""
        body: JsonObject = {"model": model, "messages": [], "stream": False, "keep_alive": 0}
        try:
            await self._http.post("/api/chat", body)
        except ModelNotFound:
            return

    async def pull(self, model: ModelName) -> AsyncGenerator[PullProgress, None]:
        """Download a model. There is no limit on the whole, only on the silence between two lines."""
        timer = StageTimer("pull", self._deadlines.load)
        body: JsonObject = {"model": model, "stream": True}
        async with self._http.open("POST", "/api/pull", body, timer) as reply, aclosing(reply.lines()) as lines:
            while (line := await timer.wait(anext(lines, None))) is not None:
                timer.enter("pull", self._deadlines.load)
                progress = read_pull_line(line)
                yield progress
                if progress.status == "success":
                    return
        raise ReplyTruncated("the pull ended without success")

    async def check(self) -> BackendHealth:
        """Ask for the server's version."""
        try:
            return BackendHealth(ok=True, version=await self.version())
        except BackendError as error:
            return BackendHealth(ok=False, error=str(error))

    async def version(self) -> str:
        """Tell the server's version; raises `BackendMisconfigured` when it is another server."""
        version = as_text((await self._http.get("/api/version")).get("version"))
        if not version:
            raise BackendMisconfigured("no version, so not an Ollama server")
        return version

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _failed(reply: JsonObject, otherwise: str) -> BackendError:
    text = innermost_text(as_text(reply.get("error")))
    return (OLLAMA_ERRORS.find(text) or BackendFailed)(text or otherwise)


def chat_body(request: ChatRequest, options: ModelOptions) -> JsonObject:
    """Build the body of a chat request.

    `truncate` is off: a prompt that is too long is refused instead of losing its beginning in silence.
    """
    runner = runner_fields(options)
    runner["options"] |= {"num_predict": request.max_tokens, **sampling_fields(request.sampling)}
    messages = [{"role": message.role.value, "content": message.content} for message in request.messages]
    return {"model": request.model, "messages": messages, "stream": True, "truncate": False, **runner}


def runner_fields(options: ModelOptions) -> JsonObject:
    """Build what decides whether the runner is loaded again, and how long it stays."""
    named = {
        "num_ctx": options.num_ctx,
        "num_gpu": options.num_gpu,
        "num_batch": options.num_batch,
        "num_thread": options.num_thread,
    }
    fields: JsonObject = {"options": {**options.extra, **{k: v for k, v in named.items() if v is not None}}}
    if options.keep_alive is not None:
        fields["keep_alive"] = keep_alive_value(options.keep_alive)
    return fields


def keep_alive_value(text: str) -> str | int:
    """Write a keep-alive as Ollama reads it: `5m` as a text, bare seconds such as `-1` as a number."""
    return int(text) if text.lstrip("-").isdecimal() else text


def sampling_fields(sampling: Sampling) -> JsonObject:
    """Build the options that choose tokens; they never make Ollama load a model again."""
    fields = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
    }
    return {key: value for key, value in fields.items() if value is not None}
