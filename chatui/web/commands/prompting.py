"""The library of prompts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatui.conversations.prompt import Prompt, PromptDraft, draft_from
from chatui.conversations.prompts import TAKEN_BACK_WITHIN, PromptLibrary
from chatui.web.commands.command import Command
from chatui.web.frames import Frame, required_uuid, text_in, uuid_in
from chatui.web.hub import Hub
from chatui.web.tab import Tab


class Prompting:
    """Prompts. Every tab of the person hears what changed; of what the team sees, everybody's."""

    def __init__(self, hub: Hub, library: PromptLibrary) -> None:
        self._hub = hub
        self._library = library

    def commands(self) -> Mapping[str, Command]:
        """`prompts` lists what there is, the others change it."""
        return {
            "prompts": self._list,
            "prompt_save": self._save,
            "prompt_delete": self._delete,
            "prompt_undelete": self._undelete,
        }

    async def _list(self, tab: Tab, _: Frame) -> None:
        tab.post(await self._frame(tab))

    async def _save(self, tab: Tab, frame: Frame) -> None:
        """A new one, or another wording of the one that is named."""
        draft, prompt = _draft_in(frame), uuid_in(frame, "prompt")
        if prompt is None:
            await self._library.add(tab.by, draft)
            concerns_all = draft.shared
        else:
            concerns_all = await self._library.change(tab.by, prompt, draft)
        tab.post({"t": "prompt_saved", "key": text_in(frame, "key")})
        await self._tell(tab, concerns_all=concerns_all)

    async def _delete(self, tab: Tab, frame: Frame) -> None:
        removed = await self._library.remove(tab.by, required_uuid(frame, "prompt"))
        seconds = TAKEN_BACK_WITHIN.total_seconds()
        tab.post({"t": "prompt_deleted", "prompt": str(removed.id), "name": removed.name, "seconds": seconds})
        await self._tell(tab, concerns_all=removed.shared)

    async def _undelete(self, tab: Tab, frame: Frame) -> None:
        shared = await self._library.take_back(tab.by, required_uuid(frame, "prompt"))
        await self._tell(tab, concerns_all=shared)

    async def _tell(self, tab: Tab, *, concerns_all: bool) -> None:
        """Everybody asks anew for what the team sees: each sees something else of it."""
        if concerns_all:
            self._hub.post_all(lambda _: {"t": "prompts_changed"})
        else:
            self._hub.post_to(tab.user.id, await self._frame(tab))

    async def _frame(self, tab: Tab) -> Frame:
        return {"t": "prompts", "items": [_item(prompt) for prompt in await self._library.of(tab.user)]}


def _draft_in(frame: Frame) -> PromptDraft:
    name, text = text_in(frame, "name") or "", text_in(frame, "text") or ""
    return draft_from(name, text, shared=frame.get("shared") is True)


def _item(prompt: Prompt) -> dict[str, Any]:
    return {
        "id": str(prompt.id),
        "name": prompt.name,
        "text": prompt.text,
        "shared": prompt.shared,
        "author": prompt.author,
        "own": prompt.is_own,
        "change": prompt.can_change,
    }
