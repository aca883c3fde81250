"""How long answers are, learned from those that ended: log-normal, as lengths of chats are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.mean import Mean

MOST_PEOPLE = 20_000
SPREAD = 0.6  # of the logarithm, until answers tell
NORMAL = NormalDist()


class Lengths:
    """Medians per model, how far each person's answers are from them, and how far answers miss both.

    All means are of logarithms: one very long answer moves them little. Who asked little is taken for everybody.
    """

    def __init__(self, output_tokens: float) -> None:
        self._any = Mean(math.log(output_tokens))
        self._models: dict[ModelName, Mean] = {}
        self._people: dict[UserId, Mean] = {}
        self._squares = Mean(SPREAD**2, share=0.02)

    @property
    def spread(self) -> float:
        """The standard deviation of the logarithm of a length about what was expected of it."""
        return math.sqrt(self._squares.leaning_on(SPREAD**2, 10))

    def saw(self, user: UserId, model: ModelName, output_tokens: int) -> None:
        """Take in the length of a whole answer."""
        length = math.log(max(1, output_tokens))
        self._squares.add((length - self._log(user, model)) ** 2)
        own = self._people.pop(user, None) or Mean(0.0, share=0.05)
        self._people[user] = own  # the newest last, so that the first is the one to forget
        if len(self._people) > MOST_PEOPLE:
            del self._people[next(iter(self._people))]
        own.add(length - self._log_of(model))
        for mean in (self._models.setdefault(model, Mean(0.0, share=0.02)), self._any):
            mean.add(length)

    def left(self, user: UserId, model: ModelName, written: int, chance: float) -> float:
        """Tell how many tokens an answer still gets that has `written` so far: a share `chance` of such get fewer."""
        middle, spread = self._log(user, model), self.spread
        longer = NORMAL.cdf((middle - math.log(written)) / spread) if written else 1.0
        share = max(1e-9, longer * (1 - chance))  # of all answers, those longer than this one will be
        return max(1.0, math.exp(middle - spread * NORMAL.inv_cdf(share)) - written)

    def _log(self, user: UserId, model: ModelName) -> float:
        own = self._people.get(user)
        return self._log_of(model) + (own.leaning_on(0.0, 1.5) if own else 0.0)

    def _log_of(self, model: ModelName) -> float:
        of_model = self._models.get(model)
        return of_model.leaning_on(self._any.value, 2) if of_model else self._any.value

    def learned(self) -> list[list[Any]]:
        """Export the models' medians, as plain rows that JSON knows."""
        return [[model, mean.value, mean.count] for model, mean in self._models.items()]

    def learn(self, kept: Mapping[str, Any]) -> None:
        """Import what `learned` exported, under `lengths`."""
        for model, value, count in kept.get("lengths", ()):
            self._models[ModelName(model)] = Mean(value, count, 0.02)
