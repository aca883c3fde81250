"""The admin's forms about groups: a share of the queue, caps, quotas, models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.accounts.accounts import Accounts
from chatui.accounts.limits import GroupLimits
from chatui.domain.errors import InvalidInput, NotFound, Refused
from chatui.domain.jobs import Priority
from chatui.domain.messages import ModelName
from chatui.domain.people import GroupId
from chatui.web.acting import acting
from chatui.web.pages import Pages, form_of, turn_to

GROUPS: Final = "/admin/groups"
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GroupsPage:
    """Draws the page and takes its forms. Whoever does not run the app finds nothing here."""

    accounts: Accounts
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the groups and the form for a new one."""
        return self.pages.show(request, "groups", await self._facts(request))

    async def create(self, request: Request) -> Response:
        """Make a group."""
        form = await form_of(request)
        try:
            await self.accounts.groups.create(acting(request), form.get("name", ""), _limits(form))
        except Refused as refusal:
            facts = {**await self._facts(request), "typed": {**_fields(GroupLimits()), **form}}
            return self.pages.refuse(request, "groups", facts, refusal)
        return turn_to(f"{GROUPS}?done=1")

    async def change(self, request: Request) -> Response:
        """Give a group another name and other limits."""
        form = await form_of(request)
        group = _group(form)
        try:
            await self.accounts.groups.change(acting(request), group, form.get("name", ""), _limits(form))
        except NotFound:
            raise
        except Refused as refusal:
            return self.pages.refuse(request, "groups", await self._facts(request), refusal)
        return turn_to(f"{GROUPS}?done=1")

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
        done = "done" in request.query_params
        return {"groups": groups, "fields": fields, "members": members, "done": done, "typed": _fields(GroupLimits())}


def groups_routes(accounts: Accounts, pages: Pages) -> APIRouter:
    """The page and its forms."""
    page = GroupsPage(accounts, pages)
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


def _limits(form: Form) -> GroupLimits:
    priority = _whole(form, "priority")
    if priority is not None and priority not in set(Priority):
        raise InvalidInput("priority")
    models = form.get("models", "").split()
    return GroupLimits(
        weight=_number(form, "weight"),
        priority=None if priority is None else Priority(priority),
        running=_whole(form, "running"),
        queued=_whole(form, "queued"),
        tokens_per_day=_whole(form, "tokens_per_day"),
        models=frozenset(map(ModelName, models)) if models else None,
    )


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


def _number(form: Form, name: str) -> float | None:
    text = form.get(name, "").strip()
    try:
        return float(text) if text else None
    except ValueError as error:
        raise InvalidInput(name) from error


def _whole(form: Form, name: str) -> int | None:
    number = _number(form, name)
    if number is None:
        return None
    if not number.is_integer() or abs(number) > 2**53:
        raise InvalidInput(name)
    return int(number)
