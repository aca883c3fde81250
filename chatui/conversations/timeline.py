"""The course of an answer, read off its job's timeline: pure.

A step is a JSON object, since it is kept beside the answer: `stage` is a `Stage`, or `queued`, `restored` (waiting
again after a restart) or `retry`; `ms` is how long it lasted, None while it does. A `retry` tells its `number` of `of`,
and in `code` the class of the error before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from chatui.domain.events import AttemptStarted, JobFinished, JobQueued, RetryScheduled, StageEntered, TimelineEvent
from chatui.domain.jobs import Stage
from chatui.scheduler.job import Job

Step = dict[str, Any]

_SHORTEST_MS: Final = 50
"""What took less is no stage that anybody could have seen."""


def steps_of(job: Job, until: float) -> list[Step]:
    """The steps of a job that is over, or ends at `until`."""
    last = job.timeline[-1]
    ends = [] if isinstance(last, JobFinished) else [until]
    return _worth_telling(_steps(job, [event.at for event in job.timeline[1:]] + ends))


def steps_so_far(job: Job) -> list[Step]:
    """The steps of a job that is under way; the last one still lasts."""
    steps = _worth_telling(_steps(job, [event.at for event in job.timeline[1:]]))
    lasting = {**_step(job.timeline[-1], job), "ms": None}
    again = bool(steps) and steps[-1]["stage"] == lasting["stage"]
    return [*(steps[:-1] if again else steps), lasting]


def step_began(job: Job) -> float:
    """When the step began that lasts now."""
    return job.timeline[-1].at


def _steps(job: Job, ends: Iterable[float]) -> list[Step]:
    timed = zip(job.timeline, ends, strict=False)
    return [{**_step(event, job), "ms": round((end - event.at) * 1000)} for event, end in timed]


def _step(event: TimelineEvent, job: Job) -> Step:
    match event:
        case JobQueued():
            return {"stage": "restored" if job.restored and event is job.timeline[0] else "queued"}
        case AttemptStarted():
            return {"stage": str(Stage.READING)}
        case StageEntered(stage=stage):
            return {"stage": str(stage)}
        case RetryScheduled(number=number, of=of, error=error):
            return {"stage": "retry", "number": number, "of": of, "code": error.code}
        case JobFinished():
            raise AssertionError("nothing lasts after the end")


def _worth_telling(steps: list[Step]) -> list[Step]:
    """Join what is one stage to people, and leave out what nobody could have seen."""
    joined: list[Step] = []
    for step in steps:
        if joined and joined[-1]["stage"] == step["stage"] != "retry":
            joined[-1]["ms"] += step["ms"]
        else:
            joined.append(step)
    return [step for step in joined if step["ms"] >= _SHORTEST_MS or step["stage"] == "retry"]
