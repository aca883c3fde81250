"""The models as programs see them, and what admins' keys do with them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from chatui.accounts.allowances import Allowances
from chatui.accounts.keys import KeyHolder
from chatui.backends.base import Backend, BackendKind, LoadedModel, ModelCard, ModelInfo, ModelRecipe, PullProgress
from chatui.domain.access import Action, require
from chatui.domain.errors import BackendError, CapabilityMissing, Forbidden, ModelForbidden, ModelNotFound
from chatui.domain.messages import ModelName
from chatui.domain.people import KeyScope
from chatui.operations.fleet import Fleet

API_VERSION = "0.33.0"
"""The version of Ollama whose API is spoken, for clients in front of servers that are none."""


class Models:
    """Lists, shows and changes models. What a person's group may not use is not shown to them."""

    def __init__(self, fleet: Fleet, allowances: Allowances) -> None:
        self._fleet = fleet
        self._allowances = allowances

    async def listed(self, by: KeyHolder) -> Sequence[ModelInfo]:
        """List the models that somebody may use."""
        allowed = (await self._allowances.limits_of(by.user.id)).models
        return [info for info in self._fleet.all_models() if allowed is None or info.name in allowed]

    async def loaded(self, by: KeyHolder) -> Sequence[tuple[ModelInfo, LoadedModel]]:
        """List what is in memory now, of the models that somebody may use."""
        infos = {info.name: info for info in await self.listed(by)}
        found = [loaded for backend in self._healthy() for loaded in await _loaded_on(backend)]
        return [(infos[loaded.name], loaded) for loaded in found if loaded.name in infos]

    async def card(self, by: KeyHolder, name: str) -> ModelCard:
        """Tell a model in full; raises ModelNotFound, also for one that somebody may not use."""
        info, backend = self._having(name)
        allowed = (await self._allowances.limits_of(by.user.id)).models
        if allowed is not None and info.name not in allowed:
            raise ModelForbidden(name)
        return await backend.show(info.name)

    def version(self) -> str:
        """Tell which Ollama's API is spoken."""
        versions = [status.version for status in self._fleet.statuses() if status.kind is BackendKind.OLLAMA]
        return next(filter(None, versions), API_VERSION)

    async def unload(self, by: KeyHolder, name: str) -> None:
        """Take a model out of memory; raises Forbidden."""
        _require_manager(by)
        info, backend = self._having(name)
        await backend.unload(info.name)
        await self._fleet.look(info.name)

    async def pull(self, by: KeyHolder, name: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model; raises Forbidden."""
        _require_manager(by)
        async with aclosing(self._store().pull(ModelName(name))) as steps:
            async for step in steps:
                yield step
        await self._fleet.look(name)

    async def push(self, by: KeyHolder, name: str) -> AsyncGenerator[PullProgress, None]:
        """Upload a model; raises Forbidden, ModelNotFound."""
        _require_manager(by)
        info, backend = self._having(name)
        async with aclosing(backend.push(info.name)) as steps:
            async for step in steps:
                yield step

    async def create(self, by: KeyHolder, recipe: ModelRecipe) -> AsyncGenerator[PullProgress, None]:
        """Make a model of another one; raises Forbidden, ModelNotFound."""
        _require_manager(by)
        _, backend = self._having(recipe.source)
        async with aclosing(backend.create(recipe)) as steps:
            async for step in steps:
                yield step
        await self._fleet.look(recipe.name)

    async def copy(self, by: KeyHolder, source: str, target: str) -> None:
        """Give a model a second name; raises Forbidden, ModelNotFound."""
        _require_manager(by)
        info, backend = self._having(source)
        await backend.copy(info.name, ModelName(target))
        await self._fleet.look(target)

    async def delete(self, by: KeyHolder, name: str) -> None:
        """Delete a model; raises Forbidden, ModelNotFound."""
        _require_manager(by)
        info, backend = self._having(name)
        await backend.delete(info.name)
        await self._fleet.look(info.name)

    def _having(self, name: str) -> tuple[ModelInfo, Backend]:
        for status in sorted(self._fleet.statuses(), key=lambda status: not status.ok):
            if (info := status.find(ModelName(name))) is not None:
                return info, self._fleet.backend(status.name)
        raise ModelNotFound(f"model '{name}' not found")

    def _healthy(self) -> list[Backend]:
        return [self._fleet.backend(status.name) for status in self._fleet.statuses() if status.ok]

    def _store(self) -> Backend:
        """The first server whose models can be changed."""
        for backend in self._healthy():
            if backend.kind is BackendKind.OLLAMA:
                return backend
        raise CapabilityMissing("no server here does pull models")


async def _loaded_on(backend: Backend) -> Sequence[LoadedModel]:
    try:
        return await backend.loaded()
    except BackendError:
        return ()


def _require_manager(by: KeyHolder) -> None:
    if KeyScope.MODELS not in by.card.scopes:
        raise Forbidden("the key is not for changing models")
    require(by.user, Action.MANAGE_MODELS)
