"""From a person's conversations to the list that is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from chatui.conversations.shelf import Contents, View
from chatui.domain.messages import UserId
from chatui.web.listing import show_list
from chatui.web.wording.en import English
from storage.shares import Link
from storage.tables import Conversation, Folder

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)


ME = UserId(uuid4())


def conversation(days_ago: int, *, pinned: bool = False, unread: bool = False) -> Conversation:
    at = NOON - timedelta(days=days_ago)
    return Conversation(account_id=ME, title="Tea", created_at=at, updated_at=at, pinned=pinned, unread=unread)


def test_conversations_are_grouped_by_their_day_and_say_what_happens_in_them() -> None:
    rows = [conversation(days) for days in (0, 1, 5, 20, 60)]
    rows[1].unread = True
    contents = Contents(View.DESK, [], [], rows, more=True, archived=3)
    shown = show_list(contents, ME, {str(rows[0].id): "waiting"}, English(), TODAY)
    groups = [item["group"] for item in shown["items"]]
    assert groups == ["Today", "Yesterday", "Last 7 days", "Last 30 days", "September 2026"]
    assert [item["state"] for item in shown["items"]] == ["waiting", "ready", None, None, None]
    assert (shown["more"], shown["archived"], shown["view"]) == (True, 3, "desk")


def test_what_is_pinned_or_in_a_folder_comes_along_however_old() -> None:
    folder = Folder(account_id=uuid4(), name="Tea", created_at=NOON)
    kept = [conversation(400, pinned=True), conversation(500)]
    kept[1].folder_id = folder.id
    shown = show_list(Contents(View.DESK, [folder], kept, [], more=False, archived=0), ME, {}, English(), TODAY)
    assert [(item["pinned"], item["folder"]) for item in shown["items"]] == [(True, None), (False, str(folder.id))]
    assert shown["folders"] == [{"id": str(folder.id), "name": "Tea"}]


def test_what_is_shared_says_whose_it_is_and_nothing_of_how_they_keep_it() -> None:
    mine, theirs = conversation(0, pinned=True), conversation(1, pinned=True, unread=True)
    theirs.account_id = uuid4()
    theirs.folder_id = uuid4()
    links = [Link(uuid4(), row, row.account_id, name) for row, name in ((mine, "Ada"), (theirs, "Ben"))]
    contents = Contents(View.SHARED, [], [], [], more=False, archived=0, links=links, shared=2)
    shown = show_list(contents, ME, {}, English(), TODAY)
    own, other = shown["items"]
    assert (own["id"], own["link"], own["by"]) == (str(mine.id), str(links[0].share), None)
    assert (other["id"], other["link"], other["by"]) == (str(links[1].share), str(links[1].share), "Ben")
    assert (other["pinned"], other["folder"], other["state"]) == (False, None, None)
    assert str(theirs.id) not in str(shown)
    assert shown["shared"] == 2
