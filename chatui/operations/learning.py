"""What the queue learned of its backends, kept over restarts: speeds, load times, what fits together, limits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from storage import settings
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)
KEY = "scheduler.learned"


class Learner(Protocol):
    """What can be taught and asked; the scheduler's policy."""

    def learned(self) -> dict[str, Any]:
        """What was learned, as JSON knows it."""

    def learn(self, kept: Mapping[str, Any]) -> None:
        """Take over what was learned before."""


class Learning:
    """Keeps what a learner learned in the database."""

    def __init__(self, database: Database, learner: Learner) -> None:
        self._database = database
        self._learner = learner
        self._kept: dict[str, Any] = {}

    async def recall(self) -> None:
        """Teach what an earlier run learned. What cannot be read is learned anew: it is only experience."""
        kept = (await self._database.read(settings.get_all)).get(KEY, {})
        try:
            self._learner.learn(kept)
        except (KeyError, TypeError, ValueError, AttributeError):
            log.warning("what was learned before cannot be read and is learned anew")
        self._kept = kept

    async def run(self, every: timedelta) -> None:
        """Keep what is new, again and again until cancelled."""
        while True:
            await asyncio.sleep(every.total_seconds())
            await self.keep()

    async def keep(self) -> None:
        """Write what was learned, when it changed."""
        learned = self._learner.learned()
        if learned == self._kept:
            return
        try:
            now = self._database.clocks.now()
            await self._database.write(lambda session: settings.put(session, KEY, learned, now))
        except StorageError as error:
            log.warning("what was learned is not kept: %s", error)
        else:
            self._kept = learned
