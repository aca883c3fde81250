"""How fast several answers are written at once: counted while all of them are being written."""

from __future__ import annotations


class Meter:
    """Counts from the last first token on, until the first answer ends: before and after fewer are being written.

    Times are seconds of one clock.
    """

    def __init__(self, streams: int, began: float) -> None:
        self._began = began
        self._since = self._until = began
        self._streams = streams
        self._written: dict[int, int] = {}
        self._first: dict[int, float] = {}
        self._counted = 0

    def wrote(self, stream: int, tokens: int, now: float) -> None:
        """Take in that a stream has so many tokens by now."""
        more = tokens - self._written.get(stream, 0)
        if more <= 0:
            return
        self._written[stream] = tokens
        if stream in self._first:
            self._counted += more
            self._until = now
            return
        self._first[stream] = self._since = self._until = now
        self._counted = 0

    @property
    def tokens(self) -> int:
        """How many tokens came in all."""
        return sum(self._written.values())

    def tokens_per_second(self, now: float) -> float:
        """Tell how many tokens a second all of them wrote; of answers that are hardly a few tokens long, over all."""
        seconds = self._until - self._since
        if seconds > 0 and self._counted >= self._streams:
            return self._counted / seconds
        return self.tokens / (now - self._began) if now > self._began else 0.0

    def first_token(self, now: float) -> float:
        """Tell how long the slowest took to its first token, or has been waiting for it by now."""
        last = max(self._first.values(), default=now)
        return (last if len(self._first) == self._streams else now) - self._began
