"""The page of one's own account: password, sessions, keys, data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chatui.accounts.keys import Keys
from chatui.accounts.own_account import OwnAccount
from chatui.domain.errors import NotFound, Refused
from chatui.domain.people import AccountRole, KeyId, KeyScope, SessionId
from chatui.web.acting import acting, visit_of
from chatui.web.cookies import drop_session, set_session
from chatui.web.key_form import wish_from
from chatui.web.pages import Pages, form_of, turn_to
from chatui.web.paths import SIGN_IN

ACCOUNT = "/account"
_DONE = {"password_changed", "session_revoked", "others_revoked", "key_revoked"}


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Draws the page and takes its forms."""

    own: OwnAccount
    keys: Keys
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
            await self.own.revoke_session(acting(request), SessionId(_id(form.get("session", ""))))
            return turn_to(f"{ACCOUNT}?done=session_revoked")

        return await self._or_why_not(request, revoke)

    async def revoke_others(self, request: Request) -> Response:
        """End every session but this one."""

        async def revoke() -> Response:
            await self.own.revoke_other_sessions(acting(request))
            return turn_to(f"{ACCOUNT}?done=others_revoked")

        return await self._or_why_not(request, revoke)

    async def make_key(self, request: Request) -> Response:
        """Make a key, and show it this once."""
        form = await form_of(request)

        async def make() -> Response:
            made = await self.keys.create(acting(request), wish_from(form))
            return self.pages.show(request, "account", {**await self._facts(request), "made": made})

        return await self._or_why_not(request, make)

    async def revoke_key(self, request: Request) -> Response:
        """Let one of the keys work no more."""
        form = await form_of(request)

        async def revoke() -> Response:
            await self.keys.revoke(acting(request), KeyId(_id(form.get("key", ""))))
            return turn_to(f"{ACCOUNT}?done=key_revoked")

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
        by, done = acting(request), request.query_params.get("done", "")
        runs_it = by.user.role is AccountRole.ADMIN
        return {
            "sessions": await self.own.sessions(by),
            "keys": await self.keys.list(by),
            "made": None,
            "scopes": [scope.value for scope in KeyScope if runs_it or scope is not KeyScope.MODELS],
            "base_url": str(request.url.replace(path="", query="")),
            "done": done if done in _DONE else "",
        }


def account_routes(own: OwnAccount, keys: Keys, pages: Pages) -> APIRouter:
    """The page and its forms."""
    page = AccountPage(own, keys, pages)
    routes = APIRouter(prefix=ACCOUNT, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/export", page.export, methods=["GET"])
    routes.add_api_route("/password", page.change_password, methods=["POST"])
    routes.add_api_route("/sessions/revoke", page.revoke, methods=["POST"])
    routes.add_api_route("/sessions/revoke-others", page.revoke_others, methods=["POST"])
    routes.add_api_route("/keys/make", page.make_key, methods=["POST"])
    routes.add_api_route("/keys/revoke", page.revoke_key, methods=["POST"])
    routes.add_api_route("/delete", page.delete, methods=["POST"])
    return routes


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("nobody has it") from error
