"""`python -m benchmarks.scheduling --json` prints tables; its last line is one flat JSON object."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.report import parser, tell, tell_figures
from benchmarks.scheduling.cost import costs
from benchmarks.scheduling.crowds import crowds
from benchmarks.scheduling.effort import QUICK, Effort, Part
from benchmarks.scheduling.growth import growth
from benchmarks.scheduling.real import real
from benchmarks.scheduling.replay import replay
from benchmarks.scheduling.troubles import abandonment, failures
from benchmarks.scheduling.waits import waits

# Each part stands alone and adds its keys. The last two take real time: a real event loop, a real server.
PARTS: Sequence[Callable[[Effort], Part]] = (crowds, abandonment, failures, growth, waits, costs, real, replay)


def main(effort: Effort) -> dict[str, float]:
    """Run every part, print its tables, and hand back all figures."""
    figures: dict[str, float] = {}
    for run in PARTS:
        part = run(effort)
        tell("\n".join(part.lines).strip())
        figures.update(part.figures)
    return figures


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--quick", action="store_true", help="one seed and short runs: does it all still work?")
    flags.add_argument("--seeds", type=int, default=Effort().seeds, help="how many seeds")
    arguments = flags.parse_args()
    measured = main(QUICK if arguments.quick else Effort(seeds=arguments.seeds))
    if arguments.json:
        tell_figures(measured)
