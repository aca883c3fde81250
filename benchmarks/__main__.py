"""Run the benchmarks in order and keep what they found: `make bench`, or `python -m benchmarks --short --only peers`.

Each is a process of its own. Its tables are printed when it is over, its figures are written to `benchmarks/results/`,
and at the end the README and its plots are drawn anew from the newest of all.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from tempfile import TemporaryFile

from benchmarks.catalogue import BENCHMARKS, Benchmark
from benchmarks.machine import describe
from benchmarks.processes import ROOT
from benchmarks.readme import write
from benchmarks.report import Progress, tell
from benchmarks.results import Result, keep


def main(chosen: Sequence[Benchmark], *, short: bool) -> int:
    """Run them; gives the number of those that failed."""
    progress, failed = Progress(len(chosen)), 0
    for benchmark in chosen:
        progress.step(f"{benchmark.name}: {benchmark.title}")
        flags = benchmark.short if short else benchmark.full
        failed += not _run(benchmark, flags, progress)
    progress.over()
    write()
    return failed


def _run(benchmark: Benchmark, flags: Sequence[str], progress: Progress) -> bool:
    """Run one and keep its figures; tells whether it came to its end."""
    machine, measured, began = describe(), datetime.now(UTC), time.perf_counter()
    command = ("-m", f"benchmarks.{benchmark.name}", "--json", *flags)
    status, said, complained = _ran((sys.executable, *command))
    seconds = time.perf_counter() - began
    *tables, last = said.rstrip().splitlines() or [""]
    progress.over()
    tell(f"== {benchmark.name}: {benchmark.title}", "\n".join(tables).strip("\n"))
    if status:
        tell("\n".join(complained.splitlines()[-15:]), f"{benchmark.name} failed after {seconds:.0f} s.")
        return False
    figures = json.loads(last)
    moment = measured.strftime("%Y-%m-%dT%H:%MZ")
    keep(Result(benchmark.name, moment, " ".join(("python", *command)), round(seconds), machine, figures))
    tell(f"{benchmark.name} took {seconds:.0f} s.")
    return True


def _ran(command: Sequence[str]) -> tuple[int, str, str]:
    """Run a program; gives its status and what it wrote. Into files: a pipe would wait for programs that it left."""
    with TemporaryFile("w+") as said, TemporaryFile("w+") as complained:
        status = subprocess.run(command, cwd=ROOT, stdout=said, stderr=complained, check=False).returncode
        said.seek(0)
        complained.seek(0)
        return status, said.read(), complained.read()


if __name__ == "__main__":
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--short", "--quick", action="store_true", help="fewer rounds of each")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=" ".join(names))
    arguments = parser.parse_args()
    wanted = [benchmark for benchmark in BENCHMARKS if benchmark.name in arguments.only]
    sys.exit(main(wanted, short=arguments.short))
