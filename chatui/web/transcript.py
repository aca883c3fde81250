"""From what happened to what is shown: pure. Every shape here is one of the live line's protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chatui.conversations.continuing import CUT
from chatui.conversations.timeline import Step, step_began, steps_so_far
from chatui.domain.events import AttemptStarted, JobFinished, JobQueued, RetryScheduled, StageEntered
from chatui.domain.jobs import JobState, Stage, Turn
from chatui.domain.messages import Role
from chatui.scheduler.decision import Place, Waits
from chatui.scheduler.job import Job
from chatui.scheduler.loader import Loading
from chatui.web.markdown import Markdown, plain
from chatui.web.wording import Wording
from storage.tables import Message, MessageState

JsonObject = dict[str, Any]

UNDER_WAY = {MessageState.WAITING, MessageState.STREAMING}
"""States of an answer that is on its way."""
_AGAIN = {MessageState.FAILED, MessageState.STOPPED, MessageState.INTERRUPTED}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the queue says of a job that waits: its place, and how the load of its model goes."""

    place: Place | None = None
    loading: Loading | None = None


def show_message(
    message: Message, markdown: Markdown, words: Wording, beside: Sequence[UUID] | None = None
) -> JsonObject:
    """One message of the transcript. An answer under way has no text here: the live frames bring it.

    `beside` is what stands in its place, itself included; None leaves what the page knows of that.
    """
    is_answer = message.role == Role.ASSISTANT
    under_way = message.state in UNDER_WAY
    text = "" if under_way else message.content
    return {
        "id": str(message.id),
        "role": message.role,
        "html": markdown.render(text) if is_answer else plain(text),
        "text": text,
        "thinking": "" if under_way else message.thinking,
        "state": message.state,
        "model": message.model,
        "facts": _facts(message, words) if is_answer and not under_way else "",
        "notice": _notice(message, words) if is_answer else None,
        "again": is_answer and message.state in _AGAIN,
        "continue": is_answer and message.state in CUT and bool(message.content),
        "rating": message.rating,
        "thought": _thought(message, words) if message.thinking and not under_way else None,
        "timeline": [_show_step(step, words) for step in message.timeline or []],
        "parent": str(message.parent_id) if message.parent_id else None,
        **({} if beside is None else {"branches": [str(sibling) for sibling in beside]}),
    }


def for_reader(message: JsonObject) -> JsonObject:
    """The same for who may only read it: nothing to do, and nothing of what its person thinks of it."""
    return message | {"read_only": True, "again": False, "continue": False, "rating": None, "branches": []}


def show_line(job: Job, standing: Standing, words: Wording, now: float) -> JsonObject | None:
    """The waiting line of an answer under way; None once it is over.

    `turn` is when its person lets it run, null once it does not wait any more.
    """
    line = _show_stage(job, standing, words, now)
    turn = job.submission.turn if job.state is JobState.QUEUED else None
    return line | {"turn": turn} if line else None


def show_course(job: Job, words: Wording, now: float) -> JsonObject:
    """The steps of an answer under way so far; `elapsed_ms` is how long the last of them has lasted."""
    steps = [_show_step(step, words) for step in steps_so_far(job)]
    return {"steps": steps, "elapsed_ms": round((now - step_began(job)) * 1000)}


def _show_stage(job: Job, standing: Standing, words: Wording, now: float) -> JsonObject | None:
    match job.timeline[-1]:
        case JobFinished():
            return None
        case RetryScheduled(at=at, number=number, of=of, delay=delay, error=error) if standing.loading is None:
            left = at + delay.total_seconds() - now
            return _line("retry", words.retrying(error.code, number, of, max(left, 0.0)), standing.place)
        case JobQueued() | RetryScheduled():
            return _waiting(job, standing, words, now)
        case AttemptStarted():
            return _line("reading", words.reading())
        case StageEntered(at=at, stage=stage):
            return _running(job, stage, now - at, standing.loading, words)


def _waiting(job: Job, standing: Standing, words: Wording, now: float) -> JsonObject:
    place = standing.place
    if standing.loading is not None and (place is None or place.answers_before == 0):
        load = standing.loading
        return _line("loading", words.loading(job.request.model, load.seconds, load.usual), place)
    if place is None:
        return _line("queued", words.page["waiting"])
    if job.submission.turn is Turn.GIVING_WAY and place.waits is Waits.TURN:
        return _line("queued", words.giving_way(place, now), place)
    if job.submission.turn is Turn.IDLE and place.waits not in {Waits.IDLE, Waits.TURN}:
        return _line("queued", words.idle(place, now), place)
    say = words.queued_again if job.restored and place.waits is Waits.TURN else words.queued
    return _line("queued", say(place, now), place)


def _running(job: Job, stage: Stage, seconds: float, load: Loading | None, words: Wording) -> JsonObject:
    match stage:
        case Stage.LOADING:
            text = words.loading(job.request.model, seconds, load.usual if load else None)
        case Stage.READING:
            text = words.reading()
        case Stage.THINKING:
            text = words.thinking(seconds)
        case Stage.WRITING:
            text = words.writing(job.pieces, seconds)
    return _line(stage, text)


def _line(stage: str, text: str, place: Place | None = None) -> JsonObject:
    return {"stage": stage, "text": text, "position": place.position if place else None}


def _show_step(step: Step, words: Wording) -> JsonObject:
    """One step of a timeline; `took` is null while it lasts."""
    ms, code = step["ms"], step.get("code")
    return {
        "stage": step["stage"],
        "name": words.step(step["stage"], step.get("number", 0), step.get("of", 0)),
        "took": None if ms is None else words.took(ms / 1000),
        "cause": words.cause(code) if code else None,
    }


def _facts(message: Message, words: Wording) -> str:
    seconds = None
    if message.duration_ms is not None and message.first_token_ms is not None:
        seconds = (message.duration_ms - message.first_token_ms) / 1000
    return words.facts(message.model or "", message.output_tokens, seconds)


def _thought(message: Message, words: Wording) -> str:
    """For how long it was thought; without a figure where that was not kept."""
    steps = [step["ms"] for step in message.timeline or [] if step["stage"] == Stage.THINKING]
    return words.thought(sum(steps) / 1000) if steps else words.page["thought"]


def _notice(message: Message, words: Wording) -> str | None:
    said = words.notice(message.state, message.error_code, message.error_detail)
    left_out = words.left_out(message.left_out) if message.left_out else None
    return " ".join(part for part in (said, left_out) if part) or None
