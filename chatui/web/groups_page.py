"""The admin's forms about groups: a share of the queue, caps, quotas, models."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.accounts.accounts import Accounts
from chatui.accounts.limits import HEAVIEST, LIGHTEST, GroupLimits
from chatui.domain.errors import NameRefused, NameTaken, NotFound, Refused
from chatui.domain.jobs import Priority
from chatui.domain.messages import ModelName
from chatui.domain.people import GroupId
from chatui.operations.settings.kinds import Choice, Kind, Number, Unfit, Whole
from chatui.web.acting import acting
from chatui.web.admin.setting_fields import flaw_sentence
from chatui.web.pages import Pages, Say, form_of, language_of, turn_to
from chatui.web.statuses import status_of
from chatui.web.wording import wording_for

GROUPS: Final = "/admin/groups"
NEW: Final = "new"
_WRONG: Final = 422
_KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "weight": Number(LIGHTEST, HEAVIEST),
        "priority": Choice(tuple(str(level.value) for level in Priority)),
        "running": Whole(0, 1_000),
        "queued": Whole(0, 100_000),
        "tokens_per_day": Whole(0, 1_000_000_000_000),
    }
)
_MODEL: Final = re.compile(r"[A-Za-z0-9/.][A-Za-z0-9._/:@+-]{0,199}", re.ASCII)
_NAME_SHOWN: Final = 40
Form = Mapping[str, str]
Known = Callable[[], Collection[str]]


@dataclass(frozen=True, slots=True)
class GroupsPage:
    """Draws the page and takes its forms. Whoever does not run the app finds nothing here.

    `known` gives the models that servers have: only a name that none of them has may be wrong.
    """

    accounts: Accounts
    known: Known
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the groups and the form for a new one."""
        return self.pages.show(request, "groups", await self._facts(request))

    async def create(self, request: Request) -> Response:
        """Make a group."""
        form = await form_of(request)

        async def make(limits: GroupLimits) -> None:
            await self.accounts.groups.create(acting(request), form.get("name", ""), limits)

        return await self._taken(request, form, NEW, make)

    async def change(self, request: Request) -> Response:
        """Give a group another name and other limits."""
        form = await form_of(request)
        group = _group(form)

        async def change(limits: GroupLimits) -> None:
            await self.accounts.groups.change(acting(request), group, form.get("name", ""), limits)

        return await self._taken(request, form, group, change)

    async def _taken(
        self, request: Request, form: Form, group: GroupId | str, work: Callable[[GroupLimits], Awaitable[None]]
    ) -> Response:
        """Do the work with what was typed, or draw the page with what is wrong beside each field."""
        limits, flaws = _read(form, Say(language_of(request)), self.known())
        if limits is None:
            return await self._flawed(request, form, group, flaws, _WRONG)
        try:
            await work(limits)
        except (NameRefused, NameTaken) as refusal:
            sentence = wording_for(language_of(request)).refused(refusal)
            return await self._flawed(request, form, group, {"name": sentence}, status_of(refusal))
        except NotFound:
            raise
        except Refused as refusal:
            return self.pages.refuse(request, "groups", await self._facts(request), refusal)
        return turn_to(f"{GROUPS}?done=1")

    async def _flawed(self, request: Request, form: Form, group: object, flaws: Form, status: int) -> Response:
        typed = {**_fields(GroupLimits()), **form}
        facts = {**await self._facts(request), "wrong": group, "typed": typed, "flaws": flaws}
        return self.pages.show(request, "groups", facts, status)

    async def delete(self, request: Request) -> Response:
        """Delete a group that nobody is in."""
        form = await form_of(request)
        try:
            await self.accounts.groups.delete(acting(request), _group(form))
        except NotFound:
            raise
        except Refused as refusal:
            return self.pages.refuse(request, "groups", await self._facts(request), refusal)
        return turn_to(f"{GROUPS}?done=1")

    async def _facts(self, request: Request) -> dict[str, object]:
        by = acting(request)
        groups = await self.accounts.groups.groups(by)
        fields = {group.id: _fields(group.limits) for group in groups}
        people = await self.accounts.admin.people(by)
        members = {group.id: sum(person.group == group.id for person in people) for group in groups}
        done, known = "done" in request.query_params, self.known()
        return {
            "path": GROUPS,
            "groups": groups,
            "fields": fields,
            "unknown": {group.id: sorted((group.limits.models or set()) - set(known)) for group in groups},
            "members": members,
            "done": done,
            "wrong": None,
            "typed": {},
            "empty_fields": _fields(GroupLimits()),
            "flaws": {},
        }


def groups_routes(accounts: Accounts, known: Known, pages: Pages) -> APIRouter:
    """The page and its forms."""
    page = GroupsPage(accounts, known, pages)
    routes = APIRouter(prefix=GROUPS, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/create", page.create, methods=["POST"])
    routes.add_api_route("/change", page.change, methods=["POST"])
    routes.add_api_route("/delete", page.delete, methods=["POST"])
    return routes


def _group(form: Form) -> GroupId:
    try:
        return GroupId(UUID(form.get("group", "")))
    except ValueError as error:
        raise NotFound("no such group") from error


def _read(form: Form, say: Say, known: Collection[str]) -> tuple[GroupLimits | None, dict[str, str]]:
    """Read the limits of a form, where an empty field leaves it to the app; or give a sentence for each wrong one."""
    values: dict[str, Any] = {}
    flaws: dict[str, str] = {}
    for name, kind in _KINDS.items():
        text = form.get(name, "")
        try:
            values[name] = kind.read(text) if text.strip() else None
        except Unfit as unfit:
            flaws[name] = flaw_sentence(say, unfit.flaw)
    models = form.get("models", "").split()
    if wrong := [name for name in models if name not in known and not _MODEL.fullmatch(name)]:
        seen = "".join(character for character in wrong[0] if character.isprintable())
        flaws["models"] = say("models_flaw", name=seen[:_NAME_SHOWN])
    if flaws:
        return None, flaws
    priority = values.pop("priority")
    return GroupLimits(
        **values,
        priority=None if priority is None else Priority(int(priority)),
        models=frozenset(map(ModelName, models)) if models else None,
    ), {}


def _fields(limits: GroupLimits) -> dict[str, str]:
    """The limits as the form shows them."""
    return {
        "name": "",
        "weight": _text(limits.weight),
        "priority": _text(limits.priority),
        "running": _text(limits.running),
        "queued": _text(limits.queued),
        "tokens_per_day": _text(limits.tokens_per_day),
        "models": "\n".join(sorted(limits.models or ())),
    }


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:g}" if isinstance(number, float) else str(int(number))
