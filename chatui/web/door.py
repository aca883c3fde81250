"""The pages for getting in: signing in and out, signing up, invitations, new passwords, the first admin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chatui.accounts.people import SignedIn
from chatui.accounts.rules import SignUpMode
from chatui.accounts.service import AccountService
from chatui.domain.errors import Refused
from chatui.web.acting import acting, address_of, visit_of, visitor
from chatui.web.cookies import drop_session, set_session, token_in
from chatui.web.pages import Pages, form_of, own_path, turn_to
from chatui.web.paths import SIGN_IN

Enter = Callable[[dict[str, str]], Awaitable[SignedIn]]


@dataclass(frozen=True, slots=True)
class Door:
    """Handles the forms. Each names the template that is drawn again when it is refused."""

    accounts: AccountService
    pages: Pages

    async def show_sign_in(self, request: Request) -> Response:
        """Draw the sign-in page; who is signed in already goes on."""
        wanted = own_path(request.query_params.get("next", "/"))
        if visitor(request) is not None:
            return turn_to(wanted)
        why = request.query_params.get("why", "")
        return self.pages.show(request, "sign_in", await self._sign_in_facts(wanted, why))

    async def sign_in(self, request: Request) -> Response:
        """Open a session for a name and its password."""
        form = await form_of(request)
        wanted = own_path(form.get("next", "/"))
        try:
            signed_in = await self.accounts.sign_in(
                form.get("name", ""), form.get("password", ""), visit_of(request.scope)
            )
        except Refused as refusal:
            facts = {**await self._sign_in_facts(wanted), "name": form.get("name", "")}
            return self.pages.refuse(request, "sign_in", facts, refusal)
        return _entered(request, signed_in, wanted)

    async def sign_out(self, request: Request) -> Response:
        """End this session."""
        token = token_in(request.scope)
        if token:
            await self.accounts.sign_out(token, address_of(request.scope))
        response = turn_to(f"{SIGN_IN}?why=left")
        drop_session(response, request.scope)
        # What was typed and not sent is kept in the browser: not for whoever sits there next.
        response.headers["clear-site-data"] = '"cache", "storage"'
        return response

    async def show_sign_up(self, request: Request) -> Response:
        """Draw the form for a new account, or say that there is none."""
        return self.pages.show(request, "sign_up", await self._sign_up_facts())

    async def sign_up(self, request: Request) -> Response:
        """Make an account, and sign in to it unless an admin has to let it in first."""
        form = await form_of(request)
        try:
            signed_in = await self.accounts.sign_up(
                form.get("name", ""), form.get("password", ""), visit_of(request.scope)
            )
        except Refused as refusal:
            facts = {**await self._sign_up_facts(), "name": form.get("name", "")}
            return self.pages.refuse(request, "sign_up", facts, refusal)
        if signed_in is None:
            return self.pages.show(request, "sign_up", {**await self._sign_up_facts(), "waits": True})
        return _entered(request, signed_in)

    async def show_invitation(self, request: Request) -> Response:
        """Draw the form that an invitation leads to."""
        return self._show_link(request, "invitation")

    async def accept_invitation(self, request: Request) -> Response:
        """Make the account that an invitation is for."""
        visit = visit_of(request.scope)
        return await self._use_link(
            request,
            "invitation",
            lambda form: self.accounts.accept_invitation(form["code"], form["name"], form["password"], visit),
        )

    async def show_reset(self, request: Request) -> Response:
        """Draw the form for a new password."""
        return self._show_link(request, "reset")

    async def use_reset(self, request: Request) -> Response:
        """Set the new password that an admin gave the link for."""
        visit = visit_of(request.scope)
        return await self._use_link(
            request, "reset", lambda form: self.accounts.use_reset(form["code"], form["password"], visit)
        )

    async def show_first_admin(self, request: Request) -> Response:
        """Draw the form that the console's link leads to."""
        return self._show_link(request, "first_admin")

    async def claim_first_admin(self, request: Request) -> Response:
        """Make the first admin."""
        visit = visit_of(request.scope)
        return await self._use_link(
            request,
            "first_admin",
            lambda form: self.accounts.claim_first_admin(form["code"], form["name"], form["password"], visit),
        )

    async def session(self, request: Request) -> Response:
        """Tell whose session this is: the page asks when its line was refused."""
        by = acting(request)
        return JSONResponse({"name": by.user.name, "role": by.user.role.value})

    def _show_link(self, request: Request, kind: str) -> Response:
        return self.pages.show(
            request, "link", {"kind": kind, "code": request.query_params.get("code", ""), "name": ""}
        )

    async def _use_link(self, request: Request, kind: str, enter: Enter) -> Response:
        given = await form_of(request)
        form = {field: given.get(field, "") for field in ("code", "name", "password")}
        try:
            return _entered(request, await enter(form))
        except Refused as refusal:
            # Not what else somebody sent: the page is drawn from facts of ours.
            facts = {"kind": kind, "code": form["code"], "name": form["name"]}
            return self.pages.refuse(request, "link", facts, refusal)

    async def _sign_in_facts(self, wanted: str, why: str = "") -> dict[str, object]:
        return {
            "next": wanted,
            "name": "",
            "why": why if why in {"left", "ended"} else "",
            "may_sign_up": await self.accounts.sign_up_mode() is not SignUpMode.CLOSED,
            "has_admin": await self.accounts.has_admin(),
        }

    async def _sign_up_facts(self) -> dict[str, object]:
        return {"mode": (await self.accounts.sign_up_mode()).value, "name": "", "waits": False}


def door_routes(accounts: AccountService, pages: Pages) -> APIRouter:
    """Every page for getting in, and the way out."""
    door = Door(accounts, pages)
    routes = APIRouter(include_in_schema=False)
    for path, show, take in (
        (SIGN_IN, door.show_sign_in, door.sign_in),
        ("/sign-up", door.show_sign_up, door.sign_up),
        ("/invitation", door.show_invitation, door.accept_invitation),
        ("/reset", door.show_reset, door.use_reset),
        ("/first-admin", door.show_first_admin, door.claim_first_admin),
    ):
        routes.add_api_route(path, show, methods=["GET"])
        routes.add_api_route(path, take, methods=["POST"])
    routes.add_api_route("/sign-out", door.sign_out, methods=["POST"])
    routes.add_api_route("/session", door.session, methods=["GET"])
    return routes


def _entered(request: Request, signed_in: SignedIn, wanted: str = "/") -> Response:
    response = turn_to(wanted)
    set_session(response, request.scope, signed_in.token, signed_in.expires_at)
    return response
