"""From a person's conversations to the list that is shown: pure. The shapes are the live line's protocol."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from chatui.conversations.shelf import Contents, View
from chatui.domain.messages import UserId
from chatui.web.frames import Frame
from chatui.web.wording import Wording
from storage.shares import Link
from storage.tables import Conversation


def show_list(contents: Contents, me: UserId, states: Mapping[str, str], words: Wording, today: date) -> Frame:
    """The list, each part the last used first; `states` tells by id what is being answered.

    `group` is the heading of the day under which a conversation lies that is in no folder and not pinned. `link` is the
    share of one that is shared, `by` whose it is where it is not one's own: then its `id` is the link's, too.
    """
    links = {link.conversation.id: link for link in contents.links}
    shared = [link.conversation for link in contents.links] if contents.view is View.SHARED else []

    def item(row: Conversation) -> Frame:
        group, link = words.group(row.updated_at.astimezone().date(), today), links.get(row.id)
        return _lent(link, group) if link and link.owner != me else _item(row, link, states, group)

    return {
        "t": "conversations",
        "view": contents.view,
        "items": [item(row) for row in (*contents.kept, *contents.recent, *shared)],
        "folders": [{"id": str(folder.id), "name": folder.name} for folder in contents.folders],
        "more": contents.more,
        "archived": contents.archived,
        "shared": contents.shared,
    }


def _item(conversation: Conversation, link: Link | None, states: Mapping[str, str], group: str) -> Frame:
    return {
        "id": str(conversation.id),
        "title": conversation.title,
        "group": group,
        "pinned": conversation.pinned,
        "archived": conversation.archived,
        "folder": str(conversation.folder_id) if conversation.folder_id else None,
        "state": states.get(str(conversation.id)) or ("ready" if conversation.unread else None),
        "link": str(link.share) if link else None,
        "by": None,
    }


def _lent(link: Link, group: str) -> Frame:
    """What somebody else shares, without how they keep it."""
    return {
        "id": str(link.share),
        "title": link.conversation.title,
        "group": group,
        "pinned": False,
        "archived": False,
        "folder": None,
        "state": None,
        "link": str(link.share),
        "by": link.name,
    }
