"""The backends that there are, and what each of them has."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from chatui.backends.addresses import LOOPBACK, OLLAMA_PORT, BackendAddress, parse_ollama_host
from chatui.backends.base import Backend, BackendKind, LoadedModel, ModelInfo
from chatui.backends.embedded import EmbeddedBackend
from chatui.backends.embedded_process import EmbeddedConfig
from chatui.backends.factory import BackendFactory
from chatui.backends.ssrf import Reach, checked
from chatui.domain.errors import BackendError, BackendMisconfigured, DeadlineExceeded, ModelNotFound
from chatui.domain.messages import ModelName

CHECK_LIMIT = timedelta(seconds=5)
CHECK_INTERVAL = timedelta(seconds=5)
# The first check starts the embedded model; on a busy machine that takes longer than an answer may.
FIRST_CHECK_LIMIT = timedelta(seconds=30)

EMBEDDED = BackendAddress("", BackendKind.EMBEDDED)
EMBEDDED_NAME = "embedded"
DEFAULT_OLLAMA = BackendAddress(f"http://{LOOPBACK}:{OLLAMA_PORT}", BackendKind.OLLAMA)

# Ollama adds this where a name has no tag.
DEFAULT_TAG = ":latest"


class Origin(StrEnum):
    """How the backends were found."""

    FLAG = "flag"
    OLLAMA_HOST = "OLLAMA_HOST"
    DEFAULT_PORT = "default port"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """What the last check of a backend saw.

    `kind` is None until the server has answered once; `url` is empty for the embedded one. A backend that fails a check
    keeps the `models` that it had, since it is likely to come back with them, but nothing is `loaded` there. `fault` is
    the code of the `BackendError` whose text is `error`, or `unchecked`.
    """

    name: str
    kind: BackendKind | None
    url: str
    ok: bool = False
    error: str | None = "not checked yet"
    fault: str | None = "unchecked"
    version: str | None = None
    models: tuple[ModelInfo, ...] = ()
    loaded: tuple[LoadedModel, ...] = ()

    def find(self, model: ModelName) -> ModelInfo | None:
        """Find `model`, in whatever case its name is written; a name without a tag means the tag `latest`."""
        wanted = {model.casefold(), f"{model}{DEFAULT_TAG}".casefold()}
        return next((known for known in self.models if known.name.casefold() in wanted), None)

    def has(self, model: ModelName) -> bool:
        """Whether the backend has `model`."""
        return self.find(model) is not None


class Registry:
    """Holds the backends and knows what they have, as of the last check.

    The `addresses` decide when there are any. Otherwise `ollama_host`, the value of OLLAMA_HOST; otherwise an Ollama on
    its default port of this machine; otherwise the embedded model, and then every check looks for that Ollama again.
    """

    def __init__(
        self,
        factory: BackendFactory,
        addresses: Sequence[BackendAddress] = (),
        *,
        ollama_host: str | None = None,
        default_ollama: BackendAddress = DEFAULT_OLLAMA,
        check_limit: timedelta = CHECK_LIMIT,
        first_check_limit: timedelta = FIRST_CHECK_LIMIT,
    ) -> None:
        self._factory = factory
        self._addresses = tuple(addresses)
        self._ollama_host = ollama_host
        self._default_ollama = default_ollama
        self._check_limit = check_limit
        self._first_check_limit = first_check_limit
        self._members: dict[str, Member] = {}
        # The Ollama that was not there yet when the embedded model was chosen.
        self._candidate: Member | None = None
        self._one_check = asyncio.Lock()
        self._seen: list[BackendStatus] = []
        self.origin = Origin.FLAG
        self.version = 0

    async def start(self) -> None:
        """Find the backends and check them once; raises ValueError when `ollama_host` cannot be read."""
        if self._addresses:
            self._join(*self._addresses)
        elif self._ollama_host:
            self.origin = Origin.OLLAMA_HOST
            self._join(parse_ollama_host(self._ollama_host))
        else:
            await self._discover()
        await self._check(self._first_check_limit)

    async def _discover(self) -> None:
        self._candidate = Member(self._default_ollama, self._factory, Reach())
        await self._check_candidate()
        if self._candidate is not None and self._factory.embedded is not None:
            self.origin = Origin.EMBEDDED
            self._join(EMBEDDED)
        elif self._candidate is not None:
            self._join_candidate(self._candidate)

    async def _check_candidate(self) -> None:
        candidate = self._candidate
        if candidate is not None:
            await candidate.check(self._check_limit)
            if candidate.status.ok:
                self._join_candidate(candidate)

    def _join_candidate(self, candidate: Member) -> None:
        self._candidate = None
        self.origin = Origin.DEFAULT_PORT
        # Somebody may have added the same address by hand in the meantime.
        self._members.setdefault(candidate.status.name, candidate)

    def _join(self, *addresses: BackendAddress) -> None:
        for address in addresses:
            member = Member(address, self._factory, Reach())
            self._members.setdefault(member.status.name, member)

    async def run(self, interval: timedelta = CHECK_INTERVAL) -> None:
        """Check again and again, `interval` apart, until cancelled."""
        while True:
            await asyncio.sleep(interval.total_seconds())
            await self.check()

    async def check(self) -> None:
        """Check all backends at once: health, models, and what is loaded; ends within the limit of one check."""
        await self._check(self._check_limit)

    async def _check(self, limit: timedelta) -> None:
        async with self._one_check:
            await asyncio.gather(
                *(member.check(limit) for member in self._members.values()),
                self._check_candidate(),
            )
        self._note_changes()

    def _note_changes(self) -> None:
        statuses = self.statuses()
        if statuses != self._seen:
            self._seen = statuses
            self.version += 1

    async def add(self, address: BackendAddress) -> BackendStatus:
        """Take in a backend that somebody named while the app runs, and check it.

        Raises AddressRefused when it is where none may be added, ValueError when there is one at that address already.
        """
        reach = self._factory.added
        await checked(address.url, reach.zones, reach.resolve)
        member = Member(address, self._factory, reach)
        if self._members.setdefault(member.status.name, member) is not member:
            await member.aclose()
            raise ValueError(f"There is a backend {member.status.name} already.")
        async with self._one_check:
            await member.check(self._check_limit)
        self._note_changes()
        return member.status

    def join(self, address: BackendAddress, reach: Reach | None) -> None:
        """Take in a backend that was checked before; every connection to it is checked again. The next check sees it.

        Without a `reach` it may be where servers may be that are added while the app runs.
        """
        member = Member(address, self._factory, reach or self._factory.added)
        self._members.setdefault(member.status.name, member)

    async def probe(self, address: BackendAddress, reach: Reach | None) -> BackendStatus:
        """Look what answers at an address, and take nothing in; raises AddressRefused for where none may be added."""
        reach = reach or self._factory.added
        await checked(address.url, reach.zones, reach.resolve)
        member = Member(address, self._factory, reach)
        try:
            await member.check(self._check_limit)
        finally:
            await member.aclose()
        return member.status

    def serve_embedded_as(self, config: EmbeddedConfig) -> None:
        """Have the embedded model serve by another config, where it serves."""
        self._factory = replace(self._factory, embedded=config)
        for member in self._members.values():
            if isinstance(member.backend, EmbeddedBackend):
                member.backend.serve_as(config)

    async def remove(self, name: str) -> None:
        """Take out a backend and close it, the answers under way there included; nothing happens for other names."""
        member = self._members.pop(name, None)
        if member is not None:
            self._note_changes()
            async with self._one_check:
                await member.aclose()

    def statuses(self) -> list[BackendStatus]:
        """Tell what the last check saw of each backend."""
        return [member.status for member in self._members.values()]

    def backend(self, name: str) -> Backend | None:
        """Give the backend of that name; None when there is none, or its kind is not known yet."""
        member = self._members.get(name)
        return member.backend if member else None

    def backends_for(self, model: ModelName) -> list[Backend]:
        """List the backends that have `model`: those that answer first, then those that had it and may come back."""
        having = [member for member in self._members.values() if member.status.has(model)]
        having.sort(key=lambda member: not member.status.ok)
        return [member.backend for member in having if member.backend is not None]

    def models(self) -> list[ModelInfo]:
        """List the models of all backends, each once, those first whose backend answers."""
        merged: dict[ModelName, ModelInfo] = {}
        for status in sorted(self.statuses(), key=lambda status: not status.ok):
            for model in status.models:
                merged.setdefault(model.name, model)
        return list(merged.values())

    async def aclose(self) -> None:
        """Close every backend."""
        members = [*self._members.values(), *filter(None, [self._candidate])]
        self._members.clear()
        self._candidate = None
        async with self._one_check:
            await asyncio.gather(*(member.aclose() for member in members))


class Member:
    """One address in the registry, its backend once the kind is known, and what was seen of it.

    `reach` is where the connections to it may go: everywhere for what the operator named at the start.
    """

    def __init__(self, address: BackendAddress, factory: BackendFactory, reach: Reach) -> None:
        self._factory = factory
        self._reach = reach
        self.status = BackendStatus(address.name or EMBEDDED_NAME, address.kind, address.url)
        self.backend = self._build(address.kind) if address.kind else None

    def _build(self, kind: BackendKind) -> Backend:
        return self._factory.build(kind, self.status.name, self.status.url, self._reach)

    async def check(self, limit: timedelta) -> None:
        """Look at the backend, for `limit` at most, and renew the status."""
        try:
            async with asyncio.timeout(limit.total_seconds()):
                self.status = await self._look()
        except TimeoutError:
            self._failed(f"no answer within {limit.total_seconds():g} s", DeadlineExceeded.code)
        except BackendError as error:
            self._failed(str(error), error.code)

    async def _look(self) -> BackendStatus:
        if self.backend is None:
            self.backend = self._build(await self._factory.find_kind(self.status.url, self._reach))
        backend = self.backend
        health = await backend.check()
        if not health.ok:
            return replace(self.status, kind=backend.kind, ok=False, error=health.error, fault=health.fault, loaded=())
        return replace(
            self.status,
            kind=backend.kind,
            ok=True,
            error=None,
            fault=None,
            version=health.version,
            models=tuple(await backend.models()),
            loaded=tuple(await _loaded(backend)),
        )

    def _failed(self, error: str, fault: str) -> None:
        self.status = replace(self.status, ok=False, error=error, fault=fault, loaded=())

    async def aclose(self) -> None:
        """Close the backend."""
        if self.backend is not None:
            await self.backend.aclose()


async def _loaded(backend: Backend) -> Sequence[LoadedModel]:
    """What a server that is well has in memory; one too old for that question shows nothing."""
    try:
        return await backend.loaded()
    except (ModelNotFound, BackendMisconfigured):
        return ()
