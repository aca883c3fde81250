"""How many durable commits a second fifty writers get, how long each waits, how large the log grows, and searches.

`python -m benchmarks.storage --json` prints a table; its last line is one flat JSON object.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, func, select

from benchmarks.report import parser, table, tell, tell_figures
from benchmarks.search import measure_search, quantile_ms
from storage.accounts import ensure_account
from storage.conversations import create_conversation
from storage.database import Database, now_utc
from storage.errors import DatabaseLocked, ReadTooLong
from storage.messages import add_message
from storage.tables import Message

WRITERS = 50
TEXT = "How many cups does a samovar fill before the water has to be boiled again? " * 4


@dataclass(slots=True)
class Measured:
    """What one run of the writers saw: a wait for each commit in seconds, and how many were refused."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    locked: int = 0
    log_peak_bytes: int = 0

    def commits_per_s(self) -> float:
        """Commits that were acknowledged, by the second."""
        return len(self.waits) / self.seconds

    def wait_ms(self, quantile: float) -> float:
        """How long all but the slowest commits waited."""
        return quantile_ms(self.waits, quantile)


async def main(*, seconds: float, scratch: Path) -> dict[str, float]:
    """Measure writing, then searching, each in a database of its own below `scratch`."""
    return await measure_writing(scratch / "written", seconds) | await measure_search(scratch / "searched")


async def measure_writing(directory: Path, seconds: float) -> dict[str, float]:
    """Measure writers alone, then beside a read that holds its snapshot for as long as reads may."""
    database = await Database.open(directory)
    try:
        conversation_id = await database.write(_first_conversation)
        alone = await _write_for(database, conversation_id, seconds)
        reading = asyncio.create_task(_read_on(database))
        beside = await _write_for(database, conversation_id, max(seconds, 12.0))
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await _require_all_kept(database, len(alone.waits) + len(beside.waits))
    finally:
        await database.close()
    tell(_table({"alone": alone, "beside a long read": beside}))
    return {
        "durable_commits_per_s": round(alone.commits_per_s(), 1),
        "commit_p99_ms": round(alone.wait_ms(0.99), 2),
        "commit_p99_beside_long_read_ms": round(beside.wait_ms(0.99), 2),
        "locked_errors": alone.locked + beside.locked,
        "wal_peak_mb": round(max(alone.log_peak_bytes, beside.log_peak_bytes) / 2**20, 1),
    }


def _first_conversation(session: Session) -> UUID:
    account = ensure_account(session, "bench", "admin", now_utc())
    return create_conversation(session, account.id, "bench", now_utc()).id


async def _write_for(database: Database, conversation_id: UUID, seconds: float) -> Measured:
    measured = Measured()
    start = time.perf_counter()
    until = start + seconds
    await asyncio.gather(*(_write_until(database, conversation_id, until, measured) for _ in range(WRITERS)))
    measured.seconds = time.perf_counter() - start
    return measured


async def _write_until(database: Database, conversation_id: UUID, until: float, measured: Measured) -> None:
    log = database.directory.database.with_name("samovar.db-wal")
    work = _one_message(conversation_id)
    while (start := time.perf_counter()) < until:
        try:
            await database.write(work)
        except DatabaseLocked:
            measured.locked += 1
        else:
            measured.waits.append(time.perf_counter() - start)
        if len(measured.waits) % 20 == 0:
            measured.log_peak_bytes = max(measured.log_peak_bytes, log.stat().st_size)


def _one_message(conversation_id: UUID) -> Callable[[Session], UUID]:
    def work(session: Session) -> UUID:
        message = Message(conversation_id=conversation_id, role="user", content=TEXT, created_at=now_utc())
        return add_message(session, message).id

    return work


async def _read_on(database: Database) -> None:
    """Hold one snapshot after the other, each until the database ends the read."""
    while True:
        try:
            await database.read(_count_slowly)
        except ReadTooLong:
            continue


def _count_slowly(session: Session) -> int:
    """Join the messages with themselves thrice, which takes far longer than a read may."""
    query = "SELECT count(*) FROM message a, message b, message c WHERE a.content || b.content < c.content"
    return int(session.connection().exec_driver_sql(query).scalar_one())


async def _require_all_kept(database: Database, expected: int) -> None:
    kept = await database.read(lambda session: session.exec(select(func.count(col(Message.id)))).one())
    if kept != expected:
        raise AssertionError(f"{expected} writes were acknowledged and {kept} are kept")


def _table(runs: dict[str, Measured]) -> str:
    rows = {
        name: (
            f"{run.commits_per_s():,.0f}",
            *(f"{ms:.1f}" for ms in (run.wait_ms(0.5), run.wait_ms(0.99), max(run.waits) * 1000)),
            f"{run.log_peak_bytes / 2**20:.1f}",
            str(run.locked),
        )
        for name, run in runs.items()
    }
    title = f"{WRITERS} writers, one message a commit, synchronous=FULL"
    return table(title, ("commits/s", "p50 ms", "p99 ms", "max ms", "log MB", "locked"), rows)


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--seconds", type=float, default=8.0, help="how long the writers write")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = asyncio.run(main(seconds=arguments.seconds, scratch=Path(scratch)))
    if arguments.json:
        tell_figures(figures)
