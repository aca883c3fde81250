"""Models: what every server has, what is loaded, who may use it, what fits; downloads and their progress."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.accounts.groups import GroupAdmin, GroupCard
from chatui.backends.base import BackendKind, ModelInfo
from chatui.backends.registry import BackendStatus
from chatui.domain.access import Action, require
from chatui.domain.errors import BackendError, InvalidInput, NotFound, Refused
from chatui.domain.messages import ModelName
from chatui.domain.people import Principal
from chatui.operations.ceiling import Ceilings
from chatui.operations.model_desk import ModelDesk
from chatui.operations.pulls import Pull, PullState
from chatui.operations.warm_up.keeper import WarmUps
from chatui.web.acting import acting
from chatui.web.pages import Facts, Pages, Say, fault_said, form_of, language_of, turn_to

MODELS: Final = "/admin/models"
_FLAWED, _UPSTREAM_FAILED = 422, 502
Work = Callable[[Principal, str, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """Draws the page and takes its forms. Whoever does not run the app finds nothing here."""

    desk: ModelDesk
    groups: GroupAdmin
    ceilings: Callable[[], Ceilings]
    warm_ups: WarmUps
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the servers with their models, and the downloads."""
        require(acting(request).user, Action.MANAGE_MODELS)
        return self.pages.show(request, "models", await self._facts(request))

    async def details(self, request: Request) -> Response:
        """Draw one model in full."""
        by, asked = acting(request), request.query_params
        try:
            card = await self.desk.details(by, asked.get("server", ""), asked.get("model", ""))
        except BackendError as error:
            return self._failed(request, await self._facts(request), error)
        return self.pages.show(request, "model", {"path": MODELS, "card": card, "server": asked.get("server", "")})

    def taking(self, work: Work) -> Callable[[Request], Awaitable[Response]]:
        """Make the handler of a form: do the work, or draw the page with what is wrong."""

        async def take(request: Request) -> Response:
            form = await form_of(request)
            require(acting(request).user, Action.MANAGE_MODELS)
            try:
                await work(acting(request), form.get("server", ""), form.get("model", "").strip())
            except InvalidInput:
                flaw = Say(language_of(request))("models_flaw_name")
                facts = {**await self._facts(request), "typed": form.get("model", ""), "flaw": flaw}
                return self.pages.show(request, "models", facts, _FLAWED)
            except NotFound:
                raise
            except Refused as refusal:
                return self.pages.refuse(request, "models", await self._facts(request), refusal)
            except BackendError as error:
                return self._failed(request, await self._facts(request), error)
            return turn_to(MODELS)

        return take

    def _failed(self, request: Request, facts: Facts, error: BackendError) -> Response:
        say = Say(language_of(request))
        problem = say("models_refused", fault=fault_said(say, error.code))
        return self.pages.show(request, "models", {**facts, "problem": problem, "raw": str(error)}, _UPSTREAM_FAILED)

    async def _facts(self, request: Request) -> dict[str, object]:
        by = acting(request)
        groups = await self.groups.groups(by)
        servers = self.desk.servers(by)
        return {
            "path": MODELS,
            "servers": [self._server(status, groups) for status in servers],
            "stores": [status.name for status in servers if status.kind is BackendKind.OLLAMA],
            "pulls": [_pull_facts(pull) for pull in self.desk.pulls(by)],
            "typed": "",
            "flaw": "",
        }

    def _server(self, status: BackendStatus, groups: Sequence[GroupCard]) -> Facts:
        models = [self._model(status, info, groups) for info in sorted(status.models, key=lambda info: info.name)]
        ours = status.ok and status.kind is BackendKind.OLLAMA
        return {
            "name": status.name,
            "ok": status.ok,
            "error": status.error,
            "fault": status.fault,
            "ours": ours,
            "models": models,
        }

    def _model(self, status: BackendStatus, info: ModelInfo, groups: Sequence[GroupCard]) -> Facts:
        in_memory = next((loaded for loaded in status.loaded if loaded.name == info.name), None)
        return {
            "info": info,
            "loaded": in_memory,
            "under_way": self.warm_ups.is_under_way(info.name, status.name),
            "fit": self.ceilings().fit(status, info.size_bytes),
            "groups": _allowed(groups, info.name),
        }


def models_routes(
    desk: ModelDesk, groups: GroupAdmin, ceilings: Callable[[], Ceilings], warm_ups: WarmUps, pages: Pages
) -> APIRouter:
    """The page and its forms."""
    page = ModelsPage(desk, groups, ceilings, warm_ups, pages)
    routes = APIRouter(prefix=MODELS, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/details", page.details, methods=["GET"])
    works: Mapping[str, Work] = {
        "/pull": desk.pull,
        "/stop": desk.stop_pull,
        "/delete": desk.delete,
        "/load": desk.load,
        "/unload": desk.unload,
    }
    for path, work in works.items():
        routes.add_api_route(path, page.taking(work), methods=["POST"])
    return routes


def _allowed(groups: Sequence[GroupCard], model: ModelName) -> Sequence[str] | None:
    """The groups that may use a model, of those there are; None for everybody."""
    allowed = [group.name for group in groups if group.limits.models is None or model in group.limits.models]
    return None if len(allowed) == len(groups) else allowed


def _pull_facts(pull: Pull) -> Facts:
    done, total = pull.completed_bytes, pull.total_bytes
    return {
        "model": pull.model,
        "server": pull.backend,
        "state": pull.state.value,
        "running": pull.state is PullState.RUNNING,
        "again": pull.state in {PullState.STOPPED, PullState.FAILED},
        "done": done,
        "total": total,
        "error": pull.error,
        "fault": pull.fault,
    }
