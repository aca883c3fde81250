"""Connections as uvicorn takes them, with the limits that it lacks: it waits for ever for a request that drips in.

A request must be there, to the last byte of its body, within a time from its first one; a new connection must begin
one within the same time. An address may have so many connections that have not become a WebSocket, whose tabs are
counted by person. A reverse proxy that was named as one speaks for everybody, so its address is not counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import h11
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

_COMING: Final = (h11.IDLE, h11.SEND_BODY)
"""States of a client whose request is not there yet."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """`request` is the longest that a request may take to come, `per_address` the most connections at a time."""

    request: timedelta = timedelta(seconds=60)
    per_address: int = 512


class Connections:
    """Makes the protocols of a server's connections, and knows how many each address has."""

    def __init__(self, limits: ConnectionLimits, proxies: Collection[str] = ()) -> None:
        self.limits = limits
        self._proxies = frozenset(proxies)
        self._by_address: dict[str, set[asyncio.Transport]] = {}

    def protocol(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> H11Protocol:
        """What `uvicorn.Config` takes as `http`."""
        return _Patient(self, config, server_state, app_state, _loop)

    def enter(self, address: str, transport: asyncio.Transport) -> bool:
        """Count a connection; False when the address has too many."""
        there = self._by_address.setdefault(address, set())
        if len(there) >= self.limits.per_address and address not in self._proxies:
            return False
        there.add(transport)
        return True

    def leave(self, address: str, transport: asyncio.Transport) -> None:
        """Count a connection no longer."""
        there = self._by_address.get(address, set())
        there.discard(transport)
        if not there:
            self._by_address.pop(address, None)


class _Patient(H11Protocol):
    """Waits for a request, but not for ever."""

    def __init__(
        self,
        connections: Connections,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        super().__init__(config, server_state, app_state, loop)
        self._watch = connections
        self._address = ""
        self._too_late: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if self._watch.enter(self._address, transport):
            self._await_request()
        else:
            transport.abort()

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            return  # it is a WebSocket now
        if self.conn.their_state not in _COMING:
            self._rest()
        elif self._too_late is None:
            self._await_request()

    @override
    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._leave()
        super().handle_websocket_upgrade(event)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def _await_request(self) -> None:
        seconds = self._watch.limits.request.total_seconds()
        self._too_late = self.loop.call_later(seconds, self.transport.abort)

    def _rest(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None

    def _leave(self) -> None:
        self._rest()
        self._watch.leave(self._address, self.transport)
