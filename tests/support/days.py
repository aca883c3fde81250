"""Days that pass in a moment: every clock there is moves on together, and a machine may sleep or start again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from storage import warm_ups
from storage.database import Clocks
from storage.tables import WarmUpPlan, WarmUpRun
from tests.support.assembly import Assembly, Setup, assembled
from tests.support.ollama_server import OllamaServer

STEP = timedelta(minutes=5)
LOAD = timedelta(minutes=1)


@dataclass
class Days:
    """The time of day, the server, and the app while it runs."""

    ollama: OllamaServer
    data: Path
    zone: ZoneInfo
    now: datetime
    app: Assembly | None = None
    first_token_seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ollama.time_of_day = lambda: self.now
        self.ollama.memory.loading = self._loading

    def at(self, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=self.zone).astimezone(UTC)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Assembly]:
        """The app, which looks at its plans as soon as it is there."""
        setup = Setup(clocks=Clocks(now=lambda: self.now), look_every=timedelta(hours=1))
        async with assembled(self.data, self.ollama.url, setup) as app:
            self.app = app
            await self._look()
            yield app
        self.app = None

    async def until(self, text: str) -> None:
        """Let time pass while the machine is awake."""
        end = self.at(text)
        while self.now < end:
            step = min(STEP, end - self.now)
            self.now += step
            self.ollama.memory.pass_time(step.total_seconds())
            if self.app is not None:
                self.app.clock.advance(step.total_seconds())
                await self._look()

    async def sleeps_until(self, text: str) -> None:
        """Suspend the machine: the time of day goes on, and nothing else does."""
        self.now = self.at(text)
        if self.app is not None:
            await self._look()

    async def question(self, name: str, model: str) -> bool:
        """Ask; tells whether the model was in memory, and keeps how long the first token took."""
        assert self.app is not None
        loads = self.ollama.memory.counters.loads
        (answer,) = await self.app.over(await self.app.ask("What is for lunch?", model=model))
        assert answer.state == "complete"
        assert answer.first_token_ms is not None
        self.first_token_seconds[name] = answer.first_token_ms / 1000
        return self.ollama.memory.counters.loads == loads

    async def plan(self, model: str, begins: str, ends: str) -> None:
        assert self.app is not None
        row = WarmUpPlan(
            model=model,
            days="0123456",
            begins=begins,
            ends=ends,
            zone=self.zone.key,
            due_at=self.now,
            created_at=self.now,
        )
        await self.app.database.write(lambda session: warm_ups.add_plan(session, row))

    async def runs(self) -> list[WarmUpRun]:
        """How the warm-ups went, the oldest first."""
        assert self.app is not None
        since = datetime(2000, 1, 1, tzinfo=UTC)
        return list(reversed(await self.app.database.read(lambda session: warm_ups.runs(session, since, 1000))))

    def local(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%a %H:%M}"

    def _loading(self) -> None:
        """A load takes long on the app's clock, and hardly any time here."""
        if self.app is not None:
            self.app.clock.advance(LOAD.total_seconds())

    async def _look(self) -> None:
        assert self.app is not None
        await self.app.fleet.look()
        async with asyncio.timeout(60):
            await self.app.warm_ups.look()
            await self.app.warm_ups.settle()
