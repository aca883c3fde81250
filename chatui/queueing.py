"""The queue with its journals: built once, over what everything stands on."""

from __future__ import annotations

import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from chatui.configuration import (
    policy_config,
)
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.journals import Journals
from chatui.conversations.saver import Saver
from chatui.conversations.temporary import TemporaryMemory
from chatui.foundation import Foundation
from chatui.gateway.journal import RequestJournal
from chatui.operations.host import machine_load
from chatui.operations.learning import Learning
from chatui.operations.recorder.tally import Tally
from chatui.operations.warm_up.journal import WarmUpJournal
from chatui.scheduler.policy import Policy
from chatui.scheduler.retry import RetryPolicy
from chatui.scheduler.scheduler import Scheduler
from storage import jobs

_clock = time.monotonic


@dataclass(frozen=True, slots=True)
class Queueing:
    """The queue, and what keeps the course of its jobs."""

    journal: AnswerJournal
    memory: TemporaryMemory
    requests: RequestJournal
    warm_ups: WarmUpJournal
    tally: Tally
    policy: Policy
    learning: Learning
    scheduler: Scheduler


async def start_queueing(base: Foundation, stack: AsyncExitStack) -> Queueing:
    """Build the queue with what it learned before; nothing waits in it yet."""
    database, settings = base.database, base.in_force.now
    saver = Saver(database, base.watch)
    journal = AnswerJournal(database.clocks, saver, machine_load)
    memory = TemporaryMemory(database.clocks, saver)
    stack.callback(memory.database.close)
    requests, warm_ups = RequestJournal(saver, database.clocks, machine_load), WarmUpJournal()
    policy = Policy(policy_config(settings))
    learning = Learning(database, policy)
    await learning.recall()
    stack.push_async_callback(learning.keep)
    tally = Tally(Journals(journal, memory.journal, requests, warm_ups))
    scheduler = Scheduler(
        policy,
        base.fleet,
        tally,
        RetryPolicy(retries=settings.retries),
        clock=_clock,
        rng=random.Random(),  # noqa: S311 - jitter, not cryptography
        first_arrival=await database.read(jobs.next_arrival),
    )
    return Queueing(journal, memory, requests, warm_ups, tally, policy, learning, scheduler)
