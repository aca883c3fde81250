"""Figures read off a job's timeline: pure. Milliseconds."""

from __future__ import annotations

from chatui.domain.events import AttemptStarted, StageEntered, TimelineEvent
from chatui.domain.jobs import Stage
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


def _begins_attempt(event: TimelineEvent) -> bool:
    return isinstance(event, AttemptStarted) or (isinstance(event, StageEntered) and event.stage is Stage.LOADING)
