"""SQLite's write-ahead log: how large it is, and emptying it into the database file."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from storage.engines import BUSY_TIMEOUT, driver_of, sqlite_module

logger = logging.getLogger(__name__)

_ONE_TRY = timedelta(milliseconds=20)
_GROWTH_BETWEEN_TRIES_BYTES = 4 * 1024 * 1024


class WriteAheadLog:
    """The log of the database behind `connection`, the one that writes; at most `limit_bytes` as far as readers allow.

    The log cannot shrink below what the oldest reader's snapshot needs.
    """

    def __init__(self, connection: Connection, database: Path, limit_bytes: int) -> None:
        self._connection = connection
        self._path = database.with_name(f"{database.name}-wal")
        self._limit_bytes = limit_bytes
        self._next_try_bytes = limit_bytes
        self.waits_for_readers = False
        """Whether the writer waits for the readers now; they look at it from their threads."""

    def size_bytes(self) -> int:
        """Tell how large the file is, 0 when there is none or nobody can tell."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def keep_bounded(self) -> None:
        """Empty a log that is too large, waiting for its readers. Where they stay, try again once it grew further."""
        size = self.size_bytes()
        if size < self._next_try_bytes:
            return
        emptied = self.empty_before_readers(BUSY_TIMEOUT)
        self._next_try_bytes = self._limit_bytes if emptied else size + _GROWTH_BETWEEN_TRIES_BYTES

    def empty_before_readers(self, wait: timedelta) -> bool:
        """Empty the log however small it is, while reads get shorter; False when one stayed for as long as `wait`."""
        self.waits_for_readers = True
        # Many short tries: in one long one, SQLite waits for a slot in which readers may follow each other for ever.
        emptied = self._try_to_empty(wait // _ONE_TRY, _ONE_TRY)
        self.waits_for_readers = False
        return emptied

    def empty(self) -> bool:
        """Move the log into the file and cut it to nothing; False when somebody reads from it now."""
        return self._try_to_empty(1, timedelta())

    def _try_to_empty(self, tries: int, wait: timedelta) -> bool:
        try:
            return any(self._checkpoint(wait) for _ in range(tries))
        except sqlite_module().Error:
            # Nothing is lost, the log holds it. What ails the disk is told to the next write.
            logger.warning("the write-ahead log could not be emptied", exc_info=True)
            return False

    def _checkpoint(self, wait: timedelta) -> bool:
        driver = driver_of(self._connection)
        driver.execute(f"PRAGMA busy_timeout = {wait // timedelta(milliseconds=1)}")
        try:
            busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT // timedelta(milliseconds=1)}")
        return not busy
