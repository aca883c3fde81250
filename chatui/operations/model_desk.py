"""What admins do with the models of all servers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from chatui.accounts.audit import AuditAction
from chatui.accounts.desk import Desk
from chatui.backends.base import Backend, BackendKind, ModelCard
from chatui.backends.registry import BackendStatus
from chatui.domain.access import Action, require
from chatui.domain.errors import InvalidInput, NotFound
from chatui.domain.messages import ModelName
from chatui.domain.people import Principal
from chatui.operations.fleet import Fleet
from chatui.operations.pulls import Pull, Pulls
from chatui.operations.warm_up.keeper import WarmUps
from chatui.scheduler.scheduler import Scheduler

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,199}", re.ASCII)


class ModelDesk:
    """Lists, downloads, deletes, loads and unloads models. Raises Forbidden for those who do not run the app.

    Loads wait in the queue until nobody else does, and unloads never touch a model that is in use.
    """

    def __init__(self, desk: Desk, fleet: Fleet, pulls: Pulls, scheduler: Scheduler, warm_ups: WarmUps) -> None:
        self._desk = desk
        self._fleet = fleet
        self._pulls = pulls
        self._scheduler = scheduler
        self._warm_ups = warm_ups

    def servers(self, by: Principal) -> Sequence[BackendStatus]:
        """List the servers with what they have."""
        require(by.user, Action.MANAGE_MODELS)
        return self._fleet.statuses()

    def pulls(self, by: Principal) -> Sequence[Pull]:
        """List the downloads that run or ended lately."""
        require(by.user, Action.MANAGE_MODELS)
        return self._pulls.all()

    async def details(self, by: Principal, server: str, model: str) -> ModelCard:
        """Tell a model in full; raises NotFound, or the server's BackendError."""
        require(by.user, Action.MANAGE_MODELS)
        return await self._having(server, model).show(ModelName(model))

    async def pull(self, by: Principal, server: str, model: str) -> None:
        """Begin a download, or go on with one; raises InvalidInput for what is no name, NotFound for no such server."""
        require(by.user, Action.MANAGE_MODELS)
        if not _NAME.fullmatch(model):
            raise InvalidInput("model")
        if not any(status.name == server and status.kind is BackendKind.OLLAMA for status in self._fleet.statuses()):
            raise NotFound("no such server")
        await self._note(by, AuditAction.MODEL_PULLED, server, model)
        self._pulls.start(server, ModelName(model))

    async def stop_pull(self, by: Principal, server: str, model: str) -> None:
        """Stop a download; what arrived is kept."""
        require(by.user, Action.MANAGE_MODELS)
        await self._pulls.stop(server, ModelName(model))

    async def delete(self, by: Principal, server: str, model: str) -> None:
        """Take a model off a server's disk, and out of its memory first; raises ModelInUse, NotFound, BackendError."""
        require(by.user, Action.MANAGE_MODELS)
        backend = self._having(server, model)
        await self._scheduler.unload(server, ModelName(model))
        await backend.delete(ModelName(model))
        await self._note(by, AuditAction.MODEL_DELETED, server, model)
        await self._fleet.look(server)

    async def load(self, by: Principal, server: str, model: str) -> None:
        """Have a model loaded on that server as soon as nobody waits; raises NotFound."""
        require(by.user, Action.MANAGE_MODELS)
        self._having(server, model)
        await self._note(by, AuditAction.MODEL_LOADED, server, model)
        self._warm_ups.load(by, ModelName(model), server)

    async def unload(self, by: Principal, server: str, model: str) -> None:
        """Take a model out of memory; raises ModelInUse, NotFound, BackendError."""
        require(by.user, Action.MANAGE_MODELS)
        self._having(server, model)
        await self._scheduler.unload(server, ModelName(model))
        await self._note(by, AuditAction.MODEL_UNLOADED, server, model)
        await self._fleet.look(server)

    def _having(self, server: str, model: str) -> Backend:
        for status in self._fleet.statuses():
            if status.name == server and status.find(ModelName(model)) is not None:
                return self._fleet.backend(server)
        raise NotFound("no such model")

    async def _note(self, by: Principal, action: AuditAction, server: str, model: str) -> None:
        await self._desk.change(
            by, Action.MANAGE_MODELS, lambda change: change.audit(action, model=model, server=server)
        )
