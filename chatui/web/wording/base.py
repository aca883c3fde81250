"""What can be said to people. Each language says all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from chatui.backends.base import ModelInfo
from chatui.conversations.importing.origin import Marks
from chatui.domain.errors import Refused
from chatui.scheduler.decision import Place
from storage.errors import StorageError


class Wording(Protocol):
    """One language. Every method returns plain text, at most two sentences, without exclamation marks."""

    @property
    def language(self) -> str:
        """Which language it is: `en` or `zh`."""

    @property
    def page(self) -> Mapping[str, str]:
        """The words that the page's own script shows, by key."""

    @property
    def marks(self) -> Marks:
        """The notes for what does not come along when conversations are imported."""

    def group(self, day: date, today: date) -> str:
        """The heading over conversations last used on `day`."""

    def moment(self, at: datetime, now: datetime) -> str:
        """A moment in a few characters: today's by its time, another by its day. Both in the same time zone."""

    def queued(self, place: Place, now: float) -> str:
        """Where a job stands, for how long, and what must happen before its turn."""

    def queued_again(self, place: Place, now: float) -> str:
        """The same, for a job that waited already when the app was restarted."""

    def giving_way(self, place: Place, now: float) -> str:
        """The same, for a job whose person lets others pass."""

    def idle(self, place: Place, now: float) -> str:
        """What holds a job back that is to run when nobody else waits, beside that."""

    def retrying(self, code: str, number: int, of: int, seconds: float) -> str:
        """An attempt failed with the error class `code`; attempt `number` of `of` follows in `seconds`."""

    def loading(self, model: str, seconds: float, usual: float | None) -> str:
        """The model has been loading for `seconds`; it usually takes `usual`."""

    def reading(self) -> str:
        """The model reads the prompt."""

    def thinking(self, seconds: float) -> str:
        """The model has been thinking for `seconds`."""

    def thought(self, seconds: float) -> str:
        """The model thought for `seconds` before it answered."""

    def writing(self, tokens: int, seconds: float) -> str:
        """The model has written `tokens` tokens in `seconds`."""

    def step(self, stage: str, number: int, of: int) -> str:
        """A step of an answer's timeline; a `retry` is attempt `number` of `of`."""

    def took(self, seconds: float) -> str:
        """How long a step took."""

    def cause(self, code: str) -> str:
        """Why an attempt failed, by the error class `code`."""

    def facts(self, model: str, tokens: int | None, seconds: float | None) -> str:
        """What an answer was: the model, its tokens, how fast they came."""

    def left_out(self, count: int) -> str:
        """How many older messages the model did not read."""

    def notice(self, state: str, code: str | None, detail: str | None) -> str | None:
        """What became of an answer that is not whole; None where there is nothing to say."""

    def refused(self, refusal: Refused) -> str:
        """Why something was not accepted, and what can be done."""

    def answers(self, origin: str, names: Sequence[str]) -> str:
        """Which servers answer, and how they were found."""

    def first_admin(self, link: str) -> str:
        """How the first admin is made; for the console."""

    def shared(self, url: str, until: datetime) -> str:
        """The app is open to the internet by this link until then."""

    def not_shared(self, why: str, detail: str) -> str:
        """There is no link to the internet, and why; for the console."""

    def unreachable(self, names: Sequence[str]) -> str:
        """None of the servers answers."""

    def storage(self, error: StorageError) -> str:
        """Nothing can be saved at the moment, and why."""

    def stopping(self) -> str:
        """The app is about to stop; what waits is kept."""

    def model_facts(self, model: ModelInfo, context: int | None) -> str:
        """A model in a few words, `context` being what it is loaded with."""

    def model_wait(self, seconds: float | None) -> str:
        """The model is not loaded, which usually takes so long."""

    def model_tight(self, needs: int, there: int, smaller: str | None) -> str:
        """The model `needs` more bytes than the machine has; a `smaller` one of its kind would fit."""
