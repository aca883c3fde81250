"""What is asked: one heavy person and nine light ones, two models that do not fit side by side, some who go away."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from benchmarks.scheduling import workload
from benchmarks.scheduling.workload import HEAVY, Ask, Crowd
from chatui.domain.messages import ModelName

MODELS = tuple(ModelName(f"{name}:1b") for name in workload.MODELS[:2])

LEAVING_SHARE = 0.15
LEAVING_AFTER_S = (10.0, 150.0)


@dataclass(frozen=True, slots=True)
class Trace:
    """A crowd with a name; `asks` are the same for everybody who is compared."""

    title: str
    crowd: Crowd

    def asks(self, seed: int) -> Sequence[Ask]:
        """Draw the questions. `patience` is finite for those who hang up after it, whatever they have seen by then."""
        rng = random.Random(f"who leaves {seed}")
        return [self._drawn(ask, rng) for ask in self.crowd.asks(seed)]

    @staticmethod
    def _drawn(ask: Ask, rng: random.Random) -> Ask:
        leaves, after = rng.random() < LEAVING_SHARE, rng.uniform(*LEAVING_AFTER_S)
        return replace(ask, model=_tagged(ask.model), patience=after if leaves else math.inf)


def traces(seconds: float) -> Mapping[str, Trace]:
    """The two traces, with questions for so many seconds."""
    crowd = Crowd(seconds=seconds)
    settled = replace(crowd, heavy_model=workload.MODELS[0])
    return MappingProxyType(
        {
            "mixed": Trace("everybody uses both models", crowd),
            "heavy on one": Trace("the heavy person uses one model only", settled),
        },
    )


def person(ask: Ask) -> int:
    """Tell who asks, from 0, who is the heavy one."""
    return ask.user.int - HEAVY.int


def _tagged(model: ModelName) -> ModelName:
    """Some know a model by nothing but its whole name."""
    return MODELS[workload.MODELS.index(model)]
