"""Our own exports: one conversation as JSON, or all that belongs to an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatui.conversations.importing.fields import id_of, list_of, mapping_of, moment_of, name_of, text_of, whole_of
from chatui.conversations.importing.origin import Node, Origin, Speaker
from chatui.domain.messages import Role
from storage.tables import MessageState

FORMAT: Final = "samovar-conversation"
_SPEAKERS: Final = {Role.USER.value: Speaker.PERSON, Role.ASSISTANT.value: Speaker.MODEL}
_MOST_TOKENS: Final = 2**31 - 1


def is_own(told: Mapping[str, Any]) -> bool:
    """Tell whether an object is a conversation of a Samovar's: by itself, or among all that belongs to an account."""
    return isinstance(told.get("messages"), list) and (told.get("format") == FORMAT or "leaf_id" in told)


def read_own(told: Mapping[str, Any]) -> Origin:
    """Read one conversation."""
    return Origin(
        key=f"samovar:{id_of(told.get('id')) or ''}",
        nodes=[_node(str(at), mapping_of(node)) for at, node in enumerate(list_of(told.get("messages")))],
        shown=id_of(told.get("shown")) or id_of(told.get("leaf_id")),
        title=name_of(told.get("title")),
        model=name_of(told.get("model")),
        created_at=moment_of(told.get("created_at")),
        updated_at=moment_of(told.get("updated_at")),
        pinned=told.get("pinned") is True,
        archived=told.get("archived") is True,
    )


def _node(place: str, message: Mapping[str, Any]) -> Node:
    speaker = _SPEAKERS.get(text_of(message.get("role")), Speaker.NOBODY)
    answers = speaker is Speaker.MODEL
    return Node(
        id=id_of(message.get("id")) or place,
        parent=id_of(message.get("parent")) or id_of(message.get("parent_id")),
        speaker=speaker,
        text=text_of(message.get("content")),
        thinking=text_of(message.get("thinking")) if answers else "",
        model=name_of(message.get("model")),
        at=moment_of(message.get("created_at")),
        state=_state(message.get("state")) if answers else MessageState.COMPLETE,
        rating=whole_of(message.get("rating"), -1, 1) or None if answers else None,
        output_tokens=whole_of(message.get("output_tokens"), 0, _MOST_TOKENS),
    )


def _state(told: object) -> MessageState:
    """How whole an answer is; one that was under way when it was exported ended there."""
    try:
        state = MessageState(text_of(told))
    except ValueError:
        return MessageState.COMPLETE
    return MessageState.INTERRUPTED if state in {MessageState.WAITING, MessageState.STREAMING} else state
