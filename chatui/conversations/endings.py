"""What an answer is once its job is over: pure."""

from __future__ import annotations

from chatui.conversations.measures import first_token_ms, since_asked_ms
from chatui.conversations.timeline import steps_of
from chatui.conversations.written import NOTHING, Written
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobState
from chatui.domain.messages import FinishReason
from chatui.scheduler.job import Job
from storage.messages import AnswerFields
from storage.tables import MessageState

_STATES = {
    JobState.DONE: MessageState.COMPLETE,
    JobState.STOPPED: MessageState.STOPPED,
    JobState.FAILED: MessageState.FAILED,
    JobState.INTERRUPTED: MessageState.INTERRUPTED,
}


def answer_fields(job: Job, end: JobFinished, before: Written = NOTHING) -> AnswerFields:
    """The columns of an answer whose job ended with `end`; what was there `before` counts in every figure."""
    limited = end.state is JobState.DONE and end.reason is FinishReason.LENGTH
    output_tokens = (end.usage.output_tokens if end.usage else 0) or job.pieces
    return AnswerFields(
        content=before.text + job.text,
        thinking=before.thinking + job.thinking,
        state=MessageState.LIMITED if limited else _STATES[end.state],
        error_code=end.code,
        error_detail=end.error.detail if end.error else None,
        prompt_tokens=end.usage.prompt_tokens if end.usage else None,
        output_tokens=before.output_tokens + output_tokens or None,
        first_token_ms=_first_token_ms(job, end, before),
        duration_ms=before.duration_ms + since_asked_ms(job, end.at),
        timeline=[*before.timeline, *steps_of(job, end.at)],
    )


def _first_token_ms(job: Job, end: JobFinished, before: Written) -> int | None:
    """Everything that was not writing, in milliseconds; None when nothing was written."""
    first = first_token_ms(job)
    if before is NOTHING:
        return first
    return before.first_token_ms + (since_asked_ms(job, end.at) if first is None else first)
