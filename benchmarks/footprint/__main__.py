"""What the app takes of a machine, beside a plain `gr.ChatInterface`; `python -m benchmarks.footprint --json`.

Starts alternate, so that whatever else the machine does falls on both alike, and the median counts. A start lasts from
the command to a page that was served: for the app that of a person who is signed in, with the built-in model starting
at its side. The idle figures are of the app's own process, with a scripted Ollama for a model server.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.footprint.idle import Idle, growth, idle
from benchmarks.footprint.install import GRADIO as GRADIO_PACKAGE
from benchmarks.footprint.install import OURS, Installed, install
from benchmarks.footprint.starts import GRADIO, Entry, Started, first_answer, ours, settle, started
from benchmarks.gateway.places import Speed, model_server
from benchmarks.report import parser, table, tell, tell_figures
from benchmarks.streaming.history import prepare

PEOPLE = 50


@dataclass
class Starts:
    """Seconds from the command to the page, by the clock and of the processor."""

    seconds: list[float] = field(default_factory=list)
    processor_s: list[float] = field(default_factory=list)

    def take(self, at: Started) -> None:
        """Take in one start."""
        self.seconds.append(at.seconds)
        self.processor_s.append(at.processor_s)


async def main(*, starts: int, idle_s: float, installs: bool, scratch: Path) -> dict[str, float]:
    """Measure all of it, print the table, and hand back the figures."""
    mine, theirs, answers = await _starts(starts, scratch)
    at_rest, bare_at_rest, person_kib, tab_kib = await _memory(idle_s, scratch)
    rows = _rows(mine, theirs, at_rest, bare_at_rest)
    figures = {
        "warm_start_s": median(mine.seconds),
        "start_vs_gradio": median(mine.seconds) / median(theirs.seconds),
        "gradio_start_s": median(theirs.seconds),
        "start_processor_s": median(mine.processor_s),
        "gradio_start_processor_s": median(theirs.processor_s),
        "first_answer_s": median(answers),
        "idle_rss_mb": at_rest.rss_mb,
        "gradio_idle_rss_mb": bare_at_rest.rss_mb,
        "idle_cpu_share": at_rest.cpu_share,
        "gradio_idle_cpu_share": bare_at_rest.cpu_share,
        "person_kib": person_kib,
        "tab_kib": tab_kib,
    }
    if installs:
        own, gradio = await install(scratch / "own", OURS), await install(scratch / "gradio", GRADIO_PACKAGE)
        rows |= _install_rows(own, gradio)
        figures |= {"install_s": own.seconds, "install_mb": own.size_mb}
        figures |= {"gradio_install_s": gradio.seconds, "gradio_install_mb": gradio.size_mb}
    tell(
        table("what it takes", ("Samovar", "gr.ChatInterface"), rows),
        f"From the command to the end of a first short answer of the built-in model: {median(answers):.1f} s.\n"
        f"A person with a tab open takes {person_kib:.0f} KiB, one more tab {tab_kib:.0f} KiB.",
    )
    return figures


async def _starts(count: int, scratch: Path) -> tuple[Starts, Starts, list[float]]:
    """Start both in turn; the first of each warms the disk up and does not count."""
    data = scratch / "data"
    entry = await settle(data)
    mine, theirs, answers = Starts(), Starts(), list[float]()
    for number in range(count + 1):
        async with started(ours(data), entry) as at:
            answer = await first_answer(at, entry)
            if number:
                mine.take(at)
                answers.append(answer)
        async with started(GRADIO) as at:
            if number:
                theirs.take(at)
    return mine, theirs, answers


async def _memory(idle_s: float, scratch: Path) -> tuple[Idle, Idle, float, float]:
    """Watch both at rest, and the app with people who have it open."""
    people = [person["cookie"] for person in await prepare(scratch / "people", PEOPLE)]
    async with model_server(Speed()) as backend:
        command = ours(scratch / "people", "--backend", f"ollama={backend}", "--backup-hours", "0")
        async with started(command, Entry(people[0], "")) as at, started(GRADIO) as bare:
            own, other = await asyncio.gather(idle(at, idle_s), idle(bare, idle_s))
            person_kib, tab_kib = await growth(at, people)
    return own, other, person_kib, tab_kib


def _rows(mine: Starts, theirs: Starts, own: Idle, other: Idle) -> dict[str, tuple[str, str]]:
    def both(first: float, second: float, form: str) -> tuple[str, str]:
        return format(first, form), format(second, form)

    return {
        "command to page, s": both(median(mine.seconds), median(theirs.seconds), ".2f"),
        "of the processor, s": both(median(mine.processor_s), median(theirs.processor_s), ".2f"),
        "memory at rest, MiB": both(own.rss_mb, other.rss_mb, ".0f"),
        "of a core at rest": both(own.cpu_share, other.cpu_share, ".2%"),
    }


def _install_rows(own: Installed, gradio: Installed) -> dict[str, tuple[str, str]]:
    return {
        "to install, s": (f"{own.seconds:.0f}", f"{gradio.seconds:.0f}"),
        "on the disk, MiB": (f"{own.size_mb:.0f}", f"{gradio.size_mb:.0f}"),
    }


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--quick", action="store_true", help="one start and nothing installed: does it all still work?")
    flags.add_argument("--starts", type=int, default=5, help="how often each is started")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        chosen = (1, 3.0, False) if arguments.quick else (arguments.starts, 20.0, True)
        found = asyncio.run(main(starts=chosen[0], idle_s=chosen[1], installs=chosen[2], scratch=Path(directory)))
    if arguments.json:
        tell_figures(found)
