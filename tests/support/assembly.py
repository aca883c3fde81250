"""The app without its web side, put together as `chatui.core` does, over a clock that a test can move on.

Database, policy, backends and their sockets are the real ones. Waits for a retry or a breaker cost nothing: `Hurry`
moves the clock on while nothing else happens.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlmodel import Session, select

from chatui.accounts.allowances import Allowances
from chatui.accounts.limits import Limits
from chatui.accounts.people import user_from
from chatui.backends.addresses import parse_backend
from chatui.backends.base import Deadlines
from chatui.backends.factory import BackendFactory
from chatui.backends.registry import Registry
from chatui.conversations.composer import Composer
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.journals import Journals
from chatui.conversations.question import Asked, Question
from chatui.conversations.recovery import Recovery
from chatui.conversations.saver import Saver
from chatui.conversations.service import ConversationService
from chatui.conversations.services import Ground, Services, build_services
from chatui.conversations.storage_watch import StorageWatch
from chatui.conversations.temporary import TemporaryMemory
from chatui.conversations.waiting import WaitingQuestions
from chatui.domain.events import JobEvent
from chatui.domain.messages import ConversationId, MessageId, ModelName, UserId
from chatui.domain.people import AccountRole, User
from chatui.operations.fleet import Fleet
from chatui.operations.host import machine_load
from chatui.operations.limits_in_force import LimitsInForce
from chatui.operations.warm_up.journal import WarmUpJournal
from chatui.operations.warm_up.keeper import WarmUps
from chatui.operations.warm_up.warmer import Warmer
from chatui.scheduler.decision import Fixed, PolicyConfig
from chatui.scheduler.job import Job
from chatui.scheduler.policy import Policy
from chatui.scheduler.retry import RetryPolicy
from chatui.scheduler.scheduler import Scheduler
from chatui.web.markdown import Markdown
from chatui.web.transcript import show_message
from chatui.web.wording import wording_for
from storage import accounts, jobs
from storage.database import Clocks, Database
from storage.tables import Failure, Message
from storage.tables import Job as JobRow

# For faults that end by themselves: a busy machine must not look like one of them.
PATIENT = Deadlines()
# For runs whose outcome is the same whether the server or the machine was slow. Whether the server is there at all is
# no part of that: without its list of models nothing can be asked.
QUICK = Deadlines(
    connect=timedelta(seconds=60),
    load=timedelta(seconds=0.4),
    first_token=timedelta(seconds=0.3),
    progress=timedelta(seconds=0.2),
    total=timedelta(seconds=0.8),
    query=timedelta(seconds=60),
)


class Clock:
    """Monotonic seconds, moved on by hand where a test would have to wait."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += seconds


@dataclass(frozen=True)
class Setup:
    """What an assembly differs in."""

    workers: int = 1
    deadlines: Deadlines = PATIENT
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    clocks: Clocks = field(default_factory=Clocks)
    look_every: timedelta = timedelta(milliseconds=100)
    try_storage_every: timedelta = timedelta(milliseconds=20)
    limits: Limits = field(default_factory=Limits)
    seed: int = 1


@dataclass
class Assembly:
    """The parts, and what a person does and sees."""

    database: Database
    watch: StorageWatch
    saver: Saver
    journal: AnswerJournal
    policy: Policy
    scheduler: Scheduler
    fleet: Fleet
    services: Services
    clock: Clock
    user: User
    allowances: Allowances
    limits: LimitsInForce
    warm_ups: WarmUps
    people: dict[UserId, User] = field(default_factory=dict)
    events: dict[MessageId, list[JobEvent]] = field(default_factory=dict)
    jobs: dict[MessageId, Job] = field(default_factory=dict)
    watching: list[asyncio.Task[None]] = field(default_factory=list)

    async def ask(
        self,
        text: str,
        *,
        user: User | None = None,
        model: str | None = None,
        conversation: ConversationId | None = None,
    ) -> Asked:
        """Ask, and keep everything that is told of the answer."""
        question = Question(MessageId(uuid4()), text, conversation, ModelName(model) if model else None)
        asked = await self.conversations.ask(user or self.user, question)
        self.follow(asked)
        return asked

    def follow(self, asked: Asked) -> None:
        """Keep everything that is told of an answer under way."""
        for place, job in self.conversations.live():
            if place.message == asked.answer:
                self.jobs[asked.answer] = job
                self.watching.append(asyncio.create_task(self._watch(asked.answer, job)))

    async def _watch(self, answer: MessageId, job: Job) -> None:
        told = self.events.setdefault(answer, [])
        async with aclosing(job.watch()) as events:
            async for event in events:
                told.append(event)

    async def over(self, *asked: Asked, seconds: float = 60) -> list[Message]:
        """Wait until the answers are over, and give them as they are kept."""
        async with asyncio.timeout(seconds):
            await asyncio.gather(*self.watching)
        await self.journal.settle()
        return [await self.message(one.answer) for one in asked]

    async def again(self, message: Message) -> Asked:
        """Press the button below an answer."""
        asked = await self.conversations.again(
            self.people[self.jobs[MessageId(message.id)].submission.user], MessageId(message.id)
        )
        self.follow(asked)
        return asked

    async def stop(self, asked: Asked) -> None:
        """Press Stop, as long as the answer is under way."""
        if (job := self.jobs.get(asked.answer)) is not None:
            await self.scheduler.stop(job.id)

    async def until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Return once something holds."""
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.005)

    def forget(self) -> None:
        """Keep no longer what was told so far."""
        self.events.clear()
        self.jobs.clear()
        self.watching.clear()

    async def message(self, message_id: MessageId) -> Message:
        found = await self.database.read(lambda session: session.get(Message, message_id))
        assert found is not None
        return found

    async def failures(self) -> Sequence[Failure]:
        return await self.database.read(
            lambda session: session.exec(select(Failure).order_by(Failure.created_at)).all()  # type: ignore[arg-type]
        )

    async def job_rows(self) -> Sequence[JobRow]:
        return await self.database.read(lambda session: session.exec(select(JobRow)).all())

    def shown(self, message: Message) -> dict[str, Any]:
        """The message as the page shows it."""
        return show_message(message, Markdown(), wording_for("en"))

    async def person(self, name: str, role: AccountRole = AccountRole.MEMBER) -> User:
        now = self.database.clocks.now()
        account = await self.database.write(lambda session: accounts.ensure_account(session, name, role, now))
        return self.people.setdefault(UserId(account.id), user_from(account))

    @property
    def conversations(self) -> ConversationService:
        return self.services.rooms.kept.conversations

    @property
    def waiting(self) -> WaitingQuestions:
        return self.services.rooms.kept.waiting

    @property
    def idle(self) -> bool:
        """Whether nothing runs and no model is being loaded."""
        swapping = any(backend.swap and backend.swap.loading for backend in self.policy.backends().values())
        return not swapping and not any(True for _ in self.policy.running())

    async def hurry(self) -> None:
        """Move the clock on to the next thing that time alone changes, whenever nothing else happens."""
        changed = asyncio.Event()
        unsubscribe = self.scheduler.subscribe(changed.set)
        try:
            while True:
                await changed.wait()
                changed.clear()
                wake = self.policy.next_wake(self.clock())
                if not (self.idle and self.policy.waiting()):
                    continue  # what is due then concerns nobody
                if wake is not None and (left := wake - self.clock()) > 0:
                    self.clock.advance(left)
                    self.scheduler._wake.set()
        finally:
            unsubscribe()


@asynccontextmanager
async def assembled(data: Path, url: str, setup: Setup | None = None) -> AsyncIterator[Assembly]:
    """The parts over the database in `data` and the server at `url`; stopped as SIGTERM stops the app."""
    setup = setup or Setup()
    async with AsyncExitStack() as stack:
        assembly = await _assemble(data, url, setup, stack)
        background = [
            asyncio.create_task(part)
            for part in (assembly.scheduler.run(), assembly.fleet.run(setup.look_every), assembly.hurry())
        ]
        try:
            yield assembly
        finally:
            await assembly.scheduler.drain(timedelta())
            await assembly.journal.settle()
            for task in [*background, *assembly.watching]:
                task.cancel()
            await asyncio.gather(*background, *assembly.watching, return_exceptions=True)


async def _assemble(data: Path, url: str, setup: Setup, stack: AsyncExitStack) -> Assembly:
    clock = Clock()
    database = await Database.open(data, clocks=setup.clocks)
    stack.push_async_callback(database.close)
    registry = Registry(BackendFactory(setup.deadlines, embedded=None), [parse_backend(f"ollama={url}")])
    stack.push_async_callback(registry.aclose)
    await registry.start()
    fleet = Fleet(registry, lambda _: 4096, clock)
    watch = StorageWatch(database, setup.try_storage_every)
    stack.callback(watch.close)
    saver = Saver(database, watch)
    journal = AnswerJournal(database.clocks, saver, machine_load)
    memory = TemporaryMemory(database.clocks, saver)
    stack.callback(memory.database.close)
    warm_up_journal = WarmUpJournal()
    policy = Policy(PolicyConfig(limit=Fixed(setup.workers), queued_per_user=None, queued_in_all=10_000))
    first, user = await database.write(lambda session: _first_rows(session, database))
    scheduler = Scheduler(
        policy,
        fleet,
        Journals(journal, memory.journal, warm_up_journal),
        setup.retry,
        clock=clock,
        rng=random.Random(setup.seed),
        first_arrival=first,
    )
    composer = Composer(fleet, lambda: 64)
    await Recovery(database, scheduler, journal, composer).run()
    allowances = Allowances(watch, database.clocks.now, lambda: setup.limits)
    limits = LimitsInForce(allowances, scheduler)
    await limits.refresh()
    fleet.tell(scheduler)
    services = build_services(
        Ground(watch, database.clocks, scheduler, journal, composer, allowances, lambda: 32_000, memory)
    )
    core = (database, watch, saver, journal, policy, scheduler, fleet, services)
    warm_ups = WarmUps(database, Warmer(scheduler, fleet, warm_up_journal, clock), scheduler, fleet, clock)
    stack.push_async_callback(warm_ups.close)
    assembly = Assembly(*core, clock, user, allowances, limits, warm_ups)
    assembly.people[user.id] = user
    return assembly


def _first_rows(session: Session, database: Database) -> tuple[int, User]:
    account = accounts.ensure_account(session, "ada", "admin", database.clocks.now())
    return jobs.next_arrival(session), user_from(account)
