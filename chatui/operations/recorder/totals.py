"""What was counted since the app was started, for whoever reads figures that only grow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from chatui.operations.recorder.sample import Sample
from chatui.operations.recorder.spans import Spans


class Totals:
    """Adds up the samples of a recorder; `gauges` are those of the newest."""

    def __init__(self) -> None:
        self.gauges: Mapping[str, float] = {}
        self.counts: defaultdict[str, float] = defaultdict(float)
        self.spans: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def add(self, sample: Sample) -> None:
        """Take in a sample."""
        self.gauges = sample.gauges
        for name, count in sample.counts.items():
            self.counts[name] += count
        for name, spans in sample.spans.items():
            self.spans[name].update(spans)

    def family(self, prefix: str) -> dict[str, float]:
        """Give the counts whose names begin so, by the rest of their names."""
        return {name.removeprefix(prefix): count for name, count in self.counts.items() if name.startswith(prefix)}

    def of(self, name: str) -> Spans:
        """Give how long things took."""
        return self.spans.get(name, Counter())
