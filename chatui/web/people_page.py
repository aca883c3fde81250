"""The admin's pages about people: who may use the app, invitations, how to sign up, and what happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.accounts.accounts import Accounts
from chatui.accounts.people import Person
from chatui.accounts.rules import SignUpMode
from chatui.accounts.tokens import Link
from chatui.domain.errors import InvalidInput, NotFound, Refused
from chatui.domain.messages import UserId
from chatui.domain.people import AccountRole, GroupId, Principal
from chatui.web.acting import acting
from chatui.web.admin.audit_lines import about
from chatui.web.pages import Facts, Pages, Say, form_of, language_of, turn_to

PEOPLE: Final = "/admin/people"
_AUDIT_PAGE: Final = 100
_LONGEST_NUMBER: Final = 18  # digits that fit a column
Form = Mapping[str, str]
Work = Callable[[Principal, Form], Awaitable[Link | None]]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Draws the pages and takes their forms. Whoever does not run the app finds nothing here."""

    accounts: Accounts
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the list of people, invitations and groups."""
        return self.pages.show(request, "people", await self._facts(request))

    async def show_audit(self, request: Request) -> Response:
        """Draw a page of what happened, newest first; `before` in the address is where the page before ended."""
        by, typed = acting(request), request.query_params.get("before", "")
        before = int(typed) if typed.isdecimal() and len(typed) <= _LONGEST_NUMBER else None
        entries = await self.accounts.admin.audit_log(by, _AUDIT_PAGE, before)
        names: dict[UUID, str] = {person.id: person.name for person in await self.accounts.admin.people(by)}
        groups: dict[UUID, str] = {group.id: group.name for group in await self.accounts.groups.groups(by)}
        say = Say(language_of(request))
        facts = {
            "entries": entries,
            "names": names,
            "about": lambda entry: about(entry, names, groups, say),
            "older": entries[-1].id if len(entries) == _AUDIT_PAGE else None,
        }
        return self.pages.show(request, "audit", facts)

    def taking(self, work: Work) -> Callable[[Request], Awaitable[Response]]:
        """Make the handler of a form: do the work, then draw the page with the link that came of it, or why not."""

        async def take(request: Request) -> Response:
            form = await form_of(request)
            try:
                link = await work(acting(request), form)
            except NotFound:
                raise
            except Refused as refusal:
                return self.pages.refuse(request, "people", await self._facts(request), refusal)
            if link is None:
                return turn_to(f"{PEOPLE}?done=1")
            return self.pages.show(request, "people", {**await self._facts(request), "link": self._link(request, link)})

        return take

    async def invite(self, by: Principal, form: Form) -> Link | None:
        """Make a link for one person."""
        return await self.accounts.admin.invite(by, _role(form), _group(form))

    async def take_back(self, by: Principal, form: Form) -> None:
        """Let an invitation work no more."""
        await self.accounts.admin.take_back(by, _id(form, "invitation"))

    async def approve(self, by: Principal, form: Form) -> None:
        """Let somebody in who signed up."""
        await self.accounts.admin.approve(by, _person(form))

    async def change(self, by: Principal, form: Form) -> None:
        """Give somebody the role and the group that the form says, where they differ."""
        person = await self._found(by, _person(form))
        if (group := _group(form)) != person.group:
            await self.accounts.admin.set_group(by, person.id, group)
        if (role := _role(form)) is not person.role:
            await self.accounts.admin.set_role(by, person.id, role)

    async def disable(self, by: Principal, form: Form) -> None:
        """Keep somebody out."""
        await self.accounts.admin.disable(by, _person(form))

    async def enable(self, by: Principal, form: Form) -> None:
        """Let somebody in again."""
        await self.accounts.admin.enable(by, _person(form))

    async def reset(self, by: Principal, form: Form) -> Link | None:
        """Make the link for a new password."""
        return await self.accounts.admin.reset_password(by, _person(form))

    async def delete(self, by: Principal, form: Form) -> None:
        """Delete somebody's account."""
        await self.accounts.admin.delete(by, _person(form))

    async def set_sign_up(self, by: Principal, form: Form) -> None:
        """Choose how somebody without an invitation gets an account."""
        try:
            mode = SignUpMode(form.get("mode", ""))
        except ValueError as error:
            raise InvalidInput("mode") from error
        await self.accounts.admin.set_sign_up(by, mode)

    async def _found(self, by: Principal, user: UserId) -> Person:
        for person in await self.accounts.admin.people(by):
            if person.id == user:
                return person
        raise NotFound("no such account")

    async def _facts(self, request: Request) -> dict[str, object]:
        by = acting(request)
        return {
            "people": await self.accounts.admin.people(by),
            "groups": await self.accounts.groups.groups(by),
            "invitations": await self.accounts.admin.invitations(by),
            "mode": (await self.accounts.service.sign_up_mode()).value,
            "done": "done" in request.query_params,
            "link": None,
        }

    def _link(self, request: Request, link: Link) -> Facts:
        kind = "reset" if link.id is None else "invitation"
        url = request.url.replace(path=f"/{kind}", query=f"code={link.token}")
        return {"kind": kind, "url": str(url), "until": link.expires_at}


def people_routes(accounts: Accounts, pages: Pages) -> APIRouter:
    """The pages and their forms."""
    page = PeoplePage(accounts, pages)
    routes = APIRouter(prefix=PEOPLE, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/audit", page.show_audit, methods=["GET"])
    for path, work in (
        ("/invite", page.invite),
        ("/take-back", page.take_back),
        ("/approve", page.approve),
        ("/change", page.change),
        ("/disable", page.disable),
        ("/enable", page.enable),
        ("/reset", page.reset),
        ("/delete", page.delete),
        ("/sign-up", page.set_sign_up),
    ):
        routes.add_api_route(path, page.taking(work), methods=["POST"])
    return routes


def _person(form: Form) -> UserId:
    return UserId(_id(form, "person"))


def _id(form: Form, name: str) -> UUID:
    try:
        return UUID(form.get(name, ""))
    except ValueError as error:
        raise NotFound(f"no such {name}") from error


def _role(form: Form) -> AccountRole:
    try:
        return AccountRole(form.get("role", ""))
    except ValueError as error:
        raise InvalidInput("role") from error


def _group(form: Form) -> GroupId | None:
    return GroupId(_id(form, "group")) if form.get("group") else None
