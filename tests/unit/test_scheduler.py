"""The asynchronous half of the scheduler, with a backend whose every step the test decides."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from chatui.backends.base import Backend
from chatui.domain.errors import (
    BackendError,
    Draining,
    ModelLoadFailed,
    ModelNotFound,
    QueueFull,
    ReplyInterrupted,
    StorageUnavailable,
)
from chatui.domain.events import JobFinished, RetryScheduled, StageEntered, TextDelta
from chatui.domain.jobs import JobId, JobState, Stage
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role, UserId
from chatui.scheduler.job import Job, Submission
from chatui.scheduler.policy import BackendView, Fixed, Policy, PolicyConfig
from chatui.scheduler.retry import RetryPolicy
from chatui.scheduler.scheduler import Scheduler
from tests.support.scripted_backend import ScriptedBackend

MODEL, OTHER = ModelName("model:1b"), ModelName("other:1b")


class MemoryJournal:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.failures: list[tuple[str, Stage | None]] = []
        self.ends: dict[JobId, JobFinished] = {}

    def dropped(self, job: Job) -> None:
        assert job.outcome is None

    def started(self, job: Job) -> None:
        assert job.state is JobState.RUNNING

    def progressed(self, job: Job) -> None:
        assert job.has_output

    def failed(self, job: Job, error: BackendError, stage: Stage | None) -> None:
        self.failures.append((error.code, stage))

    def requeued(self, job: Job) -> None:
        assert job.state is JobState.QUEUED

    async def finished(self, job: Job, end: JobFinished) -> None:
        assert job.outcome is None, "the end is saved before it is told"
        self.ends[job.id] = end


class Pool:
    """The one backend, and how often it was looked at."""

    def __init__(self) -> None:
        self.scripted = ScriptedBackend()
        self.looks = 0

    def backend(self, name: str) -> Backend:
        assert name == self.scripted.name
        return self.scripted

    async def look(self, _name: str) -> None:
        self.looks += 1


class Desk:
    """A scheduler with its pool and journal."""

    def __init__(self, workers: int = 1, waiting: int | None = None) -> None:
        self.pool = Pool()
        self.backend = self.pool.scripted
        self.journal = MemoryJournal()
        self.policy = Policy(PolicyConfig(limit=Fixed(workers), queued_per_user=None, queued_in_all=waiting))
        self.scheduler = Scheduler(
            self.policy,
            self.pool,
            self.journal,
            RetryPolicy(base=timedelta(0), retries=2),
            clock=asyncio.get_running_loop().time,
            rng=random.Random(1),
        )
        view = BackendView(self.backend.name, frozenset({MODEL, OTHER}), {MODEL: 1})
        self.scheduler.see(view)

    async def submit(
        self, model: ModelName = MODEL, keep: Callable[[Job], None] = lambda _: None, *, background: bool = False
    ) -> Job:
        async def kept(job: Job) -> None:
            keep(job)

        request = ChatRequest(model, (ChatMessage(Role.USER, "hello"),), 16)
        submission = Submission(JobId(uuid4()), UserId(uuid4()), request, 3, background=background)
        return await self.scheduler.submit(submission, kept)

    def idle(self) -> bool:
        return not self.scheduler.jobs and not list(self.policy.running()) and not self.policy.waiting()


async def when(job: Job, true: Callable[[], bool]) -> None:
    """Return once something is true of a job that is followed."""
    changed = asyncio.Event()
    unsubscribe = job.subscribe(changed.set)
    while not true():
        await changed.wait()
        changed.clear()
    unsubscribe()


async def ended(job: Job) -> JobFinished:
    await when(job, lambda: job.outcome is not None)
    assert job.outcome is not None
    return job.outcome


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    running = asyncio.create_task(made.scheduler.run())
    yield made
    running.cancel()


async def test_an_answer_goes_from_the_backend_to_those_who_watch(desk: Desk) -> None:
    job = await desk.submit()
    desk.backend.finish.set()
    events = [event async for event in job.watch()]
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert text == "one two"
    assert isinstance(events[-1], JobFinished)
    assert events[-1].state is JobState.DONE
    assert [event.stage for event in events if isinstance(event, StageEntered)] == [Stage.READING, Stage.WRITING]
    assert desk.journal.ends[job.id] == events[-1]
    assert desk.idle()


async def test_who_comes_late_sees_everything(desk: Desk) -> None:
    job = await desk.submit()
    desk.backend.finish.set()
    await ended(job)
    events = [event async for event in job.watch()]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "one two"


async def test_stop_closes_the_line_before_it_returns(desk: Desk) -> None:
    job = await desk.submit()
    await when(job, lambda: job.has_output)
    await desk.scheduler.stop(job.id)
    assert desk.backend.open == 0
    assert desk.journal.ends[job.id].state is JobState.STOPPED
    assert job.text == "one "
    assert desk.idle()


async def test_a_stopped_job_makes_room_for_the_next(desk: Desk) -> None:
    first, second = await desk.submit(), await desk.submit()
    await when(first, lambda: first.has_output)
    assert second.state is JobState.QUEUED
    await desk.scheduler.stop(first.id)
    await when(second, lambda: second.has_output)
    assert desk.backend.open == 1


async def test_a_waiting_job_is_withdrawn_and_no_backend_hears_of_it(desk: Desk) -> None:
    first, second = await desk.submit(), await desk.submit()
    await when(first, lambda: first.has_output)
    await desk.scheduler.stop(second.id)
    assert desk.journal.ends[second.id].state is JobState.STOPPED
    desk.backend.finish.set()
    await ended(first)
    assert len(desk.backend.asked) == 1
    assert desk.idle()


async def test_stop_of_what_is_over_does_nothing(desk: Desk) -> None:
    desk.backend.finish.set()
    job = await desk.submit()
    await ended(job)
    await desk.scheduler.stop(job.id)
    assert desk.journal.ends[job.id].state is JobState.DONE


async def test_no_backend_hears_of_a_job_that_could_not_be_kept(desk: Desk) -> None:
    def refuse(_: Job) -> None:
        raise StorageUnavailable

    with pytest.raises(StorageUnavailable):
        await desk.submit(keep=refuse)
    desk.backend.finish.set()
    other = await desk.submit()
    await ended(other)
    assert len(desk.backend.asked) == 1
    assert desk.idle()


async def test_a_full_queue_refuses_and_keeps_nothing() -> None:
    desk = Desk(waiting=1)
    kept: list[Job] = []
    first = await desk.submit(keep=kept.append)
    await when(first, lambda: first.has_output)
    await desk.submit(keep=kept.append)
    with pytest.raises(QueueFull) as full:
        await desk.submit(keep=kept.append)
    assert full.value.scope == "queue"
    assert len(kept) == 2


async def test_a_failure_before_the_first_token_is_tried_again_at_the_same_place(desk: Desk) -> None:
    desk.backend.failures.append(ModelLoadFailed("no"))
    desk.backend.finish.set()
    job = await desk.submit()
    assert (await ended(job)).state is JobState.DONE
    retries = [event for event in job.timeline if isinstance(event, RetryScheduled)]
    assert [(retry.number, retry.of) for retry in retries] == [(1, 2)]
    assert desk.journal.failures == [("model_load", Stage.READING)]
    assert job.attempt == 2


async def test_when_every_attempt_fails_the_last_error_stands(desk: Desk) -> None:
    desk.backend.failures.extend(ModelLoadFailed("no") for _ in range(9))
    job = await desk.submit()
    end = await ended(job)
    assert end.state is JobState.FAILED
    assert isinstance(end.error, ModelLoadFailed)
    assert desk.journal.failures == [("model_load", Stage.READING)] * 3


async def test_what_cannot_be_cured_is_not_tried_again(desk: Desk) -> None:
    desk.backend.failures.append(ModelNotFound("model 'x' not found"))
    job = await desk.submit()
    assert (await ended(job)).state is JobState.FAILED
    assert len(desk.backend.asked) == 1


async def test_what_was_shown_is_never_replaced_by_a_retry(desk: Desk) -> None:
    desk.backend.broken_after_text = ReplyInterrupted("reset")
    job = await desk.submit()
    end = await ended(job)
    assert end.state is JobState.INTERRUPTED
    assert job.text == "one "
    assert len(desk.backend.asked) == 1
    assert desk.idle()


async def test_a_model_that_is_not_loaded_is_loaded_by_the_scheduler_once(desk: Desk) -> None:
    desk.backend.finish.set()
    jobs = [await desk.submit(OTHER) for _ in range(3)]
    for job in jobs:
        assert (await ended(job)).state is JobState.DONE
    assert desk.backend.loads == [OTHER]
    assert desk.pool.looks == 1


async def test_a_load_that_fails_counts_as_an_attempt_of_the_job_that_wanted_it(desk: Desk) -> None:
    desk.backend.load_failures.append(ModelLoadFailed("no"))
    desk.backend.finish.set()
    job = await desk.submit(OTHER)
    assert (await ended(job)).state is JobState.DONE
    assert desk.journal.failures == [("model_load", Stage.LOADING)]


async def test_draining_takes_nothing_more_and_interrupts_what_runs_too_long(desk: Desk) -> None:
    running, waiting = await desk.submit(), await desk.submit()
    await when(running, lambda: running.has_output)
    await desk.scheduler.drain(timedelta(0))
    assert desk.journal.ends[running.id].state is JobState.INTERRUPTED
    assert waiting.state is JobState.QUEUED
    with pytest.raises(Draining):
        await desk.submit()


async def test_a_restored_job_keeps_its_place(desk: Desk) -> None:
    first = await desk.submit()
    await when(first, lambda: first.has_output)
    later = await desk.submit()
    old = desk.scheduler.restore(replace(later.submission, job_id=JobId(uuid4())), arrival=0, attempt=1)
    places = desk.scheduler.places()
    assert places[old.id].position < places[later.id].position


async def test_background_work_yields_to_people_and_starts_over_afterwards(desk: Desk) -> None:
    background = await desk.submit(background=True)
    await when(background, lambda: background.has_output)
    person = await desk.submit()
    await when(person, lambda: person.has_output)
    assert background.state is JobState.QUEUED
    desk.backend.finish.set()
    assert (await ended(person)).state is JobState.DONE
    assert (await ended(background)).state is JobState.DONE
    assert background.text == "one two"


async def test_background_work_waits_while_somebody_is_answered(desk: Desk) -> None:
    person = await desk.submit()
    await when(person, lambda: person.has_output)
    background = await desk.submit(background=True)
    assert background.state is JobState.QUEUED
    desk.backend.finish.set()
    assert (await ended(background)).at >= (await ended(person)).at
