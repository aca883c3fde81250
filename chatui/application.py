"""The composition root: starts the parts and the web side, serves, and stops them in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from chatui import __version__
from chatui.accounts.accounts import Accounts
from chatui.backends.registry import CHECK_INTERVAL
from chatui.core import Core, start_core
from chatui.domain.errors import Refused
from chatui.operations.fleet import Fleet
from chatui.settings import Settings
from chatui.site import Site, put_up
from chatui.web.lean_gradio import import_lean
from chatui.web.listener import bind, url_of
from chatui.web.wording import wording_for

KEEP_LEARNED_EVERY = timedelta(minutes=1)
END_SESSIONS_EVERY = timedelta(minutes=1)
LOOK_AT_LIMITS_EVERY = timedelta(minutes=1)
TELL_ENDS_WITHIN = timedelta(seconds=1)
log = logging.getLogger(__name__)


async def serve(settings: Settings, started: Callable[[Core], None] = lambda _: None) -> None:
    """Serve until SIGINT or SIGTERM, then drain and stop; `started` sees the parts as soon as they are there.

    Raises `SettingsError`, `AddressUnusable` or a `StorageError`: each is one sentence for the console.
    """
    stop = _stop_on_signals()
    async with AsyncExitStack() as stack:
        listener = bind(settings.host, settings.port)
        stack.callback(listener.close)
        # Importing Gradio takes seconds: meanwhile the database and the backends start.
        importing = asyncio.create_task(asyncio.to_thread(import_lean, "chatui.web.server"))
        core = await start_core(settings, stack)
        started(core)
        site = put_up(settings, core, await importing)
        # A million objects are there for good: looking through them for garbage held up everybody for 160 ms each time.
        gc.freeze()
        await _serve_site(core, site, listener, stop)


def work_of(core: Core, site: Site, listener: socket.socket) -> Sequence[Coroutine[None, None, None]]:
    """What runs on its own for as long as the app does."""
    host, port = listener.getsockname()[:2]
    return (
        core.scheduler.run(),
        core.fleet.run(CHECK_INTERVAL),
        core.learning.run(KEEP_LEARNED_EVERY),
        core.recorder.run(),
        core.limits.run(LOOK_AT_LIMITS_EVERY),
        core.tunings.run(),
        core.settings.in_force.run(),
        _end_old_sessions(core.accounts),
        core.services.shelf.run(),
        core.services.temporary.run(site.hub.watched),
        site.hub.run(),
        site.watch.run(),
        site.tuning.run(),
        site.share.run(host, port),
    )


async def _serve_site(core: Core, site: Site, listener: socket.socket, stop: asyncio.Event) -> None:
    background = [asyncio.create_task(part) for part in work_of(core, site, listener)]
    hello = _hello(url_of(listener), core.fleet, await core.accounts.service.first_admin_code())
    serving = asyncio.create_task(site.server.serve_on(listener, lambda: print(hello, flush=True)))  # noqa: T201
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping, *background}, return_when=asyncio.FIRST_COMPLETED)
    core.standing.stopping()
    await core.scheduler.drain(timedelta(seconds=core.settings.in_force.now.drain_seconds))
    await core.journal.settle()
    await site.hub.tell_ends(TELL_ENDS_WITHIN)
    site.server.should_exit = True
    await serving
    await _end([*background, stopping])


async def _end_old_sessions(accounts: Accounts) -> None:
    """Have sessions end when they are too old, also those of tabs that nobody touches, until cancelled."""
    while True:
        await asyncio.sleep(END_SESSIONS_EVERY.total_seconds())
        try:
            await accounts.service.purge()
        except Refused as error:
            log.info("old sessions were not ended: %s", error)


async def _end(background: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel what runs on its own. What ended in a fault raises it: the process must not end as if all was well."""
    for task in background:
        task.cancel()
    await asyncio.wait(background)
    for task in background:
        if not task.cancelled() and (fault := task.exception()) is not None:
            raise fault


def _stop_on_signals() -> asyncio.Event:
    """An event that the first SIGINT or SIGTERM sets; a second one ends the process as it does any other."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def first() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, first)
    return stop


def _hello(url: str, fleet: Fleet, code: str | None) -> str:
    """What the console shows once requests are answered."""
    words = wording_for("en")
    answering = [status.name for status in fleet.statuses() if status.ok]
    silent = [status.name for status in fleet.statuses() if not status.ok]
    lines = [f"Samovar {__version__} on {url}"]
    lines += [words.answers(fleet.origin, answering)] if answering else []
    lines += [words.unreachable(silent)] if silent else []
    lines += [words.first_admin(f"{url}/first-admin?code={code}")] if code else []
    return "\n".join(lines)
