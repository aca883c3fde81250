"""Builds backends, and finds out which kind of server answers at an address."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import assert_never

from chatui.backends.base import Backend, BackendKind, Deadlines, ModelOptions
from chatui.backends.embedded import EmbeddedBackend, embedded_available, embedded_config
from chatui.backends.embedded_process import EmbeddedConfig
from chatui.backends.ollama import OllamaBackend
from chatui.backends.openai import OpenAIBackend
from chatui.backends.ssrf import PUBLIC_ALONE, Reach
from chatui.domain.errors import BackendError, BackendUnreachable, DeadlineExceeded
from chatui.domain.messages import ModelName


def _default_options(_model: ModelName) -> ModelOptions:
    return ModelOptions()


def _no_key(_url: str) -> str | None:
    return None


def _public_alone() -> Reach:
    return Reach(PUBLIC_ALONE)


def _found_embedded() -> EmbeddedConfig | None:
    return embedded_config() if embedded_available() else None


@dataclass(frozen=True, slots=True)
class BackendFactory:
    """What all backends are built with.

    `options_for` gives a model's runner options, `api_key_for` the key for a server's URL. `embedded` is None where the
    installation has no model of its own. `added` is where servers may be that somebody adds while the app runs.
    """

    deadlines: Deadlines = field(default_factory=Deadlines)
    options_for: Callable[[ModelName], ModelOptions] = _default_options
    api_key_for: Callable[[str], str | None] = _no_key
    embedded: EmbeddedConfig | None = field(default_factory=_found_embedded)
    added: Reach = field(default_factory=_public_alone)

    def build(self, kind: BackendKind, name: str, url: str, reach: Reach) -> Backend:
        """Build a backend; the embedded one, which has no URL, only where there is a model for it."""
        match kind:
            case BackendKind.OLLAMA:
                return OllamaBackend(name, url, self.deadlines, self.options_for, reach=reach)
            case BackendKind.OPENAI:
                return OpenAIBackend(name, url, self.deadlines, self.api_key_for(url), reach=reach)
            case BackendKind.EMBEDDED:
                assert self.embedded is not None
                return EmbeddedBackend(self.embedded, self.deadlines, name=name)
            case _:
                assert_never(kind)

    async def find_kind(self, url: str, reach: Reach) -> BackendKind:
        """Find out what answers at `url`; raises the `BackendError` that says why it is neither kind.

        Ollama is asked for first, since it speaks OpenAI's protocol as well; what only looks like it, last, since
        servers of that protocol may answer for its list of models.
        """
        async with aclosing(OllamaBackend("probe", url, self.deadlines, self.options_for, reach=reach)) as ollama:
            try:
                await ollama.version()
            except (BackendUnreachable, DeadlineExceeded):
                raise
            except BackendError:
                return await self._find_other(ollama, url, reach)
            return BackendKind.OLLAMA

    async def _find_other(self, ollama: OllamaBackend, url: str, reach: Reach) -> BackendKind:
        try:
            return await self._find_openai(url, reach)
        except BackendError:
            if (await ollama.check()).ok:
                return BackendKind.OLLAMA
            raise

    async def _find_openai(self, url: str, reach: Reach) -> BackendKind:
        async with aclosing(self.build(BackendKind.OPENAI, "probe", url, reach)) as openai:
            await openai.models()
            return BackendKind.OPENAI
