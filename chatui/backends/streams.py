"""Connections of the event loop itself, in the shape that httpcore wants.

An answer comes in thousands of small pieces. httpcore's own streams stop the loop's reading behind each and start it
again for the next, with a limit of time around it, which costs as much as all else that is done with a piece.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

import httpcore
from typing_extensions import override

from chatui.backends.chunks import ChunkMerger

_MOST_BYTES: Final = 1 << 20
"""What may wait here; the sender waits with the rest."""
_REST_PER_READER_S: Final = 0.0008
_REST_S: Final = (0.06, 0.095)
"""From how long a rest on it is taken, and the longest: at 30 tokens a second two come in the shortest."""
_GROUP_S: Final = 0.01
"""How long the wakings of a group lie apart at most."""


class _Named:
    """Turns the loop's errors within a block into httpcore's. A `TimeoutError` is an `OSError`, too.

    A class, since a generator as a context costs as much as the reading of a piece.
    """

    def __init__(self, broken: type[Exception], late: type[Exception]) -> None:
        self._broken = broken
        self._late = late

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TimeoutError):
            raise self._late(str(error)) from error
        if isinstance(error, OSError | ssl.SSLError):
            raise self._broken(str(error)) from error


_CONNECTING = _Named(httpcore.ConnectError, httpcore.ConnectTimeout)
_READING = _Named(httpcore.ReadError, httpcore.ReadTimeout)
_WRITING = _Named(httpcore.WriteError, httpcore.WriteTimeout)


class _Pace:
    """How long connections rest behind each reading, so that what comes meanwhile is read, and shown, at once.

    None rests while few are read. Where hundreds of answers come at a time, reading each of their tokens by itself
    would take most of a core, and all would be late. They wake in groups: the loop goes round once for all of one.
    """

    def __init__(self) -> None:
        self.readers = 0
        """How many connections are waited at."""
        self._groups: defaultdict[int, list[_Arriving]] = defaultdict(list)

    def rest(self, arriving: _Arriving) -> int | None:
        """Have `awake` called, with the number that is given, when the rest is over; None when there is none."""
        least, most = _REST_S
        rest = self.readers * _REST_PER_READER_S
        if rest < least:
            return None
        loop = asyncio.get_running_loop()
        number = int((loop.time() + min(rest, most)) / _GROUP_S)
        group = self._groups[number]
        if not group:
            loop.call_at(number * _GROUP_S, self._wake, number)
        group.append(arriving)
        return number

    def _wake(self, number: int) -> None:
        for arriving in self._groups.pop(number):
            arriving.awake(number)


class LoopNetwork(httpcore.AsyncNetworkBackend):
    """Makes connections; raises httpcore's errors."""

    def __init__(self) -> None:
        self._pace = _Pace()

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        local = (local_address, 0) if local_address else None
        with _CONNECTING:
            async with asyncio.timeout(timeout):
                _, arriving = await loop.create_connection(partial(_Arriving, self._pace), host, port, local_addr=local)
        for option in socket_options or ():
            arriving.transport.get_extra_info("socket").setsockopt(*option)
        return LoopStream(arriving)

    @override
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Arriving(asyncio.Protocol):
    """Keeps what came until it is read."""

    transport: asyncio.Transport

    def __init__(self, pace: _Pace) -> None:
        self._pace = pace
        self._rest: int | None = None
        self._bytes = bytearray()
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._held_up = False
        self._full = False
        self._error: BaseException | None = None
        self.over = False

    @property
    def any(self) -> bool:
        """Whether something is there to be read, be it the end."""
        return bool(self._bytes) or self.over

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._bytes += data
        if len(self._bytes) > _MOST_BYTES and not self._full:
            self._full = True
            self.transport.pause_reading()
        _wake(self._reader)

    @override
    def eof_received(self) -> None:
        self.over = True
        _wake(self._reader)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.over, self._error = True, exc
        self._end_rest()
        _wake(self._reader)
        _wake(self._writer)

    @override
    def pause_writing(self) -> None:
        self._held_up = True

    @override
    def resume_writing(self) -> None:
        self._held_up = False
        _wake(self._writer)

    async def take(self, most: int) -> bytes:
        """What came, once something did; nothing at the end. Raises what broke the connection."""
        while not self.any:
            self._reader = asyncio.get_running_loop().create_future()
            self._pace.readers += 1
            try:
                await self._reader
            finally:
                self._pace.readers -= 1
        if not self._bytes and self._error is not None:
            raise self._error
        taken = bytes(self._bytes[:most])
        del self._bytes[:most]
        if self._full and len(self._bytes) <= _MOST_BYTES:
            self._full = False
            self.transport.resume_reading()
        self._begin_rest()
        return taken

    def _begin_rest(self) -> None:
        if self._full or self.over or self._rest is not None:
            return
        self._rest = self._pace.rest(self)
        if self._rest is not None:
            self.transport.pause_reading()

    def awake(self, rest: int) -> None:
        """Read on, if the rest of that number was not ended before."""
        if self._rest == rest:
            self._end_rest()

    def _end_rest(self) -> None:
        if self._rest is not None:
            self._rest = None
            if not self.over:
                self.transport.resume_reading()

    async def give(self, data: bytes) -> None:
        """Send, and wait where the other side takes too little."""
        if self.transport.is_closing():
            raise self._error or ConnectionResetError("the connection is closed")
        self._end_rest()
        self.transport.write(data)
        while self._held_up and not self.transport.is_closing():
            self._writer = asyncio.get_running_loop().create_future()
            await self._writer


class LoopStream(httpcore.AsyncNetworkStream):
    """One connection, for one reader and one writer. It closes itself at its end, at an error and at a cancellation.

    httpcore closes it then as well, but within the task that was cancelled: a second cancellation (a deadline just
    before a Stop, or a Stop just after the server hung up) ends that before it is done, and the server would go on
    writing to nobody. In HTTP/1.1 nothing can follow on a connection where reading or writing was broken off.
    """

    def __init__(self, arriving: _Arriving) -> None:
        self._arriving = arriving
        self._reply = ChunkMerger()

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            with _READING:
                data = await self._read(max_bytes, timeout)
        except BaseException:
            self._arriving.transport.abort()
            raise
        if not data:
            self._arriving.transport.abort()
        return self._reply.merge(data)

    async def _read(self, most: int, limit_s: float | None) -> bytes:
        if limit_s is None:
            return await self._arriving.take(most)
        async with asyncio.timeout(limit_s):
            return await self._arriving.take(most)

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._reply = ChunkMerger()  # what is read behind a request is the reply to it
        try:
            with _WRITING:
                async with asyncio.timeout(timeout):
                    await self._arriving.give(buffer)
        except httpcore.WriteError:
            raise  # the server may have refused before it hung up, and what it said can still be read
        except BaseException:
            self._arriving.transport.abort()
            raise

    @override
    async def aclose(self) -> None:
        self._arriving.transport.abort()

    @override
    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        arriving, loop = self._arriving, asyncio.get_running_loop()
        try:
            with _CONNECTING:
                async with asyncio.timeout(timeout):
                    made = await loop.start_tls(
                        arriving.transport, arriving, ssl_context, server_hostname=server_hostname
                    )
        except BaseException:
            arriving.transport.abort()
            raise
        if made is None:
            raise httpcore.ConnectError("the connection was closed in the middle of its handshake")
        arriving.transport = made
        return self

    @override
    def get_extra_info(self, info: str) -> Any:
        names = {"client_addr": "sockname", "server_addr": "peername", "ssl_object": "ssl_object", "socket": "socket"}
        if info == "is_readable":
            return self._arriving.any
        return self._arriving.transport.get_extra_info(names[info]) if info in names else None


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)
