"""The parts below the web side: built once, in order."""

from __future__ import annotations

import logging
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from chatui.accounts.accounts import Accounts, open_accounts
from chatui.configuration import account_rules, keep_ceilings, policy_config, registry_for, start_registry
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
from chatui.logs import note_request
from chatui.operations.fleet import Fleet
from chatui.operations.gpu import Gpus
from chatui.operations.host import Host, machine_load
from chatui.operations.learning import Learning
from chatui.operations.limits_in_force import LimitsInForce
from chatui.operations.log_ring import LogRing
from chatui.operations.queue_control import QueueControl
from chatui.operations.recorder.history import History
from chatui.operations.recorder.recorder import Recorder
from chatui.operations.recorder.tally import Tally
from chatui.operations.recorder.totals import Totals
from chatui.operations.schedules import Schedules
from chatui.operations.upkeep import PURGE_EVERY, SOON, Upkeep
from chatui.operations.warm_up.journal import WarmUpJournal
from chatui.operations.warm_up.keeper import WarmUps
from chatui.operations.warm_up.warmer import Warmer
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
    totals: Totals
    log: LogRing
    control: QueueControl


async def start_core(settings: Settings, stack: AsyncExitStack) -> Core:
    """Build and start everything below the web side; `stack` stops it. Raises as `serve` does."""
    log = _log_ring(stack)
    database = await Database.open(settings.data)
    stack.push_async_callback(database.close)
    registry = registry_for(settings)
    stack.push_async_callback(registry.aclose)
    await start_registry(registry)
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
    warm_up_journal = WarmUpJournal()
    accounts = await open_accounts(watch, database.clocks, database.erase_deleted, account_rules(settings))
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
    composer = Composer(fleet, settings.answer_tokens)
    await Recovery(database, scheduler, journal, composer).run()
    limits = LimitsInForce(accounts.allowances, scheduler)
    accounts.listeners.subscribe(limits.heard)
    limits.subscribe(standing.models_changed)
    standing.models_of = limits.models_of
    await limits.refresh()
    control = QueueControl(watch, scheduler, database.clocks.now)
    async with control.recalled():
        fleet.tell(scheduler)
    fleet.subscribe(standing.models_changed)
    if settings.workers == "auto":
        keep_ceilings(settings, fleet, scheduler)
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
    gateway = Gateway(
        scheduler, fleet, Allowed(accounts.allowances, _clock), Kept(watch), requests, settings.answer_tokens
    )
    accounts.listeners.subscribe(gateway.heard)
    stack.callback(services.title_writer.close)
    recorder, totals = _recorder(database, scheduler, tally), Totals()
    recorder.subscribe(totals.add)
    warm_ups = WarmUps(database, Warmer(scheduler, fleet, warm_up_journal, _clock), scheduler, fleet, _clock)
    stack.push_async_callback(warm_ups.close)
    _keep_up(settings, database, recorder, warm_ups, stack)
    above = (learning, accounts, limits, gateway, recorder, warm_ups, totals, log, control)
    return Core(database, fleet, journal, scheduler, services, standing, *above)


def _log_ring(stack: AsyncExitStack) -> LogRing:
    """What keeps the last lines of the log, from now on."""
    log, root = LogRing(), logging.getLogger()
    log.addFilter(note_request)
    root.addHandler(log)
    stack.callback(root.removeHandler, log)
    return log


def _recorder(database: Database, scheduler: Scheduler, tally: Tally) -> Recorder:
    """What notes the figures of the queue, of this machine and of its graphics cards."""
    host, gpus = Host(database.directory.path), Gpus()
    return Recorder(scheduler, tally, History(database), lambda: {**host.figures(), **gpus.figures()}, _clock)


def _keep_up(
    settings: Settings, database: Database, recorder: Recorder, warm_ups: WarmUps, stack: AsyncExitStack
) -> None:
    """Have the database cared for by the clock, and models warmed up."""
    schedules = Schedules()
    warm_ups.put_on(schedules)
    upkeep = Upkeep(database, timedelta(days=settings.failure_days))
    upkeep.put_on(schedules, timedelta(hours=settings.backup_hours))
    schedules.every(PURGE_EVERY, "the purge of old figures", recorder.history.purge, SOON)
    schedules.start()
    stack.callback(schedules.stop)
