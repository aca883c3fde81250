"""The composition root: builds every part once, starts and stops them in order."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import astuple, dataclass
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

from fastapi import APIRouter
from starlette.types import ASGIApp

from chatui import __version__
from chatui.accounts.accounts import Accounts, open_accounts
from chatui.accounts.rules import AccountRules, SessionRules, SignUpMode
from chatui.backends.addresses import parse_backend
from chatui.backends.base import Deadlines, ModelOptions
from chatui.backends.embedded import embedded_available, embedded_config
from chatui.backends.embedded_process import EmbeddedConfig
from chatui.backends.factory import BackendFactory
from chatui.backends.registry import CHECK_INTERVAL, Registry
from chatui.conversations.composer import Composer
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.journals import Journals
from chatui.conversations.recovery import Recovery
from chatui.conversations.saver import Saver
from chatui.conversations.services import Ground, Services, build_services
from chatui.conversations.storage_watch import StorageWatch
from chatui.conversations.temporary import TemporaryMemory
from chatui.domain.errors import Refused
from chatui.domain.messages import ModelName, UserId
from chatui.gateway.journal import RequestJournal
from chatui.gateway.models import Models
from chatui.gateway.service import Gateway
from chatui.operations.ceiling import Ceilings
from chatui.operations.fleet import Fleet
from chatui.operations.host import machine_load, memory
from chatui.operations.learning import Learning
from chatui.operations.limits_in_force import LimitsInForce
from chatui.operations.schedules import Schedules
from chatui.operations.upkeep import Upkeep
from chatui.scheduler.policy import Auto, Fixed, Limit, Policy, PolicyConfig
from chatui.scheduler.retry import RetryPolicy
from chatui.scheduler.scheduler import Scheduler
from chatui.settings import Settings, SettingsError
from chatui.web.account_page import account_routes
from chatui.web.api.routes import api_routes
from chatui.web.door import door_routes
from chatui.web.groups_page import groups_routes
from chatui.web.hosts import TrustedHosts, hosts_for
from chatui.web.hub import Hub
from chatui.web.listener import bind, url_of
from chatui.web.live import LiveLine
from chatui.web.markdown import Markdown
from chatui.web.ops import health_routes
from chatui.web.pages import Pages
from chatui.web.people_page import people_routes
from chatui.web.queue_admin import QueueAdmin, queue_routes
from chatui.web.share import GradioTunnel, NotShared, Shared, ShareLink
from chatui.web.standing import Standing
from chatui.web.wiring import live_line
from chatui.web.wording import wording_for
from storage import accounts, failures, jobs
from storage.database import Database

KEEP_LEARNED_EVERY = timedelta(minutes=1)
END_SESSIONS_EVERY = timedelta(minutes=1)
LOOK_AT_LIMITS_EVERY = timedelta(minutes=1)
FAILURES_SHOWN = 100
EMBEDDED_SLOTS = 4
_clock = time.monotonic
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Core:
    """The parts below the web side."""

    database: Database
    fleet: Fleet
    journal: AnswerJournal
    scheduler: Scheduler
    services: Services
    standing: Standing
    learning: Learning
    accounts: Accounts
    limits: LimitsInForce
    gateway: Gateway


@dataclass(frozen=True, slots=True)
class Site:
    """The web side: what tabs watch and say, by which names it is reached, what is served, and what serves it."""

    hub: Hub
    line: LiveLine
    hosts: TrustedHosts
    app: ASGIApp
    server: Any  # a `chatui.web.server.Server`, whose module imports Gradio


async def serve(settings: Settings, started: Callable[[Core], None] = lambda _: None) -> None:
    """Serve until SIGINT or SIGTERM, then drain and stop; `started` sees the parts as soon as they are there.

    Raises `SettingsError`, `AddressUnusable` or a `StorageError`: each is one sentence for the console.
    """
    stop = _stop_on_signals()
    async with AsyncExitStack() as stack:
        listener = bind(settings.host, settings.port)
        stack.callback(listener.close)
        # Importing Gradio takes seconds: meanwhile the database and the backends start.
        importing = asyncio.create_task(asyncio.to_thread(import_module, "chatui.web.server"))
        core = await start_core(settings, stack)
        started(core)
        site = put_up(settings, core, await importing)
        await _serve_site(settings, core, site, listener, stop)


async def start_core(settings: Settings, stack: AsyncExitStack) -> Core:
    """Build and start everything below the web side; `stack` stops it. Raises as `serve` does."""
    database = await Database.open(settings.data)
    stack.push_async_callback(database.close)
    registry = _registry(settings)
    stack.push_async_callback(registry.aclose)
    await _start_registry(registry)
    fleet = Fleet(registry, settings.context_tokens, _clock)
    standing = Standing(fleet)
    watch = StorageWatch(database)
    stack.callback(watch.close)
    watch.subscribe(standing.storage_trouble)
    saver = Saver(database, watch)
    journal = AnswerJournal(database.clocks, saver, machine_load)
    memory = TemporaryMemory(database.clocks, saver)
    stack.callback(memory.database.close)
    requests = RequestJournal(saver, database.clocks, machine_load)
    accounts = await open_accounts(watch, database.clocks, database.erase_deleted, _account_rules(settings))
    stack.push_async_callback(accounts.close)
    policy = Policy(_policy_config(settings))
    learning = Learning(database, policy)
    await learning.recall()
    stack.push_async_callback(learning.keep)
    scheduler = Scheduler(
        policy,
        fleet,
        Journals(journal, memory.journal, requests),
        RetryPolicy(retries=settings.retries),
        clock=_clock,
        rng=random.Random(),  # noqa: S311 - jitter, not cryptography
        first_arrival=await database.read(jobs.next_arrival),
    )
    composer = Composer(fleet, settings.answer_tokens)
    await Recovery(database, scheduler, journal, composer).run()
    limits = LimitsInForce(accounts.allowances, scheduler)
    accounts.listeners.subscribe(limits.heard)
    limits.subscribe(standing.models_changed)
    standing.models_of = limits.models_of
    await limits.refresh()
    fleet.tell(scheduler)
    fleet.subscribe(standing.models_changed)
    if settings.workers == "auto":
        _keep_ceilings(settings, fleet, scheduler)
    services = build_services(
        Ground(
            watch,
            database.clocks,
            scheduler,
            journal,
            composer,
            accounts.allowances,
            settings.message_characters,
            memory,
            timedelta(minutes=settings.temporary_minutes),
        )
    )
    accounts.listeners.subscribe(services.temporary.heard)
    gateway = Gateway(scheduler, fleet, accounts.allowances, requests, settings.answer_tokens)
    accounts.listeners.subscribe(gateway.heard)
    stack.callback(services.title_writer.close)
    _keep_up(settings, database, stack)
    return Core(database, fleet, journal, scheduler, services, standing, learning, accounts, limits, gateway)


def put_up(settings: Settings, core: Core, web: ModuleType) -> Site:
    """Build the web side over the parts; `web` is `chatui.web.server`."""
    markdown = Markdown()
    hub = Hub(core.services.rooms, core.services.shelf, core.scheduler, markdown, _clock)
    core.standing.post_all = hub.post_all
    line = live_line(hub, core.services, markdown, core.standing.frames, settings.message_characters)
    core.accounts.listeners.subscribe(hub.heard)
    hosts = hosts_for(settings.host, settings.trusted_host)
    app = web.build_app(line, _routes(core), hosts, core.accounts.service)
    return Site(hub, line, hosts, app, web.Server(app, settings.log_level, settings.proxy))


def work_of(core: Core, site: Site) -> Sequence[Coroutine[None, None, None]]:
    """What runs on its own for as long as the app does."""
    return (
        core.scheduler.run(),
        core.fleet.run(CHECK_INTERVAL),
        core.learning.run(KEEP_LEARNED_EVERY),
        core.limits.run(LOOK_AT_LIMITS_EVERY),
        _end_old_sessions(core.accounts),
        core.services.shelf.run(),
        core.services.temporary.run(site.hub.watched),
        site.hub.run(),
    )


async def _serve_site(settings: Settings, core: Core, site: Site, listener: socket.socket, stop: asyncio.Event) -> None:
    background = [asyncio.create_task(part) for part in work_of(core, site)]
    hello = _hello(url_of(listener), core.fleet, await core.accounts.service.first_admin_code())
    serving = asyncio.create_task(site.server.serve_on(listener, lambda: print(hello, flush=True)))  # noqa: T201
    stopping = asyncio.create_task(stop.wait())
    sharing = asyncio.create_task(_share(settings, core, site, *listener.getsockname()[:2]))
    await asyncio.wait({serving, stopping, *background}, return_when=asyncio.FIRST_COMPLETED)
    core.standing.stopping()
    await core.scheduler.drain(timedelta(seconds=settings.drain_seconds))
    await core.journal.settle()
    site.server.should_exit = True
    await serving
    await _end([*background, stopping, sharing])


def _routes(core: Core) -> Sequence[APIRouter]:
    """Every route but the page's own, which belongs to Gradio."""
    pages = Pages()
    return [
        health_routes(core.database, core.fleet),
        door_routes(core.accounts.service, pages),
        account_routes(core.accounts.own, core.accounts.keys, pages),
        people_routes(core.accounts, pages),
        groups_routes(core.accounts, pages),
        queue_routes(_queue_admin(core)),
        *api_routes(
            core.gateway,
            Models(core.fleet, core.accounts.allowances),
            core.accounts.keys,
            _clock,
            core.database.clocks.now,
        ),
    ]


async def _share(settings: Settings, core: Core, site: Site, host: str, port: int) -> None:
    """Have a link to the internet, where one is wanted."""

    def told(link: Shared | NotShared) -> None:
        core.standing.link_changed(link)
        words = wording_for("en")
        sentence = words.shared(link.url, link.until) if isinstance(link, Shared) else words.not_shared(*astuple(link))
        print(sentence, flush=True)  # noqa: T201 - for the person at the console

    if settings.share:
        link = ShareLink(core.accounts.service, site.hosts, GradioTunnel(), core.database.clocks.now, told)
        await link.run(host, port)


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


def _keep_up(settings: Settings, database: Database, stack: AsyncExitStack) -> None:
    """Have the database cared for by the clock."""
    schedules = Schedules()
    upkeep = Upkeep(database, timedelta(days=settings.failure_days))
    upkeep.put_on(schedules, timedelta(hours=settings.backup_hours))
    schedules.start()
    stack.callback(schedules.stop)


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


def _registry(settings: Settings) -> Registry:
    def options_for(_model: ModelName) -> ModelOptions:
        return ModelOptions(num_ctx=settings.context_tokens)

    try:
        addresses = [parse_backend(text) for text in settings.backend]
    except ValueError as error:
        raise SettingsError(f"--backend: {error}") from error
    factory = BackendFactory(_deadlines(settings), options_for, embedded=_embedded(settings))
    return Registry(factory, addresses, ollama_host=settings.ollama_host)


def _deadlines(settings: Settings) -> Deadlines:
    return Deadlines(
        connect=timedelta(seconds=settings.connect_seconds),
        load=timedelta(seconds=settings.load_seconds),
        first_token=timedelta(seconds=settings.first_token_seconds),
        progress=timedelta(seconds=settings.progress_seconds),
        total=timedelta(seconds=settings.total_seconds),
    )


async def _start_registry(registry: Registry) -> None:
    try:
        await registry.start()
    except ValueError as error:
        raise SettingsError(f"OLLAMA_HOST: {error}") from error


def _embedded(settings: Settings) -> EmbeddedConfig | None:
    """The built-in model, with a slot for every worker that there may be."""
    if not embedded_available():
        return None
    slots = EMBEDDED_SLOTS if settings.workers == "auto" else settings.workers
    return embedded_config(slots=slots, num_ctx=settings.context_tokens, threads=settings.embedded_threads or None)


def _policy_config(settings: Settings) -> PolicyConfig:
    return PolicyConfig(
        limit=_limit(settings),
        running_per_user=settings.running_per_person,
        queued_per_user=settings.queued_per_person,
        queued_in_all=settings.queue_total,
    )


def _limit(settings: Settings) -> Limit:
    return Auto(1) if settings.workers == "auto" else Fixed(settings.workers)


def _keep_ceilings(settings: Settings, fleet: Fleet, scheduler: Scheduler) -> None:
    """Give each backend the most workers that is set, or that its machine is thought to bear, at each change."""
    ceilings = Ceilings(memory, settings.context_tokens, EMBEDDED_SLOTS)

    def apply() -> None:
        for name, advised in ceilings.advise(fleet.statuses()).items():
            maximum = advised if settings.max_workers == "auto" else settings.max_workers
            scheduler.set_limit(name, Auto(maximum))

    apply()
    fleet.subscribe(apply)


def _account_rules(settings: Settings) -> AccountRules:
    sessions = SessionRules(
        idle=timedelta(hours=settings.session_idle_hours), absolute=timedelta(days=settings.session_days)
    )
    return AccountRules(sign_up=SignUpMode(settings.sign_up), sessions=sessions)


def _queue_admin(core: Core) -> QueueAdmin:
    return QueueAdmin(
        core.scheduler,
        lambda: _names(core.database),
        lambda: core.database.read(lambda session: failures.recent_failures(session, FAILURES_SHOWN)),
        core.services.rooms.kept.conversations.replay,
        _clock,
    )


async def _names(database: Database) -> dict[UserId, str]:
    people = await database.read(accounts.list_accounts)
    return {UserId(account.id): account.name for account in people}


def _hello(url: str, fleet: Fleet, code: str | None) -> str:
    """What the console shows once requests are answered."""
    words = wording_for("en")
    answering = [status.name for status in fleet.statuses() if status.ok]
    silent = [status.name for status in fleet.statuses() if not status.ok]
    lines = [f"Samovar {__version__} on {url}"]
    lines += [words.answers(fleet.origin, ", ".join(answering))] if answering else []
    lines += [words.unreachable(", ".join(silent))] if silent else []
    lines += [words.first_admin(f"{url}/first-admin?code={code}")] if code else []
    return "\n".join(lines)
