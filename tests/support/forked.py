"""The app's program in a process of its own, forked from one that has imported everything.

It starts in half a second instead of four. For the rest it is what `python app.py` is; `test_command_line` starts that.
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "app.py"
FORKING = multiprocessing.get_context("forkserver")
# `pytest` is what the tests' own process runs, and would be imported again in each child.
FORKING.set_forkserver_preload(["chatui.application", "chatui.commands", "chatui.web.server", "pytest"])


class Forked:
    """A process, with the words of `asyncio.subprocess.Process`. It ends with the tests at the latest."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @classmethod
    async def start(
        cls,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        console: Mapping[int, Path],
        says: str = "",
        program: Path = PROGRAM,
    ) -> Forked:
        """Run the program; `console` tells where what it writes goes, by the number of the stream."""
        told = {number: str(path) for number, path in console.items()}
        asked = (program, list(arguments), dict(environment), told, says)
        process = FORKING.Process(target=_run, args=asked, daemon=True)
        # The first one waits for the imports.
        await asyncio.to_thread(process.start)
        return cls(process)

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    async def wait(self) -> int:
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, over.set)
        try:
            await over.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        assert self.returncode is not None
        return self.returncode


def _run(program: Path, arguments: list[str], environment: dict[str, str], console: dict[int, str], says: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(PROGRAM.parent)
    for number, path in console.items():
        told = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(told, number)
        os.close(told)
    sys.stdin = io.StringIO(says)
    sys.argv = [program.name, *arguments]
    runpy.run_path(str(program), run_name="__main__")
