"""A model that failed several times in a row on a backend is left alone for a while; other models go on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerConfig:
    """Opens after `failures` in a row for `pause` seconds, doubling to `pause_most` while probes fail.

    A burst that arrives while a server starts meets a handful of failed loads and shall not wait for more than those; a
    model that cannot be loaded is left alone for minutes after some ten.
    """

    failures: int = 5
    pause: float = 5.0
    pause_most: float = 240.0


class Breaker:
    """Closed: all goes. Open: nothing goes until a time. Then one probe goes, and its end opens or closes."""

    def __init__(self, config: BreakerConfig = BreakerConfig()) -> None:
        self._config = config
        self._failures = 0
        self._pause = config.pause
        self._open_until: float | None = None
        self._probing = False
        self._failed_at = float("-inf")

    def allows(self, now: float) -> bool:
        """Tell whether an attempt may begin."""
        return self._open_until is None or (now >= self._open_until and not self._probing)

    @property
    def open_until(self) -> float | None:
        """When the next probe may go; None while closed."""
        return self._open_until

    @property
    def probing(self) -> bool:
        """Whether a probe is under way."""
        return self._probing

    def began(self) -> None:
        """Take in that an attempt began; after an opening it is the probe."""
        self._probing = self._open_until is not None

    def succeeded(self) -> None:
        """Close."""
        self._failures = 0
        self._pause = self._config.pause
        self._open_until = None
        self._probing = False

    def failed(self, now: float, began: float | None = None) -> None:
        """Count a failure of an attempt that `began` then; a failed probe opens at once, for twice as long.

        One crash ends every answer under way: what began before the last failure that was counted is the same one.
        """
        if began is not None and began <= self._failed_at:
            return
        self._failed_at = now
        self._failures += 1
        if self._probing:
            self._pause = min(2 * self._pause, self._config.pause_most)
        if self._probing or (self._open_until is None and self._failures >= self._config.failures):
            self._open_until = now + self._pause
        self._probing = False

    def abandoned(self) -> None:
        """Take in that the attempt ended without saying anything about the model: another probe may go."""
        self._probing = False
