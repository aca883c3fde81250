"""The directory where everything is kept, and the lock that keeps a second instance out of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.engines import sqlite_module
from storage.errors import AlreadyRunning, DataDirectoryUnusable


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Names of what lies in the data directory at `path`."""

    path: Path

    @property
    def database(self) -> Path:
        """The database file; SQLite keeps `-wal` and `-shm` beside it."""
        return self.path / "samovar.db"

    @property
    def backups(self) -> Path:
        """Where backups are kept."""
        return self.path / "backups"

    @property
    def prepared(self) -> Path:
        """Where a backup lies that takes the database's place at the next start."""
        return self.path / "prepared"

    def prepare(self) -> None:
        """Make what is missing, open to its owner alone. Raises DataDirectoryUnusable."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.backups.mkdir(mode=0o700, exist_ok=True)
            os.close(os.open(self.database, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise DataDirectoryUnusable(self.path, error.strerror or str(error)) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory alone. Raises AlreadyRunning; a process that dies lets go of it.

        The lock is SQLite's own, on an empty database beside ours: it works wherever SQLite does.
        """
        sqlite = sqlite_module()
        with closing(sqlite.connect(self.path / "samovar.lock", timeout=0, check_same_thread=False)) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite.OperationalError as error:
                raise AlreadyRunning(self.path) from error
            yield
