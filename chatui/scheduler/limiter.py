"""How many jobs run at once: additive increase while tokens per second grow, multiplicative decrease on failures.

Latency says little with 1 to 16 slots and answers that take minutes; the sum of tokens per second does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LimiterConfig:
    """Times in seconds. `growth` is what a step up must bring to be kept, as a factor.

    A step is judged after each of at most `windows`: at once when it is off by more than `doubt`, which shrinks with
    every window, so that clear steps take little time and close ones get a second look.
    """

    window: float = 20.0
    windows: int = 4
    growth: float = 1.03
    doubt: float = 0.04
    hold: float = 300.0
    hold_most: float = 3600.0
    ceiling_for: float = 3600.0
    refused_hold: float = 60.0
    least_per_stream: float = 4.5  # tokens per second and stream below which more streams would read badly
    changed: float = 0.75  # below this share of what was remembered the machine is another one
    changed_windows: int = 3


class AdaptiveLimiter:
    """The limit of one model on one backend, learned from windows in which every slot was taken.

    It climbs from 1; a step that brings no growth is taken back and tried again after a hold, which doubles. A window
    far below what the limit once brought means that the machine changed: what was learned is forgotten, the limit
    halved, and the climb begins anew.
    """

    def __init__(self, maximum: int, config: LimiterConfig = LimiterConfig()) -> None:
        self.maximum = maximum
        self._config = config
        self._limit = 1
        self._best: tuple[int, float] | None = None  # a limit and its tokens per second
        self._held_until: float | None = None
        self._hold = config.hold
        self._ceiling: tuple[int, float] | None = None  # a limit that is not passed, and until when
        self._seconds = 0.0
        self._tokens = 0
        self._low_windows = 0
        self._rates: list[float] = []  # of the step that is being judged

    @property
    def limit(self) -> int:
        """How many jobs may run at once now."""
        return min(self._limit, self.maximum)

    @property
    def learned(self) -> int:
        """The best limit known, to start from another time."""
        return self._best[0] if self._best else self._limit

    @property
    def settled(self) -> bool:
        """Whether the limit is held, rather than tried."""
        return self._held_until is not None

    def start_at(self, limit: int) -> None:
        """Begin the climb at a limit that was learned earlier."""
        self._move_to(max(1, min(limit, self.maximum)))

    def on_sample(self, seconds: float, tokens: int, now: float) -> None:
        """Add what was written in some seconds in which exactly `limit` jobs ran.

        A window closes when time goes on after it, so that all that was written by its end is counted.
        """
        if seconds > 0 and self._seconds >= self._config.window:
            rate = self._tokens / self._seconds
            limit = self.limit
            self._begin_window()
            self._on_window(rate, now)
            if self.limit != limit:
                return
        self._seconds += seconds
        self._tokens += tokens

    def on_crash(self, in_flight: int, now: float) -> None:
        """Take in that the backend ran out of memory or died with `in_flight` jobs."""
        self._ceiling = (max(1, in_flight - 1), now + self._config.ceiling_for)
        self._fall(max(1, min(self._limit, in_flight) // 2))

    def on_refusal(self, now: float) -> None:
        """Take in that the backend was too busy or too slow."""
        self._fall(max(1, self.limit * 3 // 4))
        self._held_until = now + self._config.refused_hold

    def _fall(self, limit: int) -> None:
        if self._best and self._best[0] > limit:
            self._best = None
        self._held_until = None
        self._move_to(limit)

    def _move_to(self, limit: int) -> None:
        self._limit = limit
        self._low_windows = 0
        self._rates = []
        self._begin_window()

    def _begin_window(self) -> None:
        self._seconds = 0.0
        self._tokens = 0

    def _on_window(self, rate: float, now: float) -> None:
        if self._held_until is None:
            self._judge_step(rate, now)
        elif self._changed(rate):
            self._forget()
        elif now >= self._held_until:
            self._held_until = None
            self._grow(rate, now)

    def _judge_step(self, rate: float, now: float) -> None:
        self._rates.append(rate)
        mean = sum(self._rates) / len(self._rates)
        kept = True if self._best is None else self._kept(mean / self._best[1])
        if kept:
            self._best = (self.limit, mean)
            self._grow(mean, now)
        elif kept is not None and self._best is not None:
            self._move_to(self._best[0])
            self._hold_still(now)

    def _kept(self, gain: float) -> bool | None:
        """Tell whether a step that changed the rate by this factor is kept; None for another window."""
        config, windows = self._config, len(self._rates)
        if windows >= config.windows:
            return gain >= config.growth
        doubt = config.doubt / windows
        return None if abs(gain - config.growth) < doubt else gain > config.growth

    def _grow(self, rate: float, now: float) -> None:
        limit = self.limit + 1
        ceiling = self._ceiling_at(now)
        if limit > ceiling or rate / limit < self._config.least_per_stream:
            self._hold_still(now)
        else:
            self._move_to(limit)

    def _ceiling_at(self, now: float) -> int:
        if self._ceiling and now >= self._ceiling[1]:
            self._ceiling = None
        return min(self.maximum, self._ceiling[0]) if self._ceiling else self.maximum

    def _hold_still(self, now: float) -> None:
        self._held_until = now + self._hold
        self._hold = min(2 * self._hold, self._config.hold_most)

    def _changed(self, rate: float) -> bool:
        if self._best is None:
            self._best = (self.limit, rate)
        known = self._best[1]
        self._low_windows = self._low_windows + 1 if rate < self._config.changed * known else 0
        if not self._low_windows:
            self._best = (self.limit, known + 0.3 * (rate - known))
        return self._low_windows >= self._config.changed_windows

    def _forget(self) -> None:
        self._best = None
        self._held_until = None
        self._hold = self._config.hold
        self._move_to(max(1, self.limit // 2))


class FixedLimiter:
    """A number of jobs at once that somebody set."""

    settled = True

    def __init__(self, workers: int) -> None:
        self.limit = workers
        self.learned = workers

    def start_at(self, limit: int) -> None:
        """Stay at what was set."""

    def on_sample(self, seconds: float, tokens: int, now: float) -> None:
        """Stay at what was set."""

    def on_crash(self, in_flight: int, now: float) -> None:
        """Stay at what was set."""

    def on_refusal(self, now: float) -> None:
        """Stay at what was set."""


Limiter = AdaptiveLimiter | FixedLimiter
