"""The failure inbox: what failed, why, what to do about it; asked again, seen to, or written out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.domain.errors import NotFound, Refused
from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName
from chatui.domain.people import User
from chatui.operations.failure_advice import Advice
from chatui.operations.failure_inbox import FailureGroup, FailureInbox
from chatui.web.acting import acting
from chatui.web.pages import Pages, Say, as_bytes, form_of, turn_to
from chatui.web.wording import Wording

FAILURES: Final = "/admin/failures"
Replay = Callable[[User, JobId, ModelName | None], Awaitable[object]]
Models = Callable[[], list[str]]


@dataclass(frozen=True, slots=True)
class FailuresPage:
    """Draws the page and takes its forms. Whoever does not run the app finds nothing here."""

    inbox: FailureInbox
    replay_job: Replay
    models: Models
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the causes, and below each what failed for it."""
        return self.pages.show(request, "failures", await self._facts(request))

    async def replay(self, request: Request) -> Response:
        """Have a job answered once more, by another model where one is named: that sees to what failed."""
        form, by = await form_of(request), acting(request).user
        job = _job(form)
        try:
            await self.inbox.groups(by)
            await self.replay_job(by, job, ModelName(form["model"]) if form.get("model") else None)
        except NotFound:
            raise
        except Refused as refusal:
            return self.pages.refuse(request, "failures", await self._facts(request), refusal)
        await self.inbox.resolve(by, job=job)
        return turn_to(f"{FAILURES}?done=replayed")

    async def resolve(self, request: Request) -> Response:
        """Take a cause or a job out of the inbox."""
        form, by = await form_of(request), acting(request).user
        if form.get("job"):
            await self.inbox.resolve(by, job=_job(form))
        else:
            await self.inbox.resolve(by, code=form.get("code"))
        return turn_to(f"{FAILURES}?done=resolved")

    async def export(self, request: Request) -> Response:
        """Give the failures as a file for a spreadsheet."""
        text = await self.inbox.export(acting(request).user)
        headers = {"content-disposition": 'attachment; filename="samovar-failures.csv"'}
        # Excel takes a file for UTF-8 only when it begins with the mark.
        return Response(text.encode("utf-8-sig"), media_type="text/csv", headers=headers)

    async def _facts(self, request: Request) -> dict[str, Any]:
        done = request.query_params.get("done")
        return {
            "groups": await self.inbox.groups(acting(request).user),
            "models": self.models(),
            "done": done if done in {"replayed", "resolved"} else None,
            "advise": advise,
        }


def advise(say: Say, advice: Advice) -> str:
    """Say an advice in words."""
    sizes = {name: as_bytes(size) for name, size in advice.bytes.items()}
    return say(f"failures_advice_{advice.kind}", **sizes, **advice.names)


def show_groups(groups: list[FailureGroup], say: Say, words: Wording) -> dict[str, Any]:
    """The groups as the live line tells them."""
    return {
        "t": "admin.failures",
        "groups": [
            {
                "code": group.code,
                "cause": words.cause(group.code),
                "advice": advise(say, group.advice),
                "count": group.attempts,
                "last": round(group.last_at.timestamp() * 1000),
                "where": say("shell_and").join(sorted({job.model for job in group.jobs})),
            }
            for group in groups
        ],
    }


def failures_routes(inbox: FailureInbox, replay: Replay, models: Models, pages: Pages) -> APIRouter:
    """The page and its forms."""
    page = FailuresPage(inbox, replay, models, pages)
    routes = APIRouter(prefix=FAILURES, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/replay", page.replay, methods=["POST"])
    routes.add_api_route("/resolve", page.resolve, methods=["POST"])
    routes.add_api_route("/export", page.export, methods=["GET"])
    return routes


def _job(form: Mapping[str, str]) -> JobId:
    try:
        return JobId(UUID(form.get("job", "")))
    except ValueError as error:
        raise NotFound("no such job") from error
