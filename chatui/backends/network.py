"""Connections that go where they may: to an address that was judged a moment ago, whatever its name says by now."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Sequence

import httpcore
import httpx
from typing_extensions import override

from chatui.backends.ssrf import Reach
from chatui.backends.streams import LoopNetwork


class PinnedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over a network of ours. Host header and TLS name stay what the URL says."""

    def __init__(self, reach: Reach, verify: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=verify, limits=limits, trust_env=False)
        # httpx has no way to hand a network down to its pool.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=PinnedNetwork(reach),
        )


class PinnedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to the addresses of a host that `reach` allows, one after the other; resolves at each connection anew.

    Raises AddressRefused where there is none, and otherwise what httpcore's own network does.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._network = LoopNetwork()

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout) as limit:
                addresses = [str(address) for address in await self._reach.addresses(host, port)]
                return await self._connect_first(addresses, port, limit)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection to {host} within {timeout} s") from error

    async def _connect_first(
        self, addresses: Sequence[str], port: int, limit: asyncio.Timeout
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers; one that is silent leaves the others their share of the time."""
        *earlier, last = addresses
        for left, address in zip(range(len(addresses), 1, -1), earlier, strict=True):
            try:
                return await self._network.connect_tcp(address, port, _share(limit, left))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(last, port)

    @override
    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


def _share(limit: asyncio.Timeout, among: int) -> float | None:
    ends_at = limit.when()
    return None if ends_at is None else max(ends_at - asyncio.get_running_loop().time(), 0) / among
