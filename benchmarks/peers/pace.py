"""How much faster than life the questions are played, and what is compressed with it.

The people's times, the waits of the queue and the loads of models all become shorter by `speed`, and answers by
`tokens_a_word`, so that every share of them is that of life.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatui.scheduler.decision import PolicyConfig
from chatui.scheduler.entry import Ages

SLOTS = 4
SWAP_S = 10.0
TOKENS_PER_S = 9.0
"""Of each answer, whatever else is written at the same time."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A second of the trace takes `1 / speed` seconds, and a word of an answer stands for so many of its tokens."""

    speed: float
    tokens_a_word: float

    @classmethod
    def of_a_model(cls, words_per_s: float, tokens_a_word: float) -> Pace:
        """The pace at which a model that writes so fast is as busy with the trace as the scripted one is."""
        return cls(words_per_s * tokens_a_word / (SLOTS * TOKENS_PER_S), tokens_a_word)

    def words(self, tokens: int) -> int:
        """Tell how many words stand for so many tokens."""
        return max(1, round(tokens / self.tokens_a_word))

    def compressed(self, config: PolicyConfig) -> PolicyConfig:
        """Give the app's policy with its times and its tokens in the measure of the trace."""
        return replace(
            config,
            ages=Ages(normal=config.ages.normal / self.speed, low=config.ages.low / self.speed),
            default_swap_cost=config.default_swap_cost / self.speed,
            quiet=config.quiet / self.speed,
            allowance=config.allowance / self.tokens_a_word,
            default_output_tokens=max(1, round(config.default_output_tokens / self.tokens_a_word)),
        )


SCRIPTED = Pace(speed=50.0, tokens_a_word=20.0)
"""With it, what the sockets and the proxies themselves cost stays far below what is compared: a word is due every 44 ms
where a token would be every 2 ms."""
