"""From a person's conversations to the list that is shown: pure. The shapes are the live line's protocol."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from chatui.conversations.shelf import Contents
from chatui.web.frames import Frame
from chatui.web.wording import Wording
from storage.tables import Conversation


def show_list(contents: Contents, states: Mapping[str, str], words: Wording, today: date) -> Frame:
    """The list, each part the last used first; `states` tells by id what is being answered.

    `group` is the heading of the day under which a conversation lies that is in no folder and not pinned.
    """
    rows = [*contents.kept, *contents.recent]
    return {
        "t": "conversations",
        "view": contents.view,
        "items": [_item(row, states, words.group(row.updated_at.astimezone().date(), today)) for row in rows],
        "folders": [{"id": str(folder.id), "name": folder.name} for folder in contents.folders],
        "more": contents.more,
        "archived": contents.archived,
    }


def _item(conversation: Conversation, states: Mapping[str, str], group: str) -> Frame:
    return {
        "id": str(conversation.id),
        "title": conversation.title,
        "group": group,
        "pinned": conversation.pinned,
        "archived": conversation.archived,
        "folder": str(conversation.folder_id) if conversation.folder_id else None,
        "state": states.get(str(conversation.id)) or ("ready" if conversation.unread else None),
    }
