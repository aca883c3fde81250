"""How a conversation is to be answered: its system prompt, and how tokens are chosen. Pure.

None of it makes a server load the model again: what the runner needs, its context above all, is fixed per model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from chatui.domain.errors import InvalidInput
from chatui.domain.messages import Sampling, Think

LONGEST_SYSTEM: Final = 20_000
"""Characters of a system prompt."""
MOST_STOPS: Final = 4
"""As many as every server takes."""
LONGEST_STOP: Final = 100


@dataclass(frozen=True, slots=True)
class Manner:
    """What a person chose for a conversation; what is empty or None is left to the model's own defaults.

    `max_tokens` can only shorten what the app lets an answer have.
    """

    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    think: Think | None = None

    @property
    def sampling(self) -> Sampling:
        """How tokens are chosen."""
        return Sampling(temperature=self.temperature, top_p=self.top_p, seed=self.seed, stop=self.stop)


PLAIN: Final = Manner()
"""Everything as the model does it by itself."""


def manner_from(told: object) -> Manner:
    """Read a manner from JSON; raises `InvalidInput` for what no server would take, and for anything else in it."""
    if told is None:
        return PLAIN
    if not isinstance(told, Mapping) or told.keys() - Manner.__dataclass_fields__.keys():
        raise InvalidInput("no manner")
    return Manner(
        system=_text(told.get("system"), LONGEST_SYSTEM).strip(),
        temperature=_figure(told.get("temperature"), 0, 2),
        top_p=_figure(told.get("top_p"), 0, 1),
        max_tokens=_whole(told.get("max_tokens"), 1, 1_000_000),
        seed=_whole(told.get("seed"), 0, 2**31 - 1),
        stop=_stops(told.get("stop")),
        think=_think(told.get("think")),
    )


def manner_json(manner: Manner) -> dict[str, Any]:
    """What `manner_from` reads: only what was chosen, so nothing for `PLAIN`."""
    fields = asdict(manner) | {"stop": list(manner.stop)}
    return {name: value for name, value in fields.items() if value not in ("", None, [])}


def _text(told: object, longest: int) -> str:
    if told is None:
        return ""
    if not isinstance(told, str) or len(told) > longest:
        raise InvalidInput(f"no text of up to {longest} characters")
    return told


def _figure(told: object, least: float, most: float) -> float | None:
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float) or not least <= told <= most:
        raise InvalidInput(f"no figure from {least} to {most}")
    return float(told)


def _whole(told: object, least: int, most: int) -> int | None:
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int) or not least <= told <= most:
        raise InvalidInput(f"no whole number from {least} to {most}")
    return told


def _stops(told: object) -> tuple[str, ...]:
    if told is None:
        return ()
    if not isinstance(told, list | tuple) or len(told) > MOST_STOPS:
        raise InvalidInput(f"no list of up to {MOST_STOPS} texts")
    return tuple(stop for stop in (_text(stop, LONGEST_STOP) for stop in told) if stop)


def _think(told: object) -> Think | None:
    if told is None:
        return None
    try:
        return Think(str(told))
    except ValueError as error:
        raise InvalidInput("no such way to think") from error
