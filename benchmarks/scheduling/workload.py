"""Who asks what, and when: seeded, the same for every policy."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from uuid import UUID

from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName, UserId

MODELS = tuple(ModelName(name) for name in ("amber", "basalt", "cobalt"))
HEAVY = UserId(UUID(int=1))


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `at` in seconds; who has seen no word of the answer after `patience` seconds goes away."""

    job_id: JobId
    arrival: int
    user: UserId
    model: ModelName
    priority: Priority
    at: float
    prompt_tokens: int
    output_tokens: int
    patience: float = math.inf


@dataclass(frozen=True, slots=True)
class Crowd:
    """One heavy and some light people who ask at random moments for `seconds`, whatever the answers take.

    Lengths are log-normal, as those of chats are: people differ in how long their answers are (`between`), and a
    person's answers differ (`within`). `low` and `high` are the shares of these classes.
    """

    seconds: float = 6600.0
    light: int = 9
    light_every: float = 165.0
    heavy_every: float = 18.0
    models: int = 2
    heavy_model: ModelName | None = None
    low: float = 0.30
    high: float = 0.15
    output_tokens: float = 350.0
    between: float = 0.4
    within: float = 0.5
    prompt_tokens: float = 250.0
    patience: tuple[float, float] | None = None

    def asks(self, seed: int) -> list[Ask]:
        """Draw the questions, by time."""
        rng = random.Random(seed)
        habits = self._habits(rng)
        drawn: list[tuple[float, UserId]] = []
        for number in range(self.light + 1):
            user = UserId(UUID(int=1 + number))
            every = self.light_every if number else self.heavy_every
            at = rng.expovariate(1 / every)
            while at < self.seconds:
                drawn.append((at, user))
                at += rng.expovariate(1 / every)
        return [
            self._ask(rng, number, at, user, habits[user.int - 1]) for number, (at, user) in enumerate(sorted(drawn), 1)
        ]

    def _habits(self, rng: random.Random) -> list[float]:
        """Draw how long each person's answers are against the mean; the heavy one, the first, is at the mean."""
        light = [rng.lognormvariate(0, self.between) for _ in range(self.light)]
        return [1.0, *(habit * self.light / sum(light) for habit in light)]

    def _ask(self, rng: random.Random, number: int, at: float, user: UserId, habit: float) -> Ask:
        model = rng.choice(MODELS[: self.models])
        if user == HEAVY and self.heavy_model is not None:
            model = self.heavy_model
        return Ask(
            job_id=JobId(UUID(int=number)),
            arrival=number,
            user=user,
            model=model,
            priority=self._priority(rng.random()),
            at=at,
            prompt_tokens=length(rng, self.prompt_tokens, 0.8),
            output_tokens=length(rng, habit * self.output_tokens, self.within),
            patience=rng.uniform(*self.patience) if self.patience else math.inf,
        )

    def _priority(self, drawn: float) -> Priority:
        if drawn < self.low:
            return Priority.LOW
        return Priority.HIGH if drawn < self.low + self.high else Priority.NORMAL


def length(rng: random.Random, mean: float, sigma: float) -> int:
    """Draw a log-normal number of tokens with this mean."""
    return max(5, round(rng.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma)))
