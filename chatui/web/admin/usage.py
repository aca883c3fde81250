"""Usage: what people, groups and models took in a range of days, and as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.domain.access import Action, require
from chatui.operations.usage_book import UsageBook, UsageBy, sums
from chatui.web.acting import acting
from chatui.web.pages import Pages, Say, language_of

USAGE: Final = "/admin/usage"
_MONTH: Final = timedelta(days=29)
_FLAWED: Final = 422


@dataclass(frozen=True, slots=True)
class Range:
    """Days as they were asked for, and for each field what is wrong with it."""

    first: date
    last: date
    by: UsageBy
    typed: Mapping[str, str]
    flaws: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UsagePage:
    """Draws the page and gives the file. Whoever does not run the app finds nothing here."""

    book: UsageBook
    now: Callable[[], datetime]
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the sums of a range of days: the last thirty, or what the address says."""
        require(acting(request).user, Action.READ_USAGE)
        asked = self._range(request)
        taken = [] if asked.flaws else await self.book.taken(acting(request), asked.first, asked.last)
        say = Say(language_of(request))
        facts = {
            "path": USAGE,
            "sums": sums(taken, asked.by),
            "by": asked.by.value,
            "kinds": [kind.value for kind in UsageBy],
            "typed": asked.typed,
            "flaws": {field: say(f"usage_flaw_{flaw}") for field, flaw in asked.flaws.items()},
        }
        return self.pages.show(request, "usage", facts, _FLAWED if asked.flaws else 200)

    async def export(self, request: Request) -> Response:
        """Give the days, people and models of a range as a file."""
        require(acting(request).user, Action.READ_USAGE)
        asked = self._range(request)
        if asked.flaws:
            return await self.show(request)
        text = await self.book.export(acting(request), asked.first, asked.last)
        name = f"samovar-usage-{asked.first}-{asked.last}.csv"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        # Excel takes a file for UTF-8 only when it begins with the mark.
        return Response(text.encode("utf-8-sig"), media_type="text/csv", headers=headers)

    def _range(self, request: Request) -> Range:
        today = self.now().date()
        usual = {"first": str(today - _MONTH), "last": str(today)}
        typed = {name: request.query_params.get(name, text) for name, text in usual.items()}
        days = {name: _day(text) for name, text in typed.items()}
        flaws = {name: "day" for name, day in days.items() if day is None}
        first, last = days["first"] or today, days["last"] or today
        if not flaws and last < first:
            flaws = {"last": "order"}
        kind = request.query_params.get("by", "")
        return Range(first, last, UsageBy(kind) if kind in set(UsageBy) else UsageBy.PERSON, typed, flaws)


def usage_routes(book: UsageBook, now: Callable[[], datetime], pages: Pages) -> APIRouter:
    """The page and its file."""
    page = UsagePage(book, now, pages)
    routes = APIRouter(prefix=USAGE, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/export", page.export, methods=["GET"])
    return routes


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
