"""What the admin's overview costs while three admins watch it and fifty people are being answered.

`python -m benchmarks.dashboard --json` prints a table; its last line is one flat JSON object. The app runs in this
process as ever, behind its real sockets; the people, the admins and the model server are another process, so that the
figures are the app's alone. The time of the processor that the app takes is measured in turns, with and without admins
who watch, while the same fifty answers go on; the cost is the difference of the middles.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlmodel import Session

from benchmarks.processes import free_port
from benchmarks.report import Progress, parser, table, tell, tell_figures
from chatui.accounts.tokens import digest, random_token
from chatui.application import serve
from chatui.core import Core
from chatui.domain.people import AccountRole
from chatui.settings import Settings
from storage.accounts import ensure_account
from storage.tables import AccountSession

PEOPLE, ADMINS = 50, 3
TURNS = 4


async def main(*, seconds: float, directory: Path) -> dict[str, float]:
    """Measure, in turns of so many seconds."""
    watchers = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.audience", stdin=PIPE, stdout=PIPE
    )
    try:
        server = await _line(watchers)
        port = free_port()
        settings = Settings(
            port=port, data=directory, backend=(server,), workers=PEOPLE, answer_tokens=131_072, backup_hours=0
        )
        running: asyncio.Future[Core] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(settings, running.set_result))
        core = await _first(running, serving)
        cookies = await _cookies(core)
        await _say(watchers, f"begin {port} {','.join(cookies)}")
        figures = await _measure(watchers, core, seconds)
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
        return figures
    finally:
        with suppress(ProcessLookupError):
            watchers.kill()
        await watchers.wait()


async def _first(running: asyncio.Future[Core], serving: asyncio.Task[None]) -> Core:
    """Wait until the app's parts are there; an app that cannot start ends the benchmark."""
    waiting: set[asyncio.Future[Any]] = {running, serving}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
    return await running


async def _measure(watchers: Process, core: Core, seconds: float) -> dict[str, float]:
    loads: dict[str, list[float]] = {"alone": [], "watch": []}
    running: list[int] = []
    progress = Progress(2 * TURNS)
    for turn in range(2 * TURNS):
        kind = ("alone", "watch")[turn % 2]
        progress.step(kind)
        await _say(watchers, kind)
        await asyncio.sleep(1)
        began, wall = time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        loads[kind].append(100 * (time.process_time() - began) / (time.monotonic() - wall))
        running.append(sum(len(backend.running) for backend in core.scheduler.backends().values()))
    progress.over()
    turns = enumerate(zip(*loads.values(), strict=True), 1)
    rows = {f"turn {number}": [f"{load:.1f}" for load in pair] for number, pair in turns}
    alone, watched = median(loads["alone"]), median(loads["watch"])
    rows["median"] = [f"{alone:.1f}", f"{watched:.1f}"]
    tell(table(f"percent of a core, {PEOPLE} people", ("alone", f"with {ADMINS} admins who watch"), rows))
    return {
        "people": PEOPLE,
        "admins": ADMINS,
        "running": min(running),
        "core_percent_alone": round(alone, 2),
        "core_percent_watched": round(watched, 2),
        "core_percent_cost": round(watched - alone, 2),
    }


async def _cookies(core: Core) -> list[str]:
    """Make the accounts, admins first, and give their sessions: without passwords, which are slow to hash."""
    found = []
    for number in range(ADMINS + PEOPLE):
        role = AccountRole.ADMIN if number < ADMINS else AccountRole.MEMBER
        token, now = random_token(), core.database.clocks.now()

        await core.database.write(partial(_enter, name=f"person {number}", role=role, token=token, now=now))
        found.append(token)
    return found


def _enter(session: Session, *, name: str, role: AccountRole, token: str, now: datetime) -> None:
    account = ensure_account(session, name, role, now)
    kept = AccountSession(
        token_hash=digest(token), account_id=account.id, address="127.0.0.1", device="", created_at=now, used_at=now
    )
    session.add(kept)


async def _say(process: Process, words: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{words}\n".encode())
    await process.stdin.drain()
    await _line(process)


async def _line(process: Process) -> str:
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().strip()
    if not line:
        raise RuntimeError("the audience is gone")
    return line


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--seconds", type=float, default=10, help="length of a turn")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = asyncio.run(main(seconds=arguments.seconds, directory=Path(scratch) / "data"))
    if arguments.json:
        tell_figures(found)
