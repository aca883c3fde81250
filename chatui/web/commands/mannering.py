"""How conversations are to be answered: system prompt and parameters, and what is saved of them."""

from __future__ import annotations

from collections.abc import Mapping

from chatui.conversations.manner import Manner, manner_from, manner_json
from chatui.conversations.manners import Presets
from chatui.conversations.rooms import Rooms
from chatui.domain.messages import ConversationId
from chatui.web.commands.command import Command
from chatui.web.frames import Frame, conversation_in, required_uuid, text_in
from chatui.web.hub import Hub
from chatui.web.tab import Tab


class Mannering:
    """Manners. Every tab of the person hears what changed."""

    def __init__(self, hub: Hub, rooms: Rooms, presets: Presets) -> None:
        self._hub = hub
        self._rooms = rooms
        self._presets = presets

    def commands(self) -> Mapping[str, Command]:
        """`manner` chooses one for a conversation; `presets` lists what is saved, the others change that."""
        return {
            "manner": self._choose,
            "presets": self._list,
            "preset_save": self._save,
            "preset_delete": self._delete,
        }

    async def _choose(self, tab: Tab, frame: Frame) -> None:
        conversation, manner = conversation_in(frame), manner_in(frame)
        await self._rooms.of(conversation).manners.choose(tab.user, conversation, manner)
        for shown in self._hub.tabs_of(tab.user.id, conversation):
            shown.post(manner_frame(conversation, manner))

    async def _list(self, tab: Tab, _: Frame) -> None:
        tab.post(await self._presets_frame(tab))

    async def _save(self, tab: Tab, frame: Frame) -> None:
        await self._presets.save(tab.user, text_in(frame, "name") or "", manner_in(frame))
        self._hub.post_to(tab.user.id, await self._presets_frame(tab))

    async def _delete(self, tab: Tab, frame: Frame) -> None:
        await self._presets.delete(tab.user, required_uuid(frame, "preset"))
        self._hub.post_to(tab.user.id, await self._presets_frame(tab))

    async def _presets_frame(self, tab: Tab) -> Frame:
        saved = await self._presets.of(tab.user)
        items = [{"id": str(one.id), "name": one.name, "manner": manner_json(one.manner)} for one in saved]
        return {"t": "presets", "items": items}


def manner_in(frame: Frame) -> Manner:
    """The manner that a frame tells; raises `InvalidInput`."""
    told = frame.get("manner")
    if isinstance(told, dict):
        told = {**told, "system": text_in(told, "system"), "stop": _stops_in(told)}
    return manner_from(told)


def manner_frame(conversation: ConversationId | None, manner: Manner) -> Frame:
    """How a conversation is answered."""
    named = str(conversation) if conversation else None
    return {"t": "manner", "conversation": named, "manner": manner_json(manner)}


def _stops_in(told: Frame) -> object:
    stops = told.get("stop")
    return [text_in({"stop": stop}, "stop") for stop in stops] if isinstance(stops, list) else stops
