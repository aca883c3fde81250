"""Files beside questions: POST /attachments puts one there, GET and DELETE /attachments/{id} open and remove it.

A file comes as the bare body. Its name is told in a header, percent-encoded, and not in the address, which proxies log.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chatui.conversations.files.kinds import FileKind
from chatui.conversations.rooms import Room, Rooms
from chatui.domain.errors import NotFound
from chatui.domain.messages import ConversationId
from chatui.web.acting import acting
from chatui.web.commands.filing import files_frame, show_file
from chatui.web.hub import Hub
from chatui.web.paths import FILES

NAME, CONVERSATION, TEMPORARY = "x-file-name", "x-conversation", "x-temporary"
_LONGEST_NAME: Final = 4_096
_CREATED, _DONE = 201, 204


def file_routes(rooms: Rooms, hub: Hub) -> APIRouter:
    """The three routes. Tabs that show the conversation are told of what lies there."""
    routes = APIRouter(prefix=FILES, include_in_schema=False)

    @routes.post("")
    async def put(request: Request) -> Response:
        by, conversation = acting(request).user, _conversation(request)
        room = _room(rooms, conversation, request)
        name = unquote(request.headers.get(NAME, "")[:_LONGEST_NAME])
        announced = request.headers.get("content-length", "")
        await room.files.room_for(by, conversation, name, int(announced) if announced.isdecimal() else 0)
        head = await room.files.put(by, conversation, name, await request.body())
        if conversation is not None or room is rooms.kept:
            await _tell(hub, room, request, conversation)
        return JSONResponse(show_file(head), _CREATED)

    @routes.get("/{attachment}")
    async def get(attachment: str, request: Request) -> Response:
        wanted = _id(attachment)
        found = await rooms.of_file(wanted).files.open(acting(request).user, wanted)
        shown = "inline" if found.kind == FileKind.IMAGE else "attachment"
        headers = {"content-disposition": f"{shown}; filename*=UTF-8''{quote(found.name, safe='')}"}
        return Response(found.data, media_type=found.media_type, headers=headers)

    @routes.delete("/{attachment}")
    async def delete(attachment: str, request: Request) -> Response:
        wanted = _id(attachment)
        room = rooms.of_file(wanted)
        conversation = await room.files.take_away(acting(request).user, wanted)
        if conversation is not None or room is rooms.kept:
            await _tell(hub, room, request, conversation)
        return Response(status_code=_DONE)

    return routes


async def _tell(hub: Hub, room: Room, request: Request, conversation: ConversationId | None) -> None:
    by = acting(request).user
    frame = files_frame(conversation, await room.files.unsent(by, conversation), room.files.limits)
    for tab in hub.tabs_of(by.id, conversation):
        tab.post(frame)


def _room(rooms: Rooms, conversation: ConversationId | None, request: Request) -> Room:
    if conversation is not None:
        return rooms.of(conversation)
    return rooms.temporary if TEMPORARY in request.headers else rooms.kept


def _conversation(request: Request) -> ConversationId | None:
    named = request.headers.get(CONVERSATION)
    return ConversationId(_id(named)) if named else None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
