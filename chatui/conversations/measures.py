"""Figures read off a job's timeline: pure. Milliseconds."""

from __future__ import annotations

from dataclasses import replace

from chatui.domain.events import AttemptStarted, JobFinished, StageEntered, TimelineEvent
from chatui.domain.jobs import JobState, Stage
from chatui.domain.messages import Usage
from chatui.scheduler.job import Job

_OUTPUT = {Stage.THINKING, Stage.WRITING}


def first_token_ms(job: Job) -> int | None:
    """How long after the question the first token of the last attempt came; None when none came."""
    first: float | None = None
    for event in job.timeline:
        match event:
            case AttemptStarted():
                first = None
            case StageEntered(at=at, stage=stage) if stage in _OUTPUT and first is None:
                first = at
    return None if first is None else since_asked_ms(job, first)


def since_asked_ms(job: Job, at: float) -> int:
    """How long after the question `at` was."""
    return round((at - job.timeline[0].at) * 1000)


def attempt_ms(job: Job, at: float) -> int:
    """How long the last attempt had lasted at `at`, or the last load; without either, how long the job had waited."""
    begun = [event.at for event in job.timeline if _begins_attempt(event)]
    return round((at - (begun[-1] if begun else job.timeline[0].at)) * 1000)


def tokens_taken(job: Job, end: JobFinished) -> Usage | None:
    """What an answer took of its person's tokens, estimated where the backend never told; None when it took nothing.

    To be asked before the job is told its end. A stopped answer took what was read and written until then; one that
    failed had nothing to show.
    """
    if end.usage is not None:
        return replace(end.usage, output_tokens=end.usage.output_tokens or job.pieces)
    if end.state is JobState.FAILED or job.state is not JobState.RUNNING:
        return None
    return Usage(job.submission.prompt_tokens, job.pieces)


def _begins_attempt(event: TimelineEvent) -> bool:
    return isinstance(event, AttemptStarted) or (isinstance(event, StageEntered) and event.stage is Stage.LOADING)
