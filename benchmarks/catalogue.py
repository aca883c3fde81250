"""Every benchmark that `make bench` runs, in order: with what, and with what when it shall not take long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module of `benchmarks` whose last line is a flat JSON object. `short` gives fewer rounds of the same."""

    name: str
    title: str
    full: Sequence[str] = ()
    short: Sequence[str] = ()


BENCHMARKS = (
    Benchmark("footprint", "start, memory, disk", short=("--starts", "3")),
    Benchmark("peers", "the queue beside what others use", short=("--seconds", "600")),
    Benchmark("burst", "bursts on a server whose loads fail", short=("--seeds", "2")),
    Benchmark("streaming", "people who watch", short=("--seconds", "5", "--people", "10", "50", "100")),
    Benchmark("page", "the page in a browser", short=("--seconds", "5", "--times", "10")),
    Benchmark("gateway", "programs that ask", short=("--quick",)),
    Benchmark("scheduling", "the queue, simulated", short=("--quick",)),
    Benchmark("storage", "writing, and finding what was said", short=("--seconds", "3")),
    Benchmark("dashboard", "admins who watch", short=("--seconds", "5")),
    Benchmark("tuning", "the number of workers that is found", short=("--maximum", "4", "--rounds", "3")),
    Benchmark("soak", "what stays after thousands of questions", full=("--minutes", "10"), short=("--minutes", "2")),
)
