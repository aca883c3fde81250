"""The settings: what each is, where it comes from, who changed it, and the forms that change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.accounts.accounts import Accounts
from chatui.domain.access import Action, require
from chatui.domain.errors import NotFound, Refused
from chatui.domain.messages import ModelName
from chatui.operations.fleet import Fleet
from chatui.operations.settings.definitions import BY_NAME, OPTION_BY_NAME
from chatui.operations.settings.service import SettingsService
from chatui.web.acting import acting
from chatui.web.admin.setting_fields import Flaws, change_lines, model_fields, sections
from chatui.web.pages import Pages, Say, form_of, language_of, turn_to
from chatui.web.share import BeingShared, LinkState, Shared
from chatui.web.wording import wording_for

SETTINGS: Final = "/admin/settings"
_HISTORY: Final = 50
_LONGEST_NUMBER: Final = 18  # digits that fit a column
_WRONG: Final = 422


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Draws the page and takes its forms. Whoever does not run the app finds nothing here."""

    settings: SettingsService
    fleet: Fleet
    accounts: Accounts
    link: Callable[[], LinkState | None]
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw it as things are now."""
        return await self._draw(request)

    async def save(self, request: Request) -> Response:
        """Take the fields of a section, or none of them."""
        typed = {name: text for name, text in (await form_of(request)).items() if name in BY_NAME}
        flaws = await self.settings.change(acting(request), typed)
        if flaws:
            return await self._draw(request, typed, flaws, status=_WRONG)
        return turn_to(f"{SETTINGS}?done=1")

    async def unset(self, request: Request) -> Response:
        """Have a setting be what the app started with."""
        await self.settings.unset(acting(request), (await form_of(request)).get("unset", ""))
        return turn_to(f"{SETTINGS}?done=1")

    async def save_model(self, request: Request) -> Response:
        """Take the runner options of a model."""
        require(acting(request).user, Action.CHANGE_SETTINGS)
        form = await form_of(request)
        model = self._model(form)
        typed = {name: text for name, text in form.items() if name in OPTION_BY_NAME}
        flaws = await self.settings.change_options(acting(request), model, typed)
        if flaws:
            return await self._draw(request, typed, flaws, model=model, status=_WRONG)
        return turn_to(f"{SETTINGS}?done=1")

    async def undo(self, request: Request) -> Response:
        """Put back what a change replaced."""
        typed = (await form_of(request)).get("change", "")
        if not typed.isdecimal() or len(typed) > _LONGEST_NUMBER:
            raise NotFound("no such change")
        try:
            await self.settings.undo(acting(request), int(typed))
        except NotFound:
            raise
        except Refused as refusal:
            return self.pages.refuse(request, "settings", await self._facts(request, {}, {}, None), refusal)
        return turn_to(f"{SETTINGS}?done=1")

    def _model(self, form: Mapping[str, str]) -> ModelName:
        model = ModelName(form.get("model", ""))
        if model not in {info.name for info in self.fleet.all_models()}:
            raise NotFound("no such model")
        return model

    async def _draw(
        self,
        request: Request,
        typed: Mapping[str, str] | None = None,
        flaws: Flaws | None = None,
        *,
        model: ModelName | None = None,
        status: int = 200,
    ) -> Response:
        return self.pages.show(request, "settings", await self._facts(request, typed or {}, flaws or {}, model), status)

    async def _facts(
        self, request: Request, typed: Mapping[str, str], flaws: Flaws, model: ModelName | None
    ) -> dict[str, Any]:
        by, say, in_force = acting(request), Say(language_of(request)), self.settings.in_force
        changes = await self.settings.history(by, _HISTORY)
        names: dict[UUID, str] = {person.id: person.name for person in await self.accounts.admin.people(by)}
        nothing: Mapping[str, str] = {}
        return {
            "sections": sections(in_force, say, nothing if model else typed, {} if model else flaws),
            "models": {
                info.name: model_fields(
                    in_force,
                    say,
                    info.name,
                    typed if info.name == model else nothing,
                    flaws if info.name == model else {},
                )
                for info in self.fleet.all_models()
            },
            "wrong_model": model,
            "link_said": self._link_said(language_of(request)) if in_force.now.share else "",
            "link_moves": self._link_moves(),
            "changes": list(change_lines(changes, names, say)),
            "done": "done" in request.query_params,
        }

    def _link_moves(self) -> bool:
        """Whether the link is about to be something else."""
        now, link = self.settings.in_force.now, self.link()
        if link is None:  # nobody has looked yet
            return now.share
        return isinstance(link, BeingShared) or (isinstance(link, Shared) and (not now.share or now.sign_up == "open"))

    def _link_said(self, language: str) -> str:
        """Where the app is reached from the internet, or why it is not."""
        words, link = wording_for(language), self.link()
        match link:
            case Shared(url, until):
                return words.shared(url, until)
            case BeingShared() | None:
                return Say(language)("settings_share_comes")
            case _:
                return words.not_shared(*astuple(link))


def settings_routes(
    settings: SettingsService, fleet: Fleet, accounts: Accounts, link: Callable[[], LinkState | None], pages: Pages
) -> APIRouter:
    """The page and its forms."""
    page = SettingsPage(settings, fleet, accounts, link, pages)
    routes = APIRouter(prefix=SETTINGS, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("", page.save, methods=["POST"])
    routes.add_api_route("/unset", page.unset, methods=["POST"])
    routes.add_api_route("/model", page.save_model, methods=["POST"])
    routes.add_api_route("/undo", page.undo, methods=["POST"])
    return routes
