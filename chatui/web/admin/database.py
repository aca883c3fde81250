"""The database: how it is, its backups, and the way back to one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from chatui.domain.access import Action, require
from chatui.domain.people import Principal
from chatui.operations.backups import Backups
from chatui.web.acting import acting
from chatui.web.pages import Pages, Say, form_of, language_of, turn_to
from storage.backup import BackupFile
from storage.database import Database
from storage.errors import DatabaseDamaged, DiskFull, ReadOnly, ReadTooLong, SchemaTooNew, StorageError
from storage.health import damage_of, health_of

DATABASE: Final = "/admin/database"
_DONE: Final = frozenset({"made", "prepared", "given_up"})
_FLAWS: Final[Mapping[type[StorageError], str]] = MappingProxyType(
    {
        DatabaseDamaged: "damaged",
        SchemaTooNew: "newer",
        DiskFull: "full",
        ReadOnly: "read_only",
        ReadTooLong: "slow",
    }
)
_CONFLICT: Final = 409
_MINUTES_UNTIL: Final = timedelta(hours=2)
_HOURS_UNTIL: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class DatabasePage:
    """Draws the page and takes its forms. Whoever does not run the app finds nothing here."""

    database: Database
    backups: Backups
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw how the database is, and its backups."""
        return self.pages.show(request, "database", await self._facts(request))

    async def check(self, request: Request) -> Response:
        """Read the whole database, and say whether anything in it is damaged."""
        require(acting(request).user, Action.READ_METRICS)
        try:
            damage = await damage_of(self.database)
        except StorageError as error:
            return await self._refused(request, error)
        return self.pages.show(request, "database", {**await self._facts(request), "damage": damage})

    async def take(self, request: Request) -> Response:
        """Give a backup as a file."""
        name = request.query_params.get("name", "")
        file = await self.backups.taken(acting(request), name)
        return FileResponse(file, media_type="application/vnd.sqlite3", filename=name)

    async def make(self, by: Principal, _: Mapping[str, str]) -> str:
        """Make a backup now."""
        await self.backups.make(by)
        return "made"

    async def prepare(self, by: Principal, form: Mapping[str, str]) -> str:
        """Have a backup take the database's place at the next start."""
        await self.backups.prepare(by, form.get("name", ""))
        return "prepared"

    async def give_up(self, by: Principal, _: Mapping[str, str]) -> str:
        """Take that back."""
        await self.backups.give_up(by)
        return "given_up"

    def taking(
        self, work: Callable[[Principal, Mapping[str, str]], Awaitable[str]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Make the handler of a form: do the work, or draw the page with why it was not done."""

        async def handle(request: Request) -> Response:
            try:
                done = await work(acting(request), await form_of(request))
            except StorageError as error:
                return await self._refused(request, error)
            return turn_to(f"{DATABASE}?done={done}")

        return handle

    async def _refused(self, request: Request, error: StorageError) -> Response:
        flaw = _FLAWS.get(type(error), "other")
        problem = Say(language_of(request))(f"database_flaw_{flaw}")
        facts = {**await self._facts(request), "problem": problem, "raw": str(error)}
        return self.pages.show(request, "database", facts, _CONFLICT)

    async def _facts(self, request: Request) -> dict[str, Any]:
        by, done = acting(request), request.query_params.get("done")
        say, now = Say(language_of(request)), self.database.clocks.now()
        return {
            "path": DATABASE,
            "health": await health_of(self.database),
            "files": _shown(await self.backups.files(by), say, now),
            "prepared": await self.backups.prepared(by),
            "restored": self.backups.restored,
            "next_at": self.backups.next_at(),
            "damage": None,
            "raw": "",
            "done": done if done in _DONE else None,
        }


def database_routes(page: DatabasePage) -> APIRouter:
    """The page, its forms and its files."""
    routes = APIRouter(prefix=DATABASE, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/check", page.check, methods=["POST"])
    routes.add_api_route("/backup", page.take, methods=["GET"])
    routes.add_api_route("/backup", page.taking(page.make), methods=["POST"])
    routes.add_api_route("/restore", page.taking(page.prepare), methods=["POST"])
    routes.add_api_route("/give-up", page.taking(page.give_up), methods=["POST"])
    return routes


def _shown(files: Sequence[BackupFile], say: Say, now: datetime) -> list[dict[str, Any]]:
    return [{"file": file, "why": _why(file), "age": age_said(now - file.at, say)} for file in files]


def _why(file: BackupFile) -> str:
    return "replaced" if file.replaced else file.reason or "unknown"


def age_said(age: timedelta, say: Say) -> str:
    """Say how long ago something was, in the unit in which it is a small number."""
    if age < timedelta(minutes=1):
        return say("database_age_now")
    if age < _MINUTES_UNTIL:
        return say("database_age_minutes", count=age // timedelta(minutes=1))
    if age < _HOURS_UNTIL:
        return say("database_age_hours", count=age // timedelta(hours=1))
    return say("database_age_days", count=age.days)
