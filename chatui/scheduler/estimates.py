"""What jobs and loads cost, learned from those that ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.lengths import MOST_PEOPLE, Lengths
from chatui.scheduler.mean import Mean
from chatui.scheduler.paces import Paces


class Estimates:
    """Expected answer lengths per person and model, seconds per token and per load per backend and model."""

    def __init__(self, output_tokens: float, swap_cost: float) -> None:
        self._output_of: dict[tuple[UserId, ModelName], Mean] = {}
        self._output: dict[ModelName, Mean] = {}
        self._output_any = Mean(output_tokens)
        self._reading: dict[tuple[str, ModelName], Mean] = {}
        self._writing: dict[tuple[str, ModelName], Mean] = {}
        self._loads: dict[tuple[str, ModelName], Mean] = {}
        self._loads_any = Mean(swap_cost)
        self._drains: dict[str, Mean] = {}
        self._jobs = Mean(30.0, share=0.02)
        self.lengths = Lengths(output_tokens)
        self.paces = Paces()

    def output_tokens(self, user: UserId, model: ModelName) -> float:
        """Tell how many tokens the person's next answer from the model is expected to have."""
        model_mean = self._output.get(model)
        prior = model_mean.leaning_on(self._output_any.value, 2) if model_mean else self._output_any.value
        own = self._output_of.get((user, model))
        return own.leaning_on(prior, 4) if own else prior

    def seconds(self, backend: str, model: ModelName, prompt_tokens: float, output_tokens: float) -> float:
        """Tell how long reading and writing so many tokens is expected to take."""
        key = (backend, model)
        reading = self._reading.get(key)
        writing = self._writing.get(key)
        return (reading.value if reading else 0.002) * prompt_tokens + (
            writing.value if writing else 0.1
        ) * output_tokens

    def knows_pace(self, model: ModelName) -> bool:
        """Tell whether the model was seen writing anywhere; until then its seconds are a guess."""
        return any(name == model for _, name in self._writing)

    def swap_cost(self, backend: str, model: ModelName) -> float:
        """Tell how long the backend is expected to stand still for a swap to the model: idle drain and load."""
        drain = self._drains.get(backend)
        return self.load(backend, model) + (drain.value if drain else 0.0)

    def load(self, backend: str, model: ModelName) -> float:
        """Tell how long the load alone is expected to take."""
        return (self._loads.get((backend, model)) or self._loads_any).value

    def usual_load(self, backend: str, model: ModelName) -> float | None:
        """Tell how long loads of the model usually take there; None where none was seen."""
        seen = self._loads.get((backend, model))
        return seen.value if seen else None

    def saw_answer(self, user: UserId, model: ModelName, output_tokens: int) -> None:
        """Take in the length of a whole answer."""
        key = (user, model)
        own = self._output_of.pop(key, None) or Mean(0.0)
        self._output_of[key] = own  # the newest last, so that the first is the one to forget
        if len(self._output_of) > MOST_PEOPLE:
            del self._output_of[next(iter(self._output_of))]
        for mean in (own, self._output.setdefault(model, Mean(0.0, share=0.02)), self._output_any):
            mean.add(output_tokens)
        self.lengths.saw(user, model, output_tokens)

    def saw_speed(self, backend: str, model: ModelName, reading: tuple[float, int], writing: tuple[float, int]) -> None:
        """Take in seconds and tokens of reading and of writing; parts of 0 tokens say nothing."""
        for means, (seconds, tokens) in ((self._reading, reading), (self._writing, writing)):
            if tokens > 0:
                means.setdefault((backend, model), Mean(0.0)).add(seconds / tokens)

    def job_seconds(self) -> float:
        """Tell how long a job holds its slot, whoever asks and whatever model answers."""
        return self._jobs.value

    def saw_job(self, seconds: float) -> None:
        """Take in how long a job held its slot."""
        self._jobs.add(seconds)

    def saw_load(self, backend: str, model: ModelName, seconds: float) -> None:
        """Take in how long a load took."""
        self._loads.setdefault((backend, model), Mean(0.0, share=0.3)).add(seconds)
        self._loads_any.add(seconds)

    def saw_drain(self, backend: str, seconds: float) -> None:
        """Take in how long slots stood idle before a swap, in seconds of the whole backend."""
        self._drains.setdefault(backend, Mean(0.0, share=0.2)).add(seconds)

    def learned(self) -> dict[str, Any]:
        """Export what is worth keeping over a restart, as plain lists of values that JSON knows."""
        return {
            "output": [[model, mean.value, mean.count] for model, mean in self._output.items()],
            "lengths": self.lengths.learned(),
            "reading": _rows(self._reading),
            "writing": _rows(self._writing),
            "loads": _rows(self._loads),
        }

    def learn(self, kept: Mapping[str, Any]) -> None:
        """Import what `learned` exported."""
        for model, value, count in kept.get("output", ()):
            self._output[ModelName(model)] = Mean(value, count, 0.02)
        self.lengths.learn(kept)
        for name, means, share in (
            ("reading", self._reading, 0.1),
            ("writing", self._writing, 0.1),
            ("loads", self._loads, 0.3),
        ):
            for backend, model, value, count in kept.get(name, ()):
                means[backend, ModelName(model)] = Mean(value, count, share)


def _rows(means: Mapping[tuple[str, ModelName], Mean]) -> list[list[Any]]:
    return [[backend, model, mean.value, mean.count] for (backend, model), mean in means.items()]
