"""The protocol that every backend speaks to the scheduler."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chatui.domain.asks import CompletionRequest, EmbedRequest
from chatui.domain.events import BackendEvent
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName
from chatui.domain.tools import EMPTY_OBJECT, JsonText


class BackendKind(StrEnum):
    """Which protocol a backend speaks, and who runs it."""

    OLLAMA = "ollama"
    OPENAI = "openai"
    EMBEDDED = "embedded"


@dataclass(slots=True, eq=False)
class Deadlines:
    """How long the stages of one attempt may take, on the monotonic clock.

    `load` covers everything up to the acceptance of a request, a model's load included: a client that gives up sooner
    aborts the load on the server and can never succeed. `progress` is the longest silence after the first token,
    `total` bounds the whole attempt, since a server that drips a byte a second never trips a read timeout. `query` is
    for the small questions beside it: lists, health.

    All backends share one, and read it at each stage, so that `become` reaches what is under way.
    """

    connect: timedelta = timedelta(seconds=5)
    load: timedelta = timedelta(minutes=10)
    first_token: timedelta = timedelta(minutes=5)
    progress: timedelta = timedelta(seconds=60)
    total: timedelta = timedelta(minutes=30)
    query: timedelta = timedelta(seconds=10)

    def become(self, other: Deadlines) -> None:
        """Have the figures of another one hold from now on."""
        for one in fields(self):
            setattr(self, one.name, getattr(other, one.name))


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that a backend can answer with. Sizes in bytes; None where the backend does not tell."""

    name: ModelName
    size_bytes: int | None = None
    parameters: str | None = None
    quantization: str | None = None
    context_length: int | None = None
    capabilities: frozenset[str] = frozenset({"completion"})
    digest: str | None = None
    family: str | None = None
    families: tuple[str, ...] = ()
    file_format: str | None = None
    parent: str | None = None
    embedding_length: int | None = None
    modified_at: datetime | None = None

    @property
    def may_see(self) -> bool:
        """Whether pictures can be shown to it. Of servers that tell no capabilities nobody knows: they may be tried."""
        nothing_told = self.digest is None and self.capabilities == {"completion"}
        return nothing_told or "vision" in self.capabilities


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model in full: what it was made of, as texts, and the `metadata` of its file, a JSON object."""

    info: ModelInfo
    metadata: JsonText = EMPTY_OBJECT
    modelfile: str = ""
    parameters: str = ""
    template: str = ""
    system: str = ""
    license: str = ""


@dataclass(frozen=True, slots=True)
class ModelRecipe:
    """How a model is made of another one, `source`. `parameters` is a JSON object; empty fields are the source's."""

    name: ModelName
    source: ModelName
    system: str = ""
    template: str = ""
    licenses: tuple[str, ...] = ()
    parameters: JsonText | None = None
    messages: tuple[ChatMessage, ...] = ()
    quantize: str = ""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is in a backend's memory now. `expires_at` is UTC; None means that it stays."""

    name: ModelName
    size_bytes: int | None = None
    vram_bytes: int | None = None
    context_length: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull, a push or the making of a model is: `status` as the server says it, bytes where it tells them."""

    status: str
    completed_bytes: int | None = None
    total_bytes: int | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class BackendHealth:
    """What a health check saw; `fault` is the code of the `BackendError` whose text is `error`."""

    ok: bool
    version: str | None = None
    error: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """A model's runner options. They are fixed per model: a request that differs in one reloads the runner."""

    num_ctx: int | None = None
    num_gpu: int | None = None
    num_batch: int | None = None
    num_thread: int | None = None
    keep_alive: str | None = None
    extra: dict[str, int | float | bool] = field(default_factory=dict)


class ModelStore(Protocol):
    """The models on a server's disk. Where they are not ours to change every method raises `CapabilityMissing`."""

    def pull(self, model: ModelName) -> AsyncGenerator[PullProgress, None]:
        """Download a model, telling how far it is; closing the generator stops it, and a later pull resumes."""

    def push(self, model: ModelName) -> AsyncGenerator[PullProgress, None]:
        """Upload a model to its registry, telling how far it is; closing the generator stops it."""

    def create(self, recipe: ModelRecipe) -> AsyncGenerator[PullProgress, None]:
        """Make a model of another one, telling how far it is; raises `ModelNotFound` for the other one."""

    async def copy(self, source: ModelName, target: ModelName) -> None:
        """Give a model a second name; raises `ModelNotFound`."""

    async def delete(self, model: ModelName) -> None:
        """Take a name, and what only it uses, off the disk; raises `ModelNotFound`."""


class Backend(ModelStore, Protocol):
    """A server of models.

    Every method raises a `BackendError` and nothing else for what the server or the line does wrong. An answer is
    streamed: `ReplyOpened`, deltas and parts, `ReplyFinished`. It ends normally only after `ReplyFinished`; otherwise
    the generator raises. Closing it closes the upstream connection before `aclose()` returns, so that the server's slot
    is free.
    """

    @property
    def name(self) -> str:
        """A short name, unique among the backends: host and port, or `embedded`."""

    @property
    def kind(self) -> BackendKind:
        """Which protocol it speaks."""

    @property
    def loads_models(self) -> bool:
        """Whether `load` and `unload` do something here, so that a swap is ours to own."""

    def chat(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream the next message of a chat."""

    def complete(self, request: CompletionRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream what follows a prompt."""

    def embed(self, request: EmbedRequest) -> AsyncGenerator[BackendEvent, None]:
        """Give the vectors of texts: the one part between the first event and the last is `EmbeddingsMade`."""

    async def models(self) -> list[ModelInfo]:
        """List the models that the backend has, those for embeddings included."""

    async def show(self, model: ModelName) -> ModelCard:
        """Tell one model in full; raises `ModelNotFound`."""

    async def loaded(self) -> list[LoadedModel]:
        """List the models in memory. A backend that does not load models lists all of them."""

    async def load(self, model: ModelName) -> None:
        """Load a model and return when it is in memory; the only owner of the load, with `Deadlines.load`."""

    async def unload(self, model: ModelName) -> None:
        """Take a model out of memory; nothing happens when it is not there."""

    async def check(self) -> BackendHealth:
        """Ask whether the backend is there. Never raises."""

    async def aclose(self) -> None:
        """Close the connections, and the child process if there is one."""
