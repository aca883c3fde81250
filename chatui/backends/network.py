"""Connections that go where they may: to an address that was judged a moment ago, whatever its name says by now."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import httpcore
import httpx
from typing_extensions import override

from chatui.backends.ssrf import Reach


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
        self._network = httpcore.AnyIOBackend()
        self._closings: set[asyncio.Task[None]] = set()

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
                stream = await self._connect_first(addresses, port, limit)
                return BrokenIsClosed(stream, self._closings)
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


class BrokenIsClosed(httpcore.AsyncNetworkStream):
    """A connection that closes itself at its end, at an error and at a cancellation, in a task of its own.

    httpcore closes it then as well, but within the task that was cancelled: a second cancellation (a deadline just
    before a Stop, or a Stop just after the server hung up) ends that before it is done, and the server would go on
    writing to nobody. In HTTP/1.1 nothing can follow on a connection where reading or writing was broken off.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream, closings: set[asyncio.Task[None]]) -> None:
        self._stream = stream
        self._closings = closings

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            data = await self._stream.read(max_bytes, timeout)
        except BaseException:
            self._close()
            raise
        if not data:
            self._close()
        return data

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            await self._stream.write(buffer, timeout)
        except httpcore.WriteError:
            raise  # the server may have refused before it hung up, and what it said can still be read
        except BaseException:
            self._close()
            raise

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()

    @override
    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return BrokenIsClosed(await self._stream.start_tls(ssl_context, server_hostname, timeout), self._closings)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _close(self) -> None:
        closing = asyncio.ensure_future(self._closed())
        self._closings.add(closing)
        closing.add_done_callback(self._closings.discard)

    async def _closed(self) -> None:
        # What is broken may say so once more.
        with suppress(httpcore.NetworkError, OSError):
            await self._stream.aclose()


def _share(limit: asyncio.Timeout, among: int) -> float | None:
    ends_at = limit.when()
    return None if ends_at is None else max(ends_at - asyncio.get_running_loop().time(), 0) / among
