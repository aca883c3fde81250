"""The one writer: a thread that runs what waits, commits it together and only then says so.

Committing costs a flush of the disk, whatever is in it; taking all that waits into one commit makes fifty writers as
quick as one. Being alone, the writer never meets a lock, and it is the only one that moves the log into the file.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session

from storage.engines import in_transaction
from storage.errors import StorageError
from storage.foreign import root_of, translated
from storage.log import WriteAheadLog

logger = logging.getLogger(__name__)


class Waiting:
    """A work that waits for its commit, and the future of whoever waits for it."""

    __slots__ = ("_error", "_future", "_result", "_work")

    def __init__(self, work: Callable[[Any], Any], future: asyncio.Future[Any]) -> None:
        self._work = work
        self._future = future
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self, connection: Connection) -> None:
        """Run the work in a savepoint of its own; what it raises is kept for its caller."""
        try:
            with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
                self._result = self._work(session)
                session.commit()
        except BaseException as error:  # noqa: BLE001 -- it belongs to the caller; the thread lives on
            # Without a transaction the clean-up fails, too, and hides what it cleans up after.
            self.fail(error if in_transaction(connection) else root_of(error))

    def require_transaction(self, connection: Connection) -> None:
        """Raise what the work raised when the whole transaction went with it."""
        if not in_transaction(connection):
            raise self._error or StorageError("A work ended the transaction that it shares with others.")

    def fail(self, error: BaseException) -> None:
        """Tell that nothing was kept. The first reason stays: later ones only follow from it."""
        if self._error is None:
            self._error = _fit_for_a_future(error)

    def settle(self) -> None:
        """Tell the caller, on its event loop. One that was cancelled is past telling: its work counts all the same."""
        if not self._future.done():
            if self._error is None:
                self._future.set_result(self._result)
            else:
                self._future.set_exception(self._error)
        elif self._error is not None:
            logger.warning("a write failed after its caller had gone", exc_info=self._error)


class BetweenCommits(Waiting):
    """A work that no transaction may hold: it is given the connection itself, after those taken with it are kept."""

    __slots__ = ()

    def run(self, connection: Connection) -> None:
        """Run the work; what it raises is kept for its caller."""
        try:
            self._result = self._work(connection)
        except BaseException as error:  # noqa: BLE001 -- it belongs to the caller; the thread lives on
            self.fail(error)


class Writer:
    """The thread that owns `connection`, at most `batch` works a commit; `loop` is where the callers wait.

    After `idle` without a work it empties the log, so that what was deleted is gone from there too.
    """

    def __init__(
        self,
        connection: Connection,
        log: WriteAheadLog,
        loop: asyncio.AbstractEventLoop,
        batch: int,
        idle: timedelta,
    ) -> None:
        self._connection = connection
        self._log = log
        self._loop = loop
        self._batch = batch
        self._idle = idle
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="storage-writer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, waiting: Waiting) -> None:
        """Take a work. It runs even when its caller is cancelled meanwhile."""
        self._queue.put(waiting)

    def stop(self) -> None:
        """Commit what waits, empty the log, and return when the thread has ended. Blocks."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            works = [waiting for waiting in batch if not isinstance(waiting, BetweenCommits)]
            while works:
                works = self._commit(works)
            self._log.keep_bounded()
            self._run_between(batch)
        self._log.empty()

    def _run_between(self, batch: Sequence[Waiting]) -> None:
        for waiting in batch:
            if isinstance(waiting, BetweenCommits):
                waiting.run(self._connection)
                self._tell([waiting])

    def _next_batch(self) -> list[Waiting]:
        """Wait for works and take all that are there; an empty list is the word to stop."""
        waiting = self._next()
        batch: list[Waiting] = []
        while waiting is not None:
            batch.append(waiting)
            if len(batch) == self._batch or self._queue.empty():
                return batch
            waiting = self._queue.get()
        if batch:
            self._queue.put(None)
        return batch

    def _next(self) -> Waiting | None:
        while self._log.size_bytes() > 0:
            try:
                return self._queue.get(timeout=self._idle.total_seconds())
            except Empty:
                self._log.empty()
        return self._queue.get()

    def _commit(self, batch: Sequence[Waiting]) -> list[Waiting]:
        """Commit the works of `batch` together and tell their callers; give back those that could not have their turn.

        A full disk can make SQLite drop the whole transaction: then nothing that ran before in it is kept either.
        """
        ran: list[Waiting] = []
        try:
            with self._connection.begin():
                for waiting in batch:
                    ran.append(waiting)
                    waiting.run(self._connection)
                    waiting.require_transaction(self._connection)
        except BaseException as error:  # noqa: BLE001 -- it belongs to the callers; the thread lives on
            ran = ran or list(batch)
            for waiting in ran:
                waiting.fail(error)
        self._tell(ran)
        return list(batch[len(ran) :])

    def _tell(self, settled: Sequence[Waiting]) -> None:
        try:
            self._loop.call_soon_threadsafe(_settle, settled)
        except RuntimeError:
            logger.warning("%d writes were committed after their event loop had closed", len(settled))


def _settle(settled: Sequence[Waiting]) -> None:
    for waiting in settled:
        waiting.settle()


def _fit_for_a_future(error: BaseException) -> BaseException:
    """Translate a foreign error; replace the one exception that no future takes."""
    if isinstance(error, StopIteration):
        return RuntimeError("the work raised StopIteration")
    return translated(error) if isinstance(error, Exception) else error
