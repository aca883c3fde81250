"""Counts what happens to jobs, as the scheduler tells its journal, between two looks of the recorder."""

from __future__ import annotations

from collections import Counter, defaultdict

from chatui.domain.errors import BackendError
from chatui.domain.events import AttemptStarted, JobFinished, StageEntered
from chatui.domain.jobs import JobId, JobState, Stage
from chatui.operations.recorder.spans import class_of
from chatui.scheduler.decision import Place
from chatui.scheduler.job import Job
from chatui.scheduler.journal import Journal


class Tally:
    """The scheduler's `Journal`, which counts and passes everything on to `kept`, who keeps the jobs.

    `tokens` are the pieces that came: about a token each.
    """

    def __init__(self, kept: Journal) -> None:
        self._kept = kept
        self._expected: dict[JobId, tuple[float, float]] = {}
        self._counted: dict[JobId, int] = {}
        self.tokens = 0
        self.counts: Counter[str] = Counter()
        self.spans: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.people: defaultdict[str, float] = defaultdict(float)

    def told(self, place: Place, now: float) -> None:
        """Note when a job is first expected to have its turn, to see later whether it had."""
        if place.low is not None and place.high is not None:
            self._expected.setdefault(place.job_id, (now + place.low, now + place.high))

    def taken(self) -> tuple[dict[str, float], dict[str, Counter[int]], dict[str, float]]:
        """Give what was counted since the last time, and begin anew."""
        counts = {**self.counts, "tokens": float(self.tokens)}
        spans, people = dict(self.spans), dict(self.people)
        self.tokens = 0
        self.counts, self.spans, self.people = Counter(), defaultdict(Counter), defaultdict(float)
        return counts, spans, people

    def dropped(self, job: Job) -> None:
        """Pass it on."""
        self._forget(job)
        self._kept.dropped(job)

    def started(self, job: Job) -> None:
        """Count how long the job waited, when this is its first attempt."""
        if job.failures == 0 and not job.restored and not job.submission.background:
            self._count_wait(job)
        self._kept.started(job)

    def progressed(self, job: Job) -> None:
        """Count the tokens since the last time: those that came at once are told of once."""
        counted = self._counted.get(job.id, 0)
        self.tokens += job.pieces - (counted if counted < job.pieces else 0)  # another attempt begins at none
        self._counted[job.id] = job.pieces
        self._kept.progressed(job)

    def failed(self, job: Job, error: BackendError, stage: Stage | None) -> None:
        """Count a failed attempt by its class."""
        self.counts[f"failure.{error.code}"] += 1
        self._charge(job)
        self._kept.failed(job, error, stage)

    def requeued(self, job: Job) -> None:
        """Pass it on."""
        self._kept.requeued(job)

    async def finished(self, job: Job, end: JobFinished) -> None:
        """Count the end, and how long the first token took from the question on.

        What the app asked for itself and gave up, as a measurement does, is nobody's stop.
        """
        self._forget(job)
        if end.state is not JobState.STOPPED or not job.submission.background:
            self.counts[f"ended.{end.state.value}"] += 1
        if end.usage is not None:
            self.counts["prompt_tokens"] += end.usage.prompt_tokens
        if end.error is None:  # else the failed attempt was charged
            self._charge(job)
        if not job.restored and not job.submission.background and (first := first_token_at(job)) is not None:
            self.spans["first"][class_of(first - job.timeline[0].at)] += 1
        await self._kept.finished(job, end)

    def _count_wait(self, job: Job) -> None:
        now = job.timeline[-1].at
        self.spans[f"wait_{job.submission.priority.name.lower()}"][class_of(now - job.timeline[0].at)] += 1
        expected = self._expected.pop(job.id, None)
        if expected is not None:
            self.counts["eta_told"] += 1
            self.counts["eta_met"] += expected[0] <= now <= expected[1]

    def _forget(self, job: Job) -> None:
        self._expected.pop(job.id, None)
        self._counted.pop(job.id, None)

    def _charge(self, job: Job) -> None:
        """Count the seconds of computing that the attempt took for its person."""
        began = [event.at for event in job.timeline if isinstance(event, AttemptStarted)]
        if began and job.state is JobState.RUNNING:
            self.people[str(job.submission.user)] += job.clock() - began[-1]


def first_token_at(job: Job) -> float | None:
    """Tell when the last attempt gave its first token, by the job's clock; None when none came."""
    first = None
    for event in reversed(job.timeline):
        if isinstance(event, AttemptStarted):
            break
        if isinstance(event, StageEntered) and event.stage in {Stage.THINKING, Stage.WRITING}:
            first = event.at
    return first
