"""One HTTP client per backend: bytes in, JSON and lines out, and every failure a `BackendError`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx

from chatui.backends.base import Deadlines
from chatui.backends.deadlines import StageTimer
from chatui.backends.network import PinnedTransport
from chatui.backends.ssrf import AddressFlaw, Reach
from chatui.backends.wire import JsonObject, decode_object
from chatui.domain.errors import (
    AddressRefused,
    BackendError,
    BackendMisconfigured,
    BackendUnreachable,
    ReplyInterrupted,
    ReplyInvalid,
)

# The last line of a completion holds its context: up to seven bytes for each token of the longest contexts.
LINE_LIMIT_BYTES = 4 << 20
BODY_LIMIT_BYTES = 8 << 20
ERROR_LIMIT_BYTES = 64 << 10

# Servers close idle connections after 5 s (llama.cpp, uvicorn); a connection must not be taken up just then.
KEEPALIVE_SECONDS = 3.0

ForeignError = httpx.HTTPError | httpx.InvalidURL | httpx.CookieConflict | httpx.StreamError
FOREIGN_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError)


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An upstream's refusal: its status, the body's text, and how long it asks to wait."""

    status: int
    text: str
    retry_after: timedelta | None = None


class HttpClient:
    """Speak HTTP to one server at `url`, over connections that are kept.

    `read_error` turns the server's refusals into the tree. `reach` says where connections may go; unless it is given,
    everywhere but where no backend is. Redirects are not followed, the environment's proxies are not used, and no
    compression is asked for or taken: a small reply could unpack to gigabytes.
    """

    def __init__(
        self,
        url: str,
        deadlines: Deadlines,
        read_error: Callable[[ErrorReply], BackendError],
        headers: Mapping[str, str] | None = None,
        reach: Reach | None = None,
    ) -> None:
        self._deadlines = deadlines
        self._read_error = read_error
        self._client = httpx.AsyncClient(  # nosec B113
            base_url=url,
            headers={"Accept-Encoding": "identity", **(headers or {})},
            timeout=None,  # noqa: S113 - each request has its own, as it is set then
            transport=PinnedTransport(
                reach or Reach(),
                # Reading the certificates takes 17 ms of the event loop; a plain connection never needs them.
                httpx.create_ssl_context(verify=url.startswith("https:"), trust_env=False),
                httpx.Limits(max_connections=None, keepalive_expiry=KEEPALIVE_SECONDS),
            ),
            follow_redirects=False,
            trust_env=False,
        )

    async def get(self, path: str) -> JsonObject:
        """Ask a small question, within `Deadlines.query`."""
        return await self._ask("GET", path, None, StageTimer("query", self._deadlines.query))

    async def post(self, path: str, body: JsonObject) -> JsonObject:
        """Ask a small question that has a body, within `Deadlines.query`."""
        return await self._ask("POST", path, body, StageTimer("query", self._deadlines.query))

    async def post_load(self, path: str, body: JsonObject) -> JsonObject:
        """Ask for something that loads a model, within `Deadlines.load`."""
        return await self._ask("POST", path, body, StageTimer("load", self._deadlines.load))

    async def order(self, method: str, path: str, body: JsonObject) -> None:
        """Ask for something that the status alone answers, within `Deadlines.load`: a disk may be slow."""
        timer = StageTimer("load", self._deadlines.load)
        async with self.open(method, path, body, timer) as reply:
            await timer.wait(reply.body(BODY_LIMIT_BYTES))

    async def _ask(self, method: str, path: str, body: JsonObject | None, timer: StageTimer) -> JsonObject:
        async with self.open(method, path, body, timer) as reply:
            return decode_object(await timer.wait(reply.body(BODY_LIMIT_BYTES)))

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        body: JsonObject | None,
        timer: StageTimer,
    ) -> AsyncGenerator[HttpReply, None]:
        """Send a request and give its reply once the headers came with status 200; leaving closes it.

        A reply that was not read to its end takes its connection with it, which tells the server to stop.
        """
        with timer:
            response = await timer.wait(self._send(method, path, body))
            try:
                reply = HttpReply(response)
                await timer.wait(self._accept(response, reply))
                yield reply
            finally:
                await response.aclose()

    async def _send(self, method: str, path: str, body: JsonObject | None) -> httpx.Response:
        while not self._client.is_closed:
            connections = NewConnections()
            try:
                with mapped(BackendUnreachable):
                    limit = httpx.Timeout(None, connect=self._deadlines.connect.total_seconds())
                    request = self._client.build_request(method, path, json=body, timeout=limit)
                    request.extensions["trace"] = connections.note
                    return await self._client.send(request, stream=True)
            except BackendUnreachable:
                # The server may close a kept connection just as it is taken up, and then another one is as good as
                # new: llama.cpp does so after each stream, where 5 of 60 requests in turn failed.
                if connections.any:
                    raise
        raise BackendUnreachable("the backend was closed")

    async def _accept(self, response: httpx.Response, reply: HttpReply) -> None:
        headers = response.headers
        if response.is_redirect:
            raise BackendMisconfigured(f"redirects to {headers['Location']}")
        if headers.get("Content-Encoding", "identity") != "identity":
            raise ReplyInvalid(f"compressed with {headers['Content-Encoding']}, which was not asked for")
        if response.status_code != httpx.codes.OK:
            text = (await reply.body(ERROR_LIMIT_BYTES)).decode("utf-8", "replace").strip()
            raise self._read_error(ErrorReply(response.status_code, text, read_retry_after(headers)))
        if headers.get("Content-Type", "").startswith("text/html"):
            raise BackendMisconfigured("a web page came instead of an answer")

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()


class NewConnections:
    """Notes whether a request had a connection of its own, rather than one that was kept."""

    def __init__(self) -> None:
        self.any = False

    async def note(self, event: str, _: object) -> None:
        """Take in what httpcore traces."""
        self.any = self.any or event == "connection.connect_tcp.started"


class HttpReply:
    """The body of a reply that was accepted, read once."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    async def body(self, limit_bytes: int) -> bytes:
        """Read all of the body; raises `ReplyInvalid` when it is longer than `limit_bytes`."""
        whole = bytearray()
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                whole += chunk
                if len(whole) > limit_bytes:
                    raise ReplyInvalid(f"a body of more than {limit_bytes} bytes")
        return bytes(whole)

    async def lines(self) -> AsyncGenerator[list[bytes], None]:
        """Split the body at line feeds, which the lines keep; a last line that was cut has none.

        Gives at a time the lines that came at a time, one at least. Only a line feed ends a line: U+0085 and U+2028
        stand inside of tokens. Raises `ReplyInvalid` for a line of more than `LINE_LIMIT_BYTES`.
        """
        pending = bytearray()
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                first, *others = chunk.split(b"\n")
                pending += first
                _refuse_long(pending)  # no other line is longer than a chunk
                if others:
                    *whole, rest = others
                    yield [bytes(pending) + b"\n", *(line + b"\n" for line in whole)]
                    pending[:] = rest
        if pending:
            yield [bytes(pending)]

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        # The raw bytes: httpx would unpack a compressed body without a limit.
        with mapped(ReplyInterrupted):
            async for chunk in self._response.aiter_raw():
                yield chunk


def _refuse_long(line: bytearray) -> None:
    if len(line) > LINE_LIMIT_BYTES:
        raise ReplyInvalid(f"a line of more than {LINE_LIMIT_BYTES} bytes: {bytes(line[:200])!r}")


@contextmanager
def mapped(broken: type[BackendError]) -> Generator[None, None, None]:
    """Turn what httpx raises into the tree; `broken` is what a broken line means at this point."""
    try:
        yield
    except AddressRefused as refusal:
        raise _out_of_reach(refusal) from refusal
    except FOREIGN_ERRORS as error:
        raise backend_error(error, broken) from error


def _out_of_reach(refusal: AddressRefused) -> BackendError:
    if refusal.flaw == AddressFlaw.UNKNOWN_HOST:
        return BackendUnreachable(f"nobody knows the address of {refusal.detail}")
    return BackendMisconfigured(f"connections to {refusal.detail} are not allowed")


def backend_error(error: ForeignError, broken: type[BackendError]) -> BackendError:
    """Name an error of httpx in our tree."""
    detail = f"{type(error).__name__}: {error}"
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ProxyError():
            return BackendUnreachable(detail)
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError() | httpx.TooManyRedirects():
            return BackendMisconfigured(detail)
        case httpx.DecodingError() | httpx.CookieConflict():
            return ReplyInvalid(detail)
        case _:
            return broken(detail)


def read_retry_after(headers: httpx.Headers) -> timedelta | None:
    """Read how long the server asks to wait, in seconds or as a date; the date counts from the server's own `Date`."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), 86_400))
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(wait, timedelta())
