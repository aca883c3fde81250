"""How much faster than life the questions are played, and what is compressed with it.

A second of the trace takes 1/50 s, and a word of an answer stands for twenty tokens, so that what the sockets and the
proxies themselves cost stays far below what is compared: a word is due every 44 ms where a token would be every 2 ms.
"""

from __future__ import annotations

from dataclasses import replace

from chatui.scheduler.decision import PolicyConfig
from chatui.scheduler.entry import Ages

SPEED = 50.0
TOKENS_A_WORD = 20

SLOTS = 4
SWAP_S = 10.0
TOKENS_PER_S = 9.0
"""Of each answer, whatever else is written at the same time."""


def compressed(config: PolicyConfig) -> PolicyConfig:
    """Give the app's policy with its times and its tokens in the measure of the trace."""
    return replace(
        config,
        ages=Ages(normal=config.ages.normal / SPEED, low=config.ages.low / SPEED),
        default_swap_cost=config.default_swap_cost / SPEED,
        quiet=config.quiet / SPEED,
        allowance=config.allowance / TOKENS_A_WORD,
        default_output_tokens=config.default_output_tokens // TOKENS_A_WORD,
    )


def words(tokens: int) -> int:
    """Tell how many words stand for so many tokens."""
    return max(1, round(tokens / TOKENS_A_WORD))
