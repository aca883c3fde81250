"""The models of a server that are not ours to change."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from chatui.backends.base import ModelRecipe, PullProgress
from chatui.domain.errors import CapabilityMissing
from chatui.domain.messages import ModelName


class FixedModels:
    """The `ModelStore` of a backend that has none: every method raises `CapabilityMissing`."""

    name: str

    async def pull(self, model: ModelName) -> AsyncGenerator[PullProgress, None]:
        """Raise `CapabilityMissing`."""
        raise self._refusal("download", model)
        yield PullProgress("never")  # type: ignore[unreachable]  # makes this an async generator

    async def push(self, model: ModelName) -> AsyncGenerator[PullProgress, None]:
        """Raise `CapabilityMissing`."""
        raise self._refusal("upload", model)
        yield PullProgress("never")  # type: ignore[unreachable]  # makes this an async generator

    async def create(self, recipe: ModelRecipe) -> AsyncGenerator[PullProgress, None]:
        """Raise `CapabilityMissing`."""
        raise self._refusal("make", recipe.name)
        yield PullProgress("never")  # type: ignore[unreachable]  # makes this an async generator

    async def copy(self, source: ModelName, target: ModelName) -> None:  # noqa: ARG002 - the protocol has it
        """Raise `CapabilityMissing`."""
        raise self._refusal("copy", source)

    async def delete(self, model: ModelName) -> None:
        """Raise `CapabilityMissing`."""
        raise self._refusal("delete", model)

    def _refusal(self, verb: str, model: ModelName) -> CapabilityMissing:
        return CapabilityMissing(f"{self.name} cannot {verb} {model}")
