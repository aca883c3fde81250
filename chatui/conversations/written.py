"""What of an answer was there before the job that goes on with it: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chatui.conversations.timeline import Step
from storage.tables import Message


@dataclass(frozen=True, slots=True)
class Written:
    """Text, and what it took: figures of the answer as a whole are these and the job's together."""

    text: str = ""
    thinking: str = ""
    output_tokens: int = 0
    first_token_ms: int = 0
    duration_ms: int = 0
    timeline: tuple[Step, ...] = ()


NOTHING: Final = Written()
"""An answer that is begun."""


def written_in(answer: Message) -> Written:
    """What an answer holds that is gone on with."""
    return Written(
        answer.content,
        answer.thinking,
        answer.output_tokens or 0,
        answer.first_token_ms or 0,
        answer.duration_ms or 0,
        tuple(answer.timeline or ()),
    )
