"""What the app keeps after thousands of questions: memory, open files, tasks, slots.

`python -m benchmarks.soak --minutes 10 --json` prints a table; its last line is one flat JSON object. The app runs in
this process as ever, behind its real sockets. The people and the model server are another process (`benchmarks.crowd`),
so that the figures are the app's alone. They are compared between two moments at which nobody asks: after a warm-up,
and at the end.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.crowd import PEOPLE
from benchmarks.processes import free_port
from benchmarks.report import parser, table, tell, tell_figures
from chatui.accounts.changes import Visit
from chatui.application import serve
from chatui.core import Core
from chatui.settings import Settings

WARM_UP_SHARE = 0.15
QUIET_S = 8.0  # connections are kept for a while, and the write-ahead log is emptied after 2 s
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Figures:
    """One quiet moment of the app."""

    rss_mb: float
    open_files: int
    tasks: int
    slots: int
    jobs: int


def figures(core: Core) -> Figures:
    """Look at this process and at what the app holds."""
    gc.collect()
    process = psutil.Process()
    slots = sum(len(backend.running) for backend in core.scheduler.backends().values())
    rss = process.memory_info().rss / MIB
    return Figures(rss, process.num_fds(), len(asyncio.all_tasks()), slots, len(core.scheduler.jobs))


async def main(*, minutes: float, directory: Path) -> dict[str, float]:
    """Run the app, let the crowd warm it up and then ask, and compare."""
    port = free_port()
    crowd = await _start_crowd()
    assert crowd.stdout is not None
    backend = (await crowd.stdout.readline()).decode().strip()
    running: asyncio.Future[Core] = asyncio.get_running_loop().create_future()
    settings = Settings(port=port, data=directory, backend=(f"ollama={backend}",), workers=4, backup_hours=0)
    serving = asyncio.create_task(serve(settings, running.set_result))
    try:
        core = await _first(running, serving)
        cookies = [await _sign_in(core, f"Person {number}") for number in range(PEOPLE)]
        requests = await _ask(crowd, port, minutes * 60 * WARM_UP_SHARE, cookies)
        before = await _quiet(core)
        requests += await _ask(crowd, port, minutes * 60 * (1 - WARM_UP_SHARE), cookies)
        after = await _quiet(core)
    finally:
        with suppress(ProcessLookupError):
            crowd.kill()
        await crowd.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
    tell(_table(before, after))
    return {
        "requests": requests,
        "rss_growth_mb": round(after.rss_mb - before.rss_mb, 1),
        "open_files_growth": after.open_files - before.open_files,
        "tasks_left": after.tasks - before.tasks,
        "slots_leaked": after.slots + after.jobs,
    }


async def _start_crowd() -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.crowd", stdin=PIPE, stdout=PIPE)


async def _first(running: asyncio.Future[Core], serving: asyncio.Task[None]) -> Core:
    """The parts, or the error that the app ended with."""

    def ended(task: asyncio.Task[None]) -> None:
        if not running.done():
            running.set_exception(task.exception() or AssertionError("the app ended before it served"))

    serving.add_done_callback(ended)
    return await running


async def _sign_in(core: Core, name: str) -> str:
    """Make somebody an account and sign them in; gives the session's token."""
    password = "a password of the crowd"  # noqa: S105 - of nobody
    await core.accounts.service.create_admin(name, password)
    return (await core.accounts.service.sign_in(name, password, Visit("127.0.0.1"))).token


async def _ask(crowd: Process, port: int, seconds: float, cookies: Sequence[str]) -> int:
    """Have the crowd ask for a while; tells how many answers came to an end."""
    assert crowd.stdin is not None
    assert crowd.stdout is not None
    crowd.stdin.write(f"{port} {seconds} {','.join(cookies)}\n".encode())
    line = await crowd.stdout.readline()
    if not line:
        raise AssertionError("the crowd ended before its time")
    return int(line)


async def _quiet(core: Core) -> Figures:
    await asyncio.sleep(QUIET_S)
    return figures(core)


def _table(before: Figures, after: Figures) -> str:
    rows = {
        name: (f"{at.rss_mb:.1f}", str(at.open_files), str(at.tasks), str(at.slots), str(at.jobs))
        for name, at in (("after the warm-up", before), ("at the end", after))
    }
    return table("the app's process", ("RSS MB", "files", "tasks", "slots", "jobs"), rows)


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--minutes", type=float, default=10.0, help="how long people ask, the warm-up included")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = asyncio.run(main(minutes=arguments.minutes, directory=Path(scratch) / "data"))
    if arguments.json:
        tell_figures(found)
