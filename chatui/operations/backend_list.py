"""The backends that admins added, paused or removed: at once, over a restart, and beside those of the start."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from chatui.accounts.changes import CONSOLE
from chatui.backends.addresses import BackendAddress, parse_backend
from chatui.backends.base import BackendKind
from chatui.backends.registry import BackendStatus
from chatui.backends.ssrf import AddressFlaw, Reach
from chatui.domain.access import Action, require
from chatui.domain.errors import AddressRefused, NotFound
from chatui.domain.people import Principal
from chatui.operations.fleet import Fleet
from chatui.operations.settings.in_force import SettingsInForce, Stored
from chatui.operations.settings.service import SettingsService
from chatui.scheduler.scheduler import Scheduler
from chatui.scheduler.tasks import Tasks
from chatui.settings import Settings

PREFIX: Final = "backend:"
log = logging.getLogger(__name__)


class State(StrEnum):
    """What an admin wants of a backend."""

    ON = "on"
    PAUSED = "paused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of a backend. One that is not `added` was named or found at the start.

    `anywhere` says that it was named at the console, where one may reach everything.
    """

    url: str
    kind: str | None
    state: str = State.ON
    added: bool = True
    anywhere: bool = False

    @property
    def address(self) -> BackendAddress:
        """Where it is."""
        return BackendAddress(self.url, None if self.kind is None else BackendKind(self.kind))


def kept_backends(stored: Stored) -> dict[str, Kept]:
    """Read what is stored of backends, by their names; what cannot be read is left out."""
    found: dict[str, Kept] = {}
    for key, value in stored.items():
        if key.startswith(PREFIX):
            try:
                found[key.removeprefix(PREFIX)] = Kept(**value)
            except TypeError:
                log.warning("what is stored as %s cannot be used: %r", key, value)
    return found


class BackendList:
    """Has the fleet be what is stored."""

    def __init__(self, fleet: Fleet, scheduler: Scheduler, in_force: SettingsInForce) -> None:
        self._fleet = fleet
        self._scheduler = scheduler
        self._in_force = in_force
        self._joined: set[str] = set()
        self._left: dict[str, BackendStatus] = {}
        self._one_at_a_time = asyncio.Lock()
        self._tasks = Tasks()
        in_force.subscribe(self._changed)
        # An Ollama that comes to its usual port joins by itself, though an admin had removed it.
        fleet.subscribe(lambda: self._tasks.spawn(self.apply()))

    async def apply(self) -> None:
        """Return when the fleet is what is stored."""
        async with self._one_at_a_time:
            kept = kept_backends(self._in_force.stored)
            for name in [name for name in self._joined if name not in kept]:
                await self._fleet.leave(name)
                self._joined.discard(name)
            for name, one in kept.items():
                await self._be(name, one)
            for name in [name for name in self._left if name not in kept]:
                await self._come_back(name)
            self._pause({name for name, one in kept.items() if one.state == State.PAUSED})

    async def settle(self) -> None:
        """Return when no change is under way."""
        await self._tasks.wait()

    def _changed(self, _before: Settings, _stored: Stored) -> None:
        self._tasks.spawn(self.apply())

    async def _be(self, name: str, one: Kept) -> None:
        there = {status.name: status for status in self._fleet.statuses()}
        if one.state == State.REMOVED:
            if name in there:
                self._left[name] = there[name]
                await self._fleet.leave(name)
        elif name not in there and name in self._left:
            await self._come_back(name)
        elif name not in there and one.added:
            await self._fleet.join(one.address, Reach() if one.anywhere else None)
            self._joined.add(name)

    async def _come_back(self, name: str) -> None:
        left = self._left.pop(name)
        await self._fleet.join(BackendAddress(left.url, left.kind), Reach())

    def _pause(self, wanted: Collection[str]) -> None:
        for name, backend in self._scheduler.backends().items():
            if backend.paused and name not in wanted:
                self._scheduler.resume(name)
            elif not backend.paused and name in wanted:
                self._scheduler.pause(name)


@dataclass(frozen=True, slots=True)
class BackendsService:
    """What admins do with backends. Raises Forbidden for those who do not run the app."""

    settings: SettingsService
    fleet: Fleet
    in_force: BackendList

    def backends(self, by: Principal) -> list[tuple[BackendStatus, Kept]]:
        """List every backend as it was seen last, with what is wanted of it."""
        require(by.user, Action.MANAGE_BACKENDS)
        return [(status, self._kept(status)) for status in self.fleet.statuses()]

    async def probe(self, by: Principal, text: str) -> BackendStatus:
        """Look what answers at an address, without adding it; raises AddressRefused."""
        require(by.user, Action.MANAGE_BACKENDS)
        return await self.fleet.probe(address_of(text), _reach(by))

    async def add(self, by: Principal, text: str) -> BackendStatus:
        """Take in a backend, also one that does not answer yet; raises AddressRefused."""
        seen = await self.probe(by, text)
        if any(status.name == seen.name for status in self.fleet.statuses()):
            raise AddressRefused(AddressFlaw.KNOWN, seen.name)
        kind = address_of(text).kind or seen.kind
        kept = Kept(seen.url, kind and kind.value, anywhere=by.address == CONSOLE.address)
        await self._store(by, seen.name, kept)
        return seen

    async def remove(self, by: Principal, name: str) -> None:
        """Take out a backend; what is asked of it waits for another that has the model."""
        status = self._found(by, name)
        kept = self._kept(status)
        await self._store(by, name, None if kept.added else replace(kept, state=State.REMOVED))

    async def pause(self, by: Principal, name: str) -> None:
        """Start nothing more on a backend; what runs goes on."""
        await self._store(by, name, replace(self._kept(self._found(by, name)), state=State.PAUSED))

    async def resume(self, by: Principal, name: str) -> None:
        """Take back a pause."""
        kept = self._kept(self._found(by, name))
        await self._store(by, name, replace(kept, state=State.ON) if kept.added else None)

    async def look(self, by: Principal, name: str) -> BackendStatus:
        """Look at a backend now."""
        self._found(by, name)
        await self.fleet.look(name)
        return self._found(by, name)

    def _found(self, by: Principal, name: str) -> BackendStatus:
        require(by.user, Action.MANAGE_BACKENDS)
        for status in self.fleet.statuses():
            if status.name == name:
                return status
        raise NotFound(f"no backend {name!r}")

    def _kept(self, status: BackendStatus) -> Kept:
        from_start = Kept(status.url, status.kind and status.kind.value, added=False)
        return kept_backends(self.settings.in_force.stored).get(status.name, from_start)

    async def _store(self, by: Principal, name: str, kept: Kept | None) -> None:
        value: Mapping[str, Any] | None = None if kept is None else asdict(kept)
        await self.settings.store(by, {f"{PREFIX}{name}": value}, Action.MANAGE_BACKENDS)
        await self.in_force.settle()


def address_of(text: str) -> BackendAddress:
    """Read an address as it is typed; raises AddressRefused."""
    try:
        return parse_backend(text)
    except ValueError as error:
        raise AddressRefused(AddressFlaw.UNREADABLE, str(error)) from error


def _reach(by: Principal) -> Reach | None:
    return Reach() if by.address == CONSOLE.address else None
