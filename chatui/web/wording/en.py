"""Words for people, in English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, assert_never

from chatui.backends.base import ModelInfo
from chatui.domain.errors import Refused
from chatui.domain.jobs import StopReason
from chatui.scheduler.decision import Place, Waits
from chatui.web.wording.en_import import MARKS
from chatui.web.wording.en_page import PAGE
from chatui.web.wording.en_refusals import refused
from chatui.web.wording.figures import about, gigabytes, rounded
from chatui.web.wording.reasons import overrun, upstream_words
from storage.errors import StorageError

__all__ = ["PAGE", "English"]

_ERRORS: Final[dict[str, str]] = {
    "model_load": "The model could not be loaded",
    "memory": "The model did not fit into memory",
    "busy": "The model server is busy",
    "unreachable": "The model server does not answer",
    "interrupted": "The server closed the line",
    "truncated": "The answer ended too early",
    "invalid_reply": "The server sent an invalid reply",
    "deadline": "The server took too long",
    "capability": "The model cannot do this",
    "not_found": "The server does not have this model",
    "too_long": "The conversation is too long for this model",
    "ask_refused": "The model server refused the question",
    "misconfigured": "The address does not lead to a model server",
    "crash": "The app stopped twice while it answered",
    "unknown": "The model server reported an error",
}


_STOPPED: Final[dict[str, str]] = {
    StopReason.MODEL: "Stopped: this account's group may not use the model any more.",
    StopReason.ROLE: "Stopped: this account may only read now.",
}


_STEPS: Final[dict[str, str]] = {
    "queued": "Waiting",
    "restored": "Waiting after a restart",
    "loading": "Loading the model",
    "reading": "Reading",
    "thinking": "Thinking",
    "writing": "Writing",
}


_LATE: Final[dict[str, str]] = {
    "load": "The model server was not ready within {limit}",
    "first_token": "No first word came within {limit}",
    "progress": "No output for {limit}",
    "total": "The answer took longer than {limit}",
}


class English:
    """Sentences in English."""

    language = "en"
    page = PAGE
    marks = MARKS

    def group(self, day: date, today: date) -> str:
        age = (today - day).days
        if age <= 0:
            return "Today"
        if age == 1:
            return "Yesterday"
        return "Last 7 days" if age <= 7 else "Last 30 days" if age <= 30 else f"{day:%B %Y}"

    def moment(self, at: datetime, now: datetime) -> str:
        if at.date() == now.date():
            return f"{at:%H:%M}"
        return f"{at.day} {at:%b}" if at.year == now.year else f"{at.day} {at:%b %Y}"

    def queued(self, place: Place, now: float) -> str:
        if place.waits is Waits.IDLE:
            return "Runs when nobody else waits"
        parts = [_line(place.position), _interval(place), _before(place, now)]
        return " · ".join(part for part in parts if part)

    def queued_again(self, place: Place, now: float) -> str:
        line = self.queued(place, now)
        return f"Waiting again after a restart, still {line[0].lower()}{line[1:]}"

    def giving_way(self, place: Place, now: float) -> str:
        return f"Letting others pass · {self.queued(place, now)}"

    def idle(self, place: Place, now: float) -> str:
        return f"Runs when nobody else waits · {_before(place, now)}"

    def retrying(self, code: str, number: int, of: int, seconds: float) -> str:
        when = f"in {_seconds(seconds)}" if seconds >= 1 else "now"
        return f"{_ERRORS.get(code, _ERRORS['unknown'])}. Trying again {when} ({number} of {of})."

    def loading(self, model: str, seconds: float, usual: float | None) -> str:
        of = f" of about {_seconds(max(usual, 1))}" if usual else ""
        return f"Loading {model} · {_seconds(seconds)}{of}"

    def reading(self) -> str:
        return "Reading"

    def thinking(self, seconds: float) -> str:
        return f"Thinking · {_seconds(seconds)}"

    def thought(self, seconds: float) -> str:
        return f"Thought for {_seconds(max(seconds, 1))}"

    def writing(self, tokens: int, seconds: float) -> str:
        return f"Writing · {_tokens(tokens)} · {_seconds(seconds)}"

    def step(self, stage: str, number: int, of: int) -> str:
        return f"Trying again, {number} of {of}" if stage == "retry" else _STEPS[stage]

    def took(self, seconds: float) -> str:
        return f"{seconds:.1f} s" if seconds < 9.95 else _seconds(seconds)

    def cause(self, code: str) -> str:
        return _ERRORS.get(code, _ERRORS["unknown"])

    def facts(self, model: str, tokens: int | None, seconds: float | None) -> str:
        parts = [model, _tokens(tokens) if tokens else "", _speed(tokens, seconds)]
        return " · ".join(part for part in parts if part)

    def left_out(self, count: int) -> str:
        messages = "1 older message" if count == 1 else f"{count} older messages"
        return f"{messages} did not fit the model's context."

    def notice(self, state: str, code: str | None, detail: str | None) -> str | None:
        match state:
            case "stopped":
                return _STOPPED.get(code or "", "Stopped.")
            case "limited":
                return "The answer reached its longest length."
            case "interrupted":
                return f"{_cut(code, detail)}. What arrived is kept."
            case "failed":
                return f"{_failed(code, detail)}."
            case _:
                return None

    def refused(self, refusal: Refused) -> str:
        return refused(refusal)

    def answers(self, origin: str, names: Sequence[str]) -> str:
        if origin == "embedded":
            return (
                "A small built-in model answers. For a better one start Ollama on this machine, "
                "or point Samovar at a server with --backend URL."
            )
        return f"Answers come from {', '.join(names)}."

    def first_admin(self, link: str) -> str:
        return f"Nobody can sign in yet. Make the first admin within 15 minutes: {link}"

    def shared(self, url: str, until: datetime) -> str:
        return f"Open to the internet until {until:%Y-%m-%d %H:%M} UTC: {url}"

    def not_shared(self, why: str, detail: str) -> str:
        reasons = {
            "off": "the link is switched off",
            "no_admin": "there is no admin yet",
            "sign_up_open": "anybody could make an account, since sign-up is open",
            "expired": "the link's time is over",
        }
        return f"Local only, no public link: {reasons.get(why) or f'the relay cannot be had ({detail})'}."

    def unreachable(self, names: Sequence[str]) -> str:
        return f"{', '.join(names)} {'does' if len(names) == 1 else 'do'} not answer. Trying again every few seconds."

    def storage(self, error: StorageError) -> str:
        reasons = {
            "DiskFull": "the disk is full",
            "ReadOnly": "the database is read-only",
            "DatabaseLocked": "another program holds the database",
        }
        why = reasons.get(type(error).__name__, str(error).rstrip("."))
        return f"Nothing can be saved at the moment: {why}. Until then questions are refused, and their text stays."

    def stopping(self) -> str:
        return "The app is about to restart. What waits is kept and goes on afterwards."

    def model_facts(self, model: ModelInfo, context: int | None) -> str:
        size = gigabytes(model.size_bytes) if model.size_bytes else None
        reads = f"{round(context / 1024)}k context" if context else None
        can = [word for capability, word in _CAPABILITIES.items() if capability in model.capabilities]
        return " · ".join(part for part in (model.parameters, model.quantization, size, reads, *can) if part)

    def model_wait(self, seconds: float | None) -> str:
        return f"needs about {about(seconds)} s" if seconds else "not loaded"

    def model_tight(self, needs: int, there: int, smaller: str | None) -> str:
        tight = f"It needs {gigabytes(needs)} and the machine has {gigabytes(there)}"
        return f"{tight}: {smaller} is smaller." if smaller else f"{tight}."


_CAPABILITIES = {"vision": "sees images", "thinking": "thinks", "tools": "uses tools"}


def _line(position: int) -> str:
    if position == 1:
        return "Next in line"
    ending = "th" if 10 <= position % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(position % 10, "th")
    return f"{position}{ending} in line"


def _interval(place: Place) -> str:
    if place.low is None or place.high is None:
        return ""
    low, high, minutes = rounded(place.low, place.high)
    unit = "min" if minutes else "s"
    return f"{low}–{high} {unit}" if low != high else f"{high} {unit}"


def _before(place: Place, now: float) -> str:
    match place.waits:
        case Waits.PAUSED:
            return "the queue is paused"
        case Waits.BREAKER:
            return f"its model failed to load several times{_until(place, now)}"
        case Waits.RETRY:
            return f"trying again{_until(place, now)}"
        case Waits.IDLE:
            return "when nobody else waits"
        case Waits.NO_BACKEND:
            return "no server that has its model answers"
        case Waits.TURN:
            return _answers(place)
        case _:
            assert_never(place.waits)


def _answers(place: Place) -> str:
    answers = "one answer" if place.answers_before == 1 else f"{place.answers_before} answers"
    swaps = "a model swap" if place.swaps_before == 1 else f"{place.swaps_before} model swaps"
    if place.answers_before and place.swaps_before:
        return f"{answers}, then {swaps}" if place.swaps_before == 1 else f"{answers} and {swaps}"
    return f"after {answers}" if place.answers_before else f"after {swaps}" if place.swaps_before else ""


def _until(place: Place, now: float) -> str:
    return f" in {_seconds(place.until - now)}" if place.until is not None and place.until > now else ""


def _seconds(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02d} s"


def _tokens(tokens: int) -> str:
    return "1 token" if tokens == 1 else f"{tokens:,} tokens"


def _speed(tokens: int | None, seconds: float | None) -> str:
    return f"{tokens / seconds:.0f}/s" if tokens and seconds else ""


def _cut(code: str | None, detail: str | None) -> str:
    said = upstream_words(detail)
    match code:
        case None:
            return "The app was stopped in mid-answer"
        case "interrupted" if said:
            return f"The model server reported an error in mid-answer: {said}"
        case "interrupted":
            return f"{_ERRORS[code]} in mid-answer"
        case _:
            return _failed(code, None if overrun(detail) is None else detail)


def _failed(code: str | None, detail: str | None) -> str:
    if (late := overrun(detail)) is not None:
        stage, limit = late
        return _LATE.get(stage, _LATE["load"]).format(limit=_seconds(limit) if limit >= 1 else f"{limit:g} s")
    said = upstream_words(detail)
    return _ERRORS.get(code or "", _ERRORS["unknown"]) + (f": {said}" if said else "")
