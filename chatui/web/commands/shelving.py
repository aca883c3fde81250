"""The list of conversations: what it shows, and what people do with its entries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from chatui.conversations.sharing import Sharing
from chatui.conversations.shelf import Shelf, View
from chatui.domain.messages import ConversationId, FolderId
from chatui.domain.people import User
from chatui.web.commands.command import Command
from chatui.web.commands.showing import Showing
from chatui.web.frames import BadFrame, Frame, conversation_in, required_uuid, text_in, uuid_in
from chatui.web.hub import Hub
from chatui.web.tab import LIST_STEP, Tab

Act = Callable[[User, ConversationId], Awaitable[None]]


class Shelving:
    """Titles, pins, folders, the archive, deleting and taking back."""

    def __init__(self, hub: Hub, shelf: Shelf, sharing: Sharing, showing: Showing) -> None:
        self._hub = hub
        self._shelf = shelf
        self._sharing = sharing
        self._showing = showing

    def commands(self) -> Mapping[str, Command]:
        """`view` and `more` are what the list shows; the rest changes entries of it."""
        shelf = self._shelf
        acts: dict[str, Act] = {
            "pin": shelf.pin,
            "unpin": shelf.unpin,
            "archive": shelf.archive,
            "unarchive": shelf.unarchive,
            "undelete": shelf.undelete,
        }
        return {
            **{word: partial(self._act, act) for word, act in acts.items()},
            "rename": self._rename,
            "move": self._move,
            "delete": self._delete,
            "folder_rename": self._rename_folder,
            "folder_delete": self._delete_folder,
            "view": self._view,
            "more": self._more,
        }

    async def _act(self, act: Act, tab: Tab, frame: Frame) -> None:
        await act(tab.user, conversation_in(frame))
        await self._tell(tab, conversation_in(frame))

    async def _rename(self, tab: Tab, frame: Frame) -> None:
        await self._shelf.rename(tab.user, conversation_in(frame), text_in(frame, "title") or "")
        await self._tell(tab, conversation_in(frame))

    async def _move(self, tab: Tab, frame: Frame) -> None:
        """Into a folder by its id, into a new one by its name, or out of any."""
        folder, name = uuid_in(frame, "folder"), text_in(frame, "name")
        if name is not None:
            folder = (await self._shelf.add_folder(tab.user, name)).id
        await self._shelf.move(tab.user, conversation_in(frame), FolderId(folder) if folder else None)
        self._hub.list_changed(tab.user.id)

    async def _delete(self, tab: Tab, frame: Frame) -> None:
        conversation = conversation_in(frame)
        title = await self._shelf.delete(tab.user, conversation)
        seconds = self._shelf.taken_back_within.total_seconds()
        tab.post({"t": "deleted", "conversation": str(conversation), "title": title, "seconds": seconds})
        await self._showing.show_everywhere(tab, conversation)
        await self._tell(tab, conversation)

    async def _tell(self, tab: Tab, conversation: ConversationId) -> None:
        """Send the person's list anew, and everybody's where the conversation is in theirs, too."""
        self._hub.list_changed(tab.user.id)
        if await self._sharing.share_of(tab.user, conversation) is not None:
            self._hub.lists_changed()

    async def _rename_folder(self, tab: Tab, frame: Frame) -> None:
        await self._shelf.rename_folder(
            tab.user, FolderId(required_uuid(frame, "folder")), text_in(frame, "name") or ""
        )
        self._hub.list_changed(tab.user.id)

    async def _delete_folder(self, tab: Tab, frame: Frame) -> None:
        await self._shelf.delete_folder(tab.user, FolderId(required_uuid(frame, "folder")))
        self._hub.list_changed(tab.user.id)

    async def _view(self, tab: Tab, frame: Frame) -> None:
        try:
            tab.view = View(text_in(frame, "view") or View.DESK)
        except ValueError as error:
            raise BadFrame("no such view") from error
        tab.list_limit = LIST_STEP
        await self._hub.send_list(tab)

    async def _more(self, tab: Tab, _: Frame) -> None:
        tab.list_limit += LIST_STEP
        await self._hub.send_list(tab)
