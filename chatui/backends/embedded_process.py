"""One life of the embedded server's process."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess  # our own interpreter runs a file of ours, without a shell  # nosec B404
import sys
from asyncio.subprocess import Process
from collections.abc import Generator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from chatui.backends.base import BackendKind, Deadlines
from chatui.backends.deadlines import StageTimer
from chatui.backends.embedded_child import ChildOrder
from chatui.backends.http import HttpClient
from chatui.backends.openai import OpenAIBackend
from chatui.backends.openai_errors import OPENAI_ERRORS
from chatui.backends.wire import as_text, decode_object
from chatui.domain.errors import BackendError, BackendUnreachable, ModelLoadFailed
from chatui.domain.messages import ModelName

# The folder that holds the package, so that the child finds it wherever the app was started.
PACKAGE_ROOT = Path(__file__).parents[2]

HEALTH_INTERVAL_SECONDS = 0.02
GRACE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class EmbeddedConfig:
    """What the embedded server serves: `num_ctx` tokens for each of `slots`; without `threads`, on all cores but one.

    The child's own messages go to the end of `log_path`, and nowhere when it is None.
    """

    model_path: Path
    model: ModelName
    slots: int = 2
    num_ctx: int = 4096
    threads: int | None = None
    log_path: Path | None = None


class EmbeddedChild:
    """A running child, and the backend that speaks to it."""

    def __init__(self, process: Process, backend: OpenAIBackend) -> None:
        self._process = process
        self.backend = backend

    @classmethod
    async def start(cls, config: EmbeddedConfig, deadlines: Deadlines) -> EmbeddedChild:
        """Start a child; returns when its model answers. Raises a `BackendError` when it does not come to that."""
        api_key = secrets.token_urlsafe(32)
        process = await _spawned(config)
        try:
            with StageTimer("load", deadlines.load) as timer:
                url = await timer.wait(_give_order(process, config, api_key))
                await timer.wait(_until_healthy(url, process, deadlines))
        except BaseException:
            await _ended(process)
            raise
        return cls(process, OpenAIBackend("embedded", url, deadlines, api_key, kind=BackendKind.EMBEDDED))

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    async def wait(self) -> int:
        """Wait until the child is gone; returns its exit code."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End the child, and what is under way with it."""
        await self.backend.aclose()
        await _ended(self._process)


async def _spawned(config: EmbeddedConfig) -> Process:
    """Start the process; who is cancelled meanwhile leaves none behind."""
    spawning = asyncio.create_task(_spawn(config))
    try:
        return await asyncio.shield(spawning)
    except asyncio.CancelledError:
        await asyncio.wait({spawning})
        if spawning.exception() is None:
            await _end(spawning.result())
        raise


async def _ended(process: Process) -> None:
    """End the process; who is cancelled meanwhile goes once it is gone."""
    ending = asyncio.create_task(_end(process))
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await asyncio.wait({ending})
        raise


async def _spawn(config: EmbeddedConfig) -> Process:
    # A session of its own: Ctrl-C in the terminal reaches the app, which stops the child when its answers are done.
    try:
        with _messages_to(config.log_path) as target:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "chatui.backends.embedded_child",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=target,
                cwd=PACKAGE_ROOT,
                start_new_session=True,
            )
    except OSError as error:
        raise BackendUnreachable(f"the embedded server cannot be started: {error}") from error


@contextmanager
def _messages_to(path: Path | None) -> Generator[int, None, None]:
    if path is None:
        yield subprocess.DEVNULL
    else:
        with path.open("ab") as log:
            yield log.fileno()


def _order(config: EmbeddedConfig, api_key: str) -> ChildOrder:
    path = str(config.model_path.absolute())
    return ChildOrder(path, config.model, config.slots, config.num_ctx, config.threads, api_key)


async def _give_order(process: Process, config: EmbeddedConfig, api_key: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    order = _order(config, api_key)
    with suppress(ConnectionError):
        process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        await process.stdin.drain()
    line = await process.stdout.readline()
    if not line:
        raise ModelLoadFailed(f"the embedded server stopped with code {await process.wait()}")
    told = decode_object(line)
    if url := as_text(told.get("url")):
        return url
    raise ModelLoadFailed(as_text(told.get("error")))


async def _until_healthy(url: str, process: Process, deadlines: Deadlines) -> None:
    async with aclosing(HttpClient(url, deadlines, OPENAI_ERRORS.read)) as http:
        while not await _healthy(http):
            if process.returncode is not None:
                raise ModelLoadFailed(f"the embedded server stopped with code {process.returncode}")
            await asyncio.sleep(HEALTH_INTERVAL_SECONDS)


async def _healthy(http: HttpClient) -> bool:
    try:
        await http.get("/health")
    except BackendError:
        return False
    return True


async def _end(process: Process) -> None:
    # Closing its input is enough unless native code hangs.
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
