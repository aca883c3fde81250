"""The page of one's own account: password, sessions, data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chatui.accounts.own_account import OwnAccount
from chatui.domain.errors import NotFound, Refused
from chatui.domain.people import SessionId
from chatui.web.acting import acting, visit_of
from chatui.web.cookies import drop_session, set_session
from chatui.web.pages import Pages, form_of, turn_to
from chatui.web.paths import SIGN_IN

ACCOUNT = "/account"


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Draws the page and takes its forms."""

    own: OwnAccount
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the page; `done` in the address says what was just done."""
        return self.pages.show(request, "account", await self._facts(request))

    async def change_password(self, request: Request) -> Response:
        """Set another password: this browser goes on with a new session."""
        form = await form_of(request)
        old, new = form.get("old", ""), form.get("password", "")

        async def change() -> Response:
            signed_in = await self.own.change_password(acting(request), old, new, visit_of(request.scope))
            response = turn_to(f"{ACCOUNT}?done=password_changed")
            set_session(response, request.scope, signed_in.token, signed_in.expires_at)
            return response

        return await self._or_why_not(request, change)

    async def revoke(self, request: Request) -> Response:
        """End one of the sessions."""
        form = await form_of(request)

        async def revoke() -> Response:
            await self.own.revoke_session(acting(request), _session(form.get("session", "")))
            return turn_to(f"{ACCOUNT}?done=session_revoked")

        return await self._or_why_not(request, revoke)

    async def revoke_others(self, request: Request) -> Response:
        """End every session but this one."""

        async def revoke() -> Response:
            await self.own.revoke_other_sessions(acting(request))
            return turn_to(f"{ACCOUNT}?done=others_revoked")

        return await self._or_why_not(request, revoke)

    async def export(self, request: Request) -> Response:
        """Give everything that is kept of the person, as a download."""
        pieces = self.own.export(acting(request))
        headers = {"content-disposition": 'attachment; filename="samovar-account.json"'}
        return StreamingResponse(pieces, media_type="application/json", headers=headers)

    async def delete(self, request: Request) -> Response:
        """Delete the account; the browser is a stranger's afterwards."""
        form = await form_of(request)

        async def delete() -> Response:
            await self.own.delete(acting(request), form.get("old", ""))
            response = turn_to(f"{SIGN_IN}?why=left")
            drop_session(response, request.scope)
            return response

        return await self._or_why_not(request, delete)

    async def _or_why_not(self, request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
        try:
            return await work()
        except Refused as refusal:
            return self.pages.refuse(request, "account", await self._facts(request), refusal)

    async def _facts(self, request: Request) -> dict[str, object]:
        done = request.query_params.get("done", "")
        return {
            "sessions": await self.own.sessions(acting(request)),
            "done": done if done in {"password_changed", "session_revoked", "others_revoked"} else "",
        }


def account_routes(own: OwnAccount, pages: Pages) -> APIRouter:
    """The page and its forms."""
    page = AccountPage(own, pages)
    routes = APIRouter(prefix=ACCOUNT, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/export", page.export, methods=["GET"])
    routes.add_api_route("/password", page.change_password, methods=["POST"])
    routes.add_api_route("/sessions/revoke", page.revoke, methods=["POST"])
    routes.add_api_route("/sessions/revoke-others", page.revoke_others, methods=["POST"])
    routes.add_api_route("/delete", page.delete, methods=["POST"])
    return routes


def _session(text: str) -> SessionId:
    try:
        return SessionId(UUID(text))
    except ValueError as error:
        raise NotFound("no such session") from error
