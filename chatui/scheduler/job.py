"""A job: one ask on its way through the queue, and the one place where its state is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from chatui.domain.asks import Ask
from chatui.domain.errors import BackendError
from chatui.domain.events import (
    AnswerPart,
    AttemptStarted,
    JobEvent,
    JobFinished,
    JobQueued,
    RetryScheduled,
    StageEntered,
    TextDelta,
    ThinkingDelta,
    TimelineEvent,
    TokensScored,
    ToolCallDelta,
)
from chatui.domain.jobs import TRANSITIONS, JobId, JobState, Priority, Stage, Turn
from chatui.domain.messages import UserId


@dataclass(frozen=True, slots=True)
class Submission:
    """What a caller hands to the scheduler. `background` work runs only when nobody waits, and yields.

    `only_backend` names the one server that may answer.
    """

    job_id: JobId
    user: UserId
    request: Ask
    prompt_tokens: int
    priority: Priority = Priority.NORMAL
    background: bool = False
    turn: Turn = Turn.IN_TURN
    only_backend: str | None = None


@dataclass(eq=False)
class Job:
    """The live state of one ask. Anyone may watch it; only the scheduler and its workers change it.

    `text`, `thinking` and `parts` hold what the running attempt has given so far, in `pieces` deltas (about a token
    each): they only grow while it runs. A new attempt, which is made only when nothing was shown, starts them empty.
    `attempt` numbers every try, so that late writes of an older one can be told; `failures` counts those that failed.
    `restored` says that the job waited already when the app was started.
    """

    submission: Submission
    arrival: int
    clock: Callable[[], float]
    state: JobState = JobState.QUEUED
    attempt: int = 0
    failures: int = 0
    restored: bool = False
    backend: str | None = None
    text: str = ""
    thinking: str = ""
    parts: list[AnswerPart] = field(default_factory=list)
    timeline: list[TimelineEvent] = field(default_factory=list)
    pieces: int = 0
    _watchers: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.timeline.append(JobQueued(self.clock()))

    @property
    def id(self) -> JobId:
        """The job's id, the same in the database."""
        return self.submission.job_id

    @property
    def request(self) -> Ask:
        """The immutable ask."""
        return self.submission.request

    @property
    def has_output(self) -> bool:
        """Whether anything was shown: from then on no retry may replace it."""
        return bool(self.text or self.thinking or self.parts)

    @property
    def stage(self) -> Stage | None:
        """What the running attempt is doing; None while the job waits or is over."""
        last = self.timeline[-1]
        return last.stage if isinstance(last, StageEntered) else None

    @property
    def outcome(self) -> JobFinished | None:
        """How the job ended; None while it has not."""
        last = self.timeline[-1]
        return last if isinstance(last, JobFinished) else None

    def ask_instead(self, request: Ask, prompt_tokens: int) -> None:
        """Ask something else; only while the job waits."""
        self.submission = replace(self.submission, request=request, prompt_tokens=prompt_tokens)

    def set_class(self, priority: Priority) -> None:
        """Take in another class; only while the job waits."""
        self.submission = replace(self.submission, priority=priority)
        self._wake()

    def choose_turn(self, turn: Turn) -> None:
        """Take in what its person wishes; only while the job waits."""
        self.submission = replace(self.submission, turn=turn)
        self._wake()

    def start_attempt(self, backend: str) -> None:
        """Go from waiting to running on `backend`."""
        self._go(JobState.RUNNING)
        self.attempt += 1
        self.backend = backend
        self.text = self.thinking = ""
        self.parts.clear()
        self.pieces = 0
        self._tell(AttemptStarted(self.clock(), self.attempt, backend))

    def enter(self, stage: Stage) -> None:
        """Say what the running attempt does now; the same stage twice is told once."""
        if self.stage is not stage:
            self._tell(StageEntered(self.clock(), stage))

    def think(self, text: str) -> None:
        """Add a piece of thinking."""
        self.enter(Stage.THINKING)
        self.thinking += text
        self.pieces += 1
        self._wake()

    def write(self, text: str) -> None:
        """Add a piece of the answer."""
        self.enter(Stage.WRITING)
        self.text += text
        self.pieces += 1
        self._wake()

    def call_tool(self, call: ToolCallDelta) -> None:
        """Add a piece of a tool call, which the model writes as it does text."""
        self.enter(Stage.WRITING)
        self.pieces += 1
        self.attach(call)

    def attach(self, part: AnswerPart) -> None:
        """Add what the answer has beside its text."""
        self.parts.append(part)
        self._wake()

    def fail_load(self, backend: str) -> None:
        """Count a load on `backend` that failed while the job waited for it as an attempt."""
        self.attempt += 1
        self.backend = backend

    def schedule_retry(self, error: BackendError, delay: timedelta, of: int) -> None:
        """Wait for another attempt after `delay`, at the same place."""
        self.failures += 1
        if self.state is not JobState.QUEUED:
            self._go(JobState.QUEUED)
        self._tell(RetryScheduled(self.clock(), self.failures, of, delay, error))

    def give_back(self) -> None:
        """Go back to waiting without a failure: the slot is needed by somebody else."""
        self._go(JobState.QUEUED)
        self._tell(JobQueued(self.clock()))

    def finish(self, end: JobFinished) -> None:
        """Reach the one final state."""
        self._go(end.state)
        self._tell(end)

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called at each change, from the event loop; returns what ends the subscription."""
        self._watchers.append(wake)
        return lambda: self._watchers.remove(wake)

    async def watch(self) -> AsyncGenerator[JobEvent, None]:
        """Yield everything from the beginning until the job is over.

        What piled up between two reads comes as one delta, the thinking first, then the text, then the parts; scores of
        tokens come before their text.
        """
        changed = asyncio.Event()
        unsubscribe = self.subscribe(changed.set)
        reader = _Reader(self)
        try:
            while not reader.finished:
                changed.clear()
                for event in reader.read():
                    yield event
                if not reader.finished:
                    await changed.wait()
        finally:
            unsubscribe()

    def _go(self, state: JobState) -> None:
        if state not in TRANSITIONS[self.state]:
            raise AssertionError(f"job {self.id} cannot go from {self.state} to {state}")
        self.state = state

    def _tell(self, event: TimelineEvent) -> None:
        self.timeline.append(event)
        self._wake()

    def _wake(self) -> None:
        for wake in tuple(self._watchers):
            wake()


class _Reader:
    """How far one watcher has read a job."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._events = 0
        self._text = 0
        self._thinking = 0
        self._parts = 0
        self.finished = False

    def read(self) -> Iterator[JobEvent]:
        for event in self._job.timeline[self._events :]:
            self._events += 1
            match event:
                case JobFinished():
                    yield from self._deltas()
                    self.finished = True
                case AttemptStarted():
                    self._text = self._thinking = self._parts = 0
            yield event
        yield from self._deltas()

    def _deltas(self) -> Iterator[JobEvent]:
        parts = self._job.parts[self._parts :]
        self._parts += len(parts)
        yield from (part for part in parts if isinstance(part, TokensScored))
        if thinking := self._job.thinking[self._thinking :]:
            self._thinking += len(thinking)
            yield ThinkingDelta(thinking)
        if text := self._job.text[self._text :]:
            self._text += len(text)
            yield TextDelta(text)
        yield from (part for part in parts if not isinstance(part, TokensScored))
