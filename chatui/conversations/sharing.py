"""Conversations that are shared inside the team: everybody who is signed in may read them, nobody else changes them.

A reader sees the branch that its person sees, also what is added later and answers while they are written: a team
shares a chat to look at one thing together, and a frozen copy would be wrong by the next question. So that nobody adds
to it unawares, the page of its person says for as long that it is shared. Other branches, what answers were judged to
be, what is typed and how it is answered stay its person's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change, Store
from chatui.conversations.files.service import FileLimits, require_room
from chatui.conversations.reading import Piece, piece_before
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound
from chatui.domain.messages import ConversationId, MessageId, ShareId, UserId
from chatui.domain.people import Principal, User
from storage import attachments, conversations, messages, shares
from storage.database import Clocks
from storage.shares import Link
from storage.tables import Conversation

_LONGEST_BRANCH: Final = 10_000


@dataclass(frozen=True, slots=True)
class SharedChat:
    """What a reader gets of a shared conversation."""

    link: Link
    piece: Piece


class Sharing:
    """What everybody shares, and what everybody may read of it."""

    def __init__(self, store: Store, clocks: Clocks, limits: Callable[[], FileLimits] = FileLimits) -> None:
        self._store = store
        self._clocks = clocks
        self._limits = limits

    async def share(self, by: Principal, conversation_id: ConversationId) -> ShareId:
        """Let the team read a conversation; one that is shared already keeps its link."""
        require(by.user, Action.SHARE_CONVERSATION, Owned(by.user.id))

        def write(session: Session) -> ShareId:
            self._own(session, by.user, conversation_id)
            if (known := shares.share_of(session, by.user.id, conversation_id)) is not None:
                return ShareId(known)
            change = Change(session, self._clocks.now(), by.user.id, by.address)
            made = shares.add_share(session, conversation_id, change.at)
            change.audit(AuditAction.CONVERSATION_SHARED, by.user.id, share=str(made))
            return ShareId(made)

        return await self._store.write(write)

    async def unshare(self, by: Principal, conversation_id: ConversationId) -> None:
        """Let nobody else read a conversation any more; its link leads nowhere from now on, and never will again."""
        require(by.user, Action.UNSHARE_CONVERSATION, Owned(by.user.id))

        def write(session: Session) -> None:
            self._own(session, by.user, conversation_id)
            if (known := shares.share_of(session, by.user.id, conversation_id)) is not None:
                shares.delete_share(session, known)
                change = Change(session, self._clocks.now(), by.user.id, by.address)
                change.audit(AuditAction.CONVERSATION_UNSHARED, by.user.id, share=str(known))

        await self._store.write(write)

    async def share_of(self, by: User, conversation_id: ConversationId) -> ShareId | None:
        """Tell as what one's own conversation is shared; None where it is not."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))
        found = await self._store.read(lambda session: shares.share_of(session, by.id, conversation_id))
        return ShareId(found) if found else None

    async def find(self, by: User, share: ShareId) -> Link:
        """Find what a link leads to."""
        return await self._store.read(lambda session: _link(session, by, share))

    async def open(self, by: User, share: ShareId, limit: int) -> SharedChat:
        """Read the last `limit` messages of the branch that its person sees."""

        def read(session: Session) -> SharedChat:
            link = _link(session, by, share)
            return SharedChat(link, _without_others(piece_before(session, link.conversation.leaf_id, limit)))

        return await self._store.read(read)

    async def older(self, by: User, share: ShareId, before: MessageId, limit: int) -> Piece:
        """Read the last `limit` messages that come before one of the branch."""

        def read(session: Session) -> Piece:
            link = _link(session, by, share)
            path = messages.path_to(session, link.conversation.leaf_id) if link.conversation.leaf_id else []
            message = next((message for message in path if message.id == before), None)
            if message is None:
                raise NotFound
            return _without_others(piece_before(session, message.parent_id, limit))

        return await self._store.read(read)

    async def copy(self, by: User, share: ShareId) -> ConversationId:
        """Begin a conversation of one's own with what can be read, to go on with it.

        The files come along and count for who copies; raises `FileRefused` where they do not fit.
        """

        def write(session: Session) -> ConversationId:
            link = _link(session, by, share, Action.COPY_CONVERSATION)
            source, now = link.conversation, self._clocks.now()
            made = conversations.create_conversation(session, by.id, source.title, now, source.model)
            branch = messages.path_to(session, source.leaf_id, _LONGEST_BRANCH) if source.leaf_id else []
            copies = shares.copy_branch(session, branch, made.id)
            if copies:
                conversations.set_leaf(session, by.id, made.id, list(copies.values())[-1])
            require_room(session, by, _files_of(session, copies), self._limits())
            attachments.copy_beside(session, copies, by.id, made.id)
            return ConversationId(made.id)

        return await self._store.write(write)

    def _own(self, session: Session, by: User, conversation_id: ConversationId) -> Conversation:
        found = conversations.conversation_of(session, by.id, conversation_id)
        if found is None:
            raise NotFound
        return found


def _link(session: Session, by: User, share: UUID, action: Action = Action.READ_CONVERSATION) -> Link:
    """What a link leads to, for somebody who may: whoever is signed in may read it."""
    link = shares.link_of(session, share)
    if link is None:
        raise NotFound
    require(by, action, Owned(UserId(link.owner), frozenset({by.id})))
    return link


def _files_of(session: Session, messages: Collection[UUID]) -> Sequence[tuple[str, int]]:
    """The names and sizes of the files beside messages, each once."""
    beside = attachments.heads_of(session, messages).values()
    return [(head.name, head.size) for head in {head.id: head for heads in beside for head in heads}.values()]


def _without_others(piece: Piece) -> Piece:
    """Without what stands beside its messages: other branches are their person's."""
    return Piece(piece.messages, {}, piece.older, files=piece.files)
