"""The parts below the web side: built once, in order."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from chatui.accounts.accounts import Accounts, open_accounts
from chatui.applying import Applying
from chatui.configuration import (
    account_rules,
    file_limits,
    slots_for,
)
from chatui.conversations.composer import Composer
from chatui.conversations.files.reader import FileReader
from chatui.conversations.files.service import FileGround
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.recovery import Recovery
from chatui.conversations.services import Ground, Services, build_services
from chatui.foundation import Foundation, lay_foundation
from chatui.gateway.allowed import Allowed
from chatui.gateway.journal import RequestJournal
from chatui.gateway.kept import Kept
from chatui.gateway.service import Gateway
from chatui.measuring import start_tunings
from chatui.operations.backend_list import BackendList, BackendsService
from chatui.operations.backups import Backups, note_restored
from chatui.operations.ceiling import Ceilings
from chatui.operations.fleet import Fleet
from chatui.operations.gpu import Gpus
from chatui.operations.host import Host
from chatui.operations.host import memory as machine_memory
from chatui.operations.learning import Learning
from chatui.operations.limits_in_force import LimitsInForce
from chatui.operations.log_ring import LogRing
from chatui.operations.pulls import Pulls
from chatui.operations.queue_control import QueueControl
from chatui.operations.recorder.history import History
from chatui.operations.recorder.recorder import Recorder
from chatui.operations.recorder.tally import Tally
from chatui.operations.recorder.totals import Totals
from chatui.operations.schedules import Schedules
from chatui.operations.settings.in_force import SettingsInForce
from chatui.operations.settings.service import SettingsService
from chatui.operations.tuning.keeper import Tunings
from chatui.operations.upkeep import BACKUP, PURGE_EVERY, SOON, Upkeep
from chatui.operations.warm_up.keeper import WarmUps
from chatui.operations.warm_up.warmer import Warmer
from chatui.operations.workers import WorkersInForce
from chatui.queueing import Queueing, start_queueing
from chatui.scheduler.policy import Policy
from chatui.scheduler.scheduler import Scheduler
from chatui.settings import Settings
from chatui.web.standing import Standing
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
    tunings: Tunings
    settings: SettingsService
    backends: BackendsService
    pulls: Pulls
    totals: Totals
    log: LogRing
    control: QueueControl
    backups: Backups


async def start_core(settings: Settings, stack: AsyncExitStack) -> Core:
    """Build and start everything below the web side; `stack` stops it. Raises as `serve` does."""
    base = await lay_foundation(settings, stack)
    database, in_force, fleet = base.database, base.in_force, base.fleet
    accounts = await _accounts(base, stack)
    queue = await start_queueing(base, stack)
    scheduler = queue.scheduler
    composer = Composer(fleet, lambda: in_force.now.answer_tokens)
    await Recovery(database, scheduler, queue.journal, composer).run()
    limits = LimitsInForce(accounts.allowances, scheduler)
    accounts.listeners.subscribe(limits.heard)
    standing = _standing(base, limits, queue.policy)
    await limits.refresh()
    fleet.subscribe(standing.models_changed)
    changing, schedules = SettingsService(accounts.desk, in_force), Schedules()
    backends = BackendsService(changing, fleet, BackendList(fleet, scheduler, in_force))
    control = QueueControl(base.watch, scheduler, backends, database.clocks.now)
    async with control.recalled():
        fleet.tell(scheduler)
    workers = _workers(in_force, fleet, scheduler)
    services = _services(base, queue, composer, accounts)
    stack.callback(services.title_writer.close)
    stack.callback(services.imports.close)
    recorder, totals = _recorder(database, scheduler, queue.tally), Totals()
    recorder.subscribe(totals.add)
    core = Core(
        database,
        fleet,
        queue.journal,
        scheduler,
        services,
        standing,
        queue.learning,
        accounts,
        limits,
        _gateway(base, scheduler, accounts, queue.requests),
        recorder,
        WarmUps(database, Warmer(scheduler, fleet, queue.warm_ups, _clock), scheduler, fleet, _clock),
        await start_tunings(base, queue, workers, stack),
        changing,
        backends,
        Pulls(fleet),
        totals,
        base.log,
        control,
        Backups(accounts.desk, database, lambda: schedules.due(BACKUP)),
    )
    _keep_up(base, core, workers, schedules, stack)
    return core


async def _accounts(base: Foundation, stack: AsyncExitStack) -> Accounts:
    """Who may use the app."""
    in_force, database = base.in_force, base.database
    rules = account_rules(in_force.start, lambda: in_force.now)
    accounts = await open_accounts(base.watch, database.clocks, database.erase_deleted, rules)
    stack.push_async_callback(accounts.close)
    await note_restored(accounts.desk.changes, database.restored)
    return accounts


def _standing(base: Foundation, limits: LimitsInForce, policy: Policy) -> Standing:
    """What stands over every page."""
    standing = Standing(base.fleet, machine_memory().total_bytes)
    base.watch.subscribe(standing.storage_trouble)
    limits.subscribe(standing.models_changed)
    standing.models_of = limits.models_of
    standing.loads_in = lambda model: base.fleet.loads_in(model, policy.usual_load)
    return standing


def _services(base: Foundation, queue: Queueing, composer: Composer, accounts: Accounts) -> Services:
    """What people do with conversations."""
    in_force = base.in_force
    services = build_services(
        Ground(
            base.watch,
            base.database.clocks,
            queue.scheduler,
            queue.journal,
            composer,
            accounts.allowances,
            lambda: in_force.now.message_characters,
            queue.memory,
            lambda: timedelta(minutes=in_force.now.temporary_minutes),
            FileGround(FileReader(), lambda: file_limits(in_force.now)),
        )
    )
    accounts.listeners.subscribe(services.temporary.heard)
    return services


def _gateway(base: Foundation, scheduler: Scheduler, accounts: Accounts, requests: RequestJournal) -> Gateway:
    """What programs do."""
    gateway = Gateway(
        scheduler,
        base.fleet,
        Allowed(accounts.allowances, _clock),
        Kept(base.watch),
        requests,
        lambda: base.in_force.now.answer_tokens,
    )
    accounts.listeners.subscribe(gateway.heard)
    return gateway


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
    base: Foundation, core: Core, workers: WorkersInForce, schedules: Schedules, stack: AsyncExitStack
) -> None:
    """Have database and models cared for by the clock, and what admins change take effect."""
    in_force = base.in_force
    stack.push_async_callback(core.warm_ups.close)
    stack.push_async_callback(core.pulls.close)
    core.warm_ups.put_on(schedules)
    upkeep = Upkeep(base.database, lambda: timedelta(days=in_force.now.failure_days))
    upkeep.put_on(schedules, timedelta(hours=in_force.now.backup_hours))
    schedules.every(PURGE_EVERY, "the purge of old figures", core.recorder.history.purge, SOON)
    schedules.start()
    stack.callback(schedules.stop)
    applying = Applying(lambda: in_force.now, core.scheduler, workers, base.deadlines, base.registry, upkeep, schedules)
    in_force.subscribe(applying.changed)
