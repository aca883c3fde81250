"""The same tables without a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlmodel import Session

from storage.database import Clocks
from storage.engines import memory_engine
from storage.foreign import foreign_errors_translated
from storage.tables import Table

T = TypeVar("T")


class MemoryDatabase:
    """A database in this process's memory alone: nothing of it is ever on a disk, and all of it goes with the process.

    It reads and writes as `Database` does, but at once: no work on it takes long.
    """

    def __init__(self, clocks: Clocks) -> None:
        self.clocks = clocks
        self._engine = memory_engine()
        Table.metadata.create_all(self._engine)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` and return its result; rows come back detached."""
        return self.run(work)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` and keep what it did, all of it or nothing."""
        return self.run(work)

    def run(self, work: Callable[[Session], T]) -> T:
        """Run `work` as `write` does, without waiting for anything."""
        with foreign_errors_translated(), Session(self._engine, expire_on_commit=False) as session, session.begin():
            return work(session)

    def close(self) -> None:
        """Forget everything."""
        self._engine.dispose()
