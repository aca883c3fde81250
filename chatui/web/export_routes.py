"""Conversations as files: GET /conversations/{id}/export?as=markdown, json or html."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.accounts.preferences import Preferences
from chatui.conversations.rooms import Rooms
from chatui.domain.errors import NotFound
from chatui.domain.messages import ConversationId
from chatui.web.acting import acting
from chatui.web.exports import Kind, document
from chatui.web.markdown import Markdown
from chatui.web.pages import language_of
from chatui.web.wording import wording_for

_KIND: Final = "as"


def export_routes(rooms: Rooms, preferences: Preferences, markdown: Markdown) -> APIRouter:
    """The one route."""
    routes = APIRouter(prefix="/conversations", include_in_schema=False)

    @routes.get("/{conversation}/export")
    async def export(conversation: str, request: Request) -> Response:
        by = acting(request).user
        wanted, kind = _wanted(conversation, request.query_params.get(_KIND, Kind.MARKDOWN))
        whole = await rooms.of(wanted).reading.whole(by, wanted)
        language = (await preferences.of(by)).get("language") or language_of(request)
        made = document(whole, kind, markdown, wording_for(language))
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(made.name)}"}
        return Response(made.text.encode("utf-8", "replace"), media_type=made.media_type, headers=headers)

    return routes


def _wanted(conversation: str, kind: str) -> tuple[ConversationId, Kind]:
    try:
        return ConversationId(UUID(conversation)), Kind(kind)
    except ValueError as error:
        raise NotFound from error
