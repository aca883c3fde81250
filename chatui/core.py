"""The parts below the web side: built once, in order."""

from __future__ import annotations

import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from chatui.accounts.accounts import Accounts, open_accounts
from chatui.applying import Applying, set_log_level
from chatui.backends.base import Deadlines
from chatui.backends.registry import Registry
from chatui.configuration import (
    account_rules,
    deadlines_of,
    policy_config,
    registry_for,
    slots_for,
    start_registry,
)
from chatui.conversations.composer import Composer
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.journals import Journals
from chatui.conversations.recovery import Recovery
from chatui.conversations.saver import Saver
from chatui.conversations.services import Ground, Services, build_services
from chatui.conversations.storage_watch import StorageWatch
from chatui.conversations.temporary import TemporaryMemory
from chatui.gateway.allowed import Allowed
from chatui.gateway.journal import RequestJournal
from chatui.gateway.kept import Kept
from chatui.gateway.service import Gateway
from chatui.operations.backend_list import BackendList, BackendsService
from chatui.operations.ceiling import Ceilings
from chatui.operations.fleet import Fleet
from chatui.operations.gpu import Gpus
from chatui.operations.host import Host, machine_load
from chatui.operations.host import memory as machine_memory
from chatui.operations.learning import Learning
from chatui.operations.limits_in_force import LimitsInForce
from chatui.operations.pulls import Pulls
from chatui.operations.recorder.history import History
from chatui.operations.recorder.recorder import Recorder
from chatui.operations.recorder.tally import Tally
from chatui.operations.schedules import Schedules
from chatui.operations.settings.in_force import SettingsInForce
from chatui.operations.settings.service import SettingsService
from chatui.operations.upkeep import PURGE_EVERY, SOON, Upkeep
from chatui.operations.warm_up.journal import WarmUpJournal
from chatui.operations.warm_up.keeper import WarmUps
from chatui.operations.warm_up.warmer import Warmer
from chatui.operations.workers import WorkersInForce
from chatui.scheduler.policy import Policy
from chatui.scheduler.retry import RetryPolicy
from chatui.scheduler.scheduler import Scheduler
from chatui.settings import Settings
from chatui.web.standing import Standing
from storage import jobs
from storage.database import Database

_clock = time.monotonic


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
    recorder: Recorder
    warm_ups: WarmUps
    settings: SettingsService
    pulls: Pulls
    backends: BackendsService


async def start_core(settings: Settings, stack: AsyncExitStack) -> Core:
    """Build and start everything below the web side; `stack` stops it. Raises as `serve` does."""
    base = await _base(settings, stack)
    database, watch, in_force, fleet = base.database, base.watch, base.in_force, base.fleet
    settings = in_force.now
    standing = Standing(fleet, machine_memory().total_bytes)
    watch.subscribe(standing.storage_trouble)
    saver = Saver(database, watch)
    journal = AnswerJournal(database.clocks, saver, machine_load)
    memory = TemporaryMemory(database.clocks, saver)
    stack.callback(memory.database.close)
    requests = RequestJournal(saver, database.clocks, machine_load)
    warm_up_journal = WarmUpJournal()
    accounts = await open_accounts(
        watch,
        database.clocks,
        database.erase_deleted,
        account_rules(in_force.start, lambda: in_force.now),
    )
    stack.push_async_callback(accounts.close)
    policy = Policy(policy_config(settings))
    learning = Learning(database, policy)
    await learning.recall()
    stack.push_async_callback(learning.keep)
    tally = Tally(Journals(journal, memory.journal, requests, warm_up_journal))
    scheduler = Scheduler(
        policy,
        fleet,
        tally,
        RetryPolicy(retries=settings.retries),
        clock=_clock,
        rng=random.Random(),  # noqa: S311 - jitter, not cryptography
        first_arrival=await database.read(jobs.next_arrival),
    )
    composer = Composer(fleet, lambda: in_force.now.answer_tokens)
    await Recovery(database, scheduler, journal, composer).run()
    limits = LimitsInForce(accounts.allowances, scheduler)
    accounts.listeners.subscribe(limits.heard)
    limits.subscribe(standing.models_changed)
    standing.models_of = limits.models_of
    standing.loads_in = lambda model: fleet.loads_in(model, policy.usual_load)
    await limits.refresh()
    fleet.tell(scheduler)
    fleet.subscribe(standing.models_changed)
    workers = _workers(in_force, fleet, scheduler)
    services = build_services(
        Ground(
            watch,
            database.clocks,
            scheduler,
            journal,
            composer,
            accounts.allowances,
            lambda: in_force.now.message_characters,
            memory,
            lambda: timedelta(minutes=in_force.now.temporary_minutes),
        )
    )
    accounts.listeners.subscribe(services.temporary.heard)
    gateway = Gateway(
        scheduler,
        fleet,
        Allowed(accounts.allowances, _clock),
        Kept(watch),
        requests,
        lambda: in_force.now.answer_tokens,
    )
    accounts.listeners.subscribe(gateway.heard)
    stack.callback(services.title_writer.close)
    recorder = _recorder(database, scheduler, tally)
    warmer = Warmer(scheduler, fleet, warm_up_journal, _clock)
    warm_ups = WarmUps(database, warmer, scheduler, fleet, _clock)
    stack.push_async_callback(warm_ups.close)
    pulls = Pulls(fleet)
    stack.push_async_callback(pulls.close)
    schedules = Schedules()
    warm_ups.put_on(schedules)
    upkeep = Upkeep(database, lambda: timedelta(days=in_force.now.failure_days))
    _keep_up(settings, upkeep, recorder, schedules, stack)
    applying = Applying(lambda: in_force.now, scheduler, workers, base.deadlines, base.registry, upkeep, schedules)
    in_force.subscribe(applying.changed)
    changing = SettingsService(accounts.desk, in_force)
    return Core(
        database,
        fleet,
        journal,
        scheduler,
        services,
        standing,
        learning,
        accounts,
        limits,
        gateway,
        recorder,
        warm_ups,
        changing,
        pulls,
        await _backends(changing, fleet, scheduler),
    )


@dataclass(frozen=True, slots=True)
class _Base:
    """What everything else stands on."""

    database: Database
    watch: StorageWatch
    in_force: SettingsInForce
    deadlines: Deadlines
    registry: Registry
    fleet: Fleet


async def _base(settings: Settings, stack: AsyncExitStack) -> _Base:
    """Open the database, learn what admins set, and find the backends."""
    database = await Database.open(settings.data)
    stack.push_async_callback(database.close)
    watch = StorageWatch(database)
    stack.callback(watch.close)
    in_force = SettingsInForce(settings, watch)
    await in_force.refresh()
    if in_force.now.log_level != settings.log_level:
        set_log_level(in_force.now.log_level)
    deadlines = deadlines_of(in_force.now)
    registry = registry_for(in_force.now, in_force.options_for, deadlines)
    stack.push_async_callback(registry.aclose)
    await start_registry(registry)
    fleet = Fleet(registry, in_force.context_for, _clock)
    return _Base(database, watch, in_force, deadlines, registry, fleet)


async def _backends(changing: SettingsService, fleet: Fleet, scheduler: Scheduler) -> BackendsService:
    """What admins do with backends; those that they added are there when this returns."""
    backend_list = BackendList(fleet, scheduler, changing.in_force)
    await backend_list.apply()
    return BackendsService(changing, fleet, backend_list)


def _workers(in_force: SettingsInForce, fleet: Fleet, scheduler: Scheduler) -> WorkersInForce:
    """What keeps every backend to its number of workers."""

    def ceilings(now: Settings) -> Ceilings:
        return Ceilings(machine_memory, now.context_tokens, slots_for(now))

    workers = WorkersInForce(lambda: in_force.now, ceilings, fleet, scheduler)
    workers.apply()
    fleet.subscribe(workers.apply)
    return workers


def _recorder(database: Database, scheduler: Scheduler, tally: Tally) -> Recorder:
    """What notes the figures of the queue, of this machine and of its graphics cards."""
    host, gpus = Host(database.directory.path), Gpus()
    return Recorder(scheduler, tally, History(database), lambda: {**host.figures(), **gpus.figures()}, _clock)


def _keep_up(
    settings: Settings, upkeep: Upkeep, recorder: Recorder, schedules: Schedules, stack: AsyncExitStack
) -> None:
    """Have the database cared for by the clock, with what else is on the schedules."""
    upkeep.put_on(schedules, timedelta(hours=settings.backup_hours))
    schedules.every(PURGE_EVERY, "the purge of old figures", recorder.history.purge, SOON)
    schedules.start()
    stack.callback(schedules.stop)
